//! How times and epochs are written in columns: databases have no unsigned integers.

use signet_core::account::Epoch;
use signet_verifier::Timestamp;

use crate::error::ImpossibleRow;

/// A time in milliseconds. No time that matters is later than the last one that fits.
pub(crate) fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

/// The time that a column holds.
pub(crate) fn timestamp(millis: i64) -> Result<Timestamp, ImpossibleRow> {
    u64::try_from(millis)
        .map(Timestamp::from_millis)
        .map_err(|_| ImpossibleRow("a time before 1970"))
}

/// The number of an epoch.
pub(crate) fn epoch_number(epoch: Epoch) -> i64 {
    i64::from(epoch.number())
}

/// The epoch that a column holds.
pub(crate) fn epoch(number: i64) -> Result<Epoch, ImpossibleRow> {
    u32::try_from(number)
        .map(Epoch::from_number)
        .map_err(|_| ImpossibleRow("an epoch out of range"))
}
