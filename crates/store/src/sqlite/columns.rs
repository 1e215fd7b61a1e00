//! How values are written in columns.

use signet_verifier::Timestamp;

/// A time as a column: SQLite has no unsigned integers, and no time that matters is that late.
pub(super) fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}
