//! The value of a session: what scripts compare, then the packed record.
//!
//! `version` u64, `epoch` u32, `expires_at` u64 milliseconds, all big-endian, then the record of
//! [`crate::packed`]. The scripts read these 20 bytes and nothing behind them.

use std::time::Duration;

use signet_core::ids::{AccountId, SessionId};
use signet_core::session::Session;
use signet_verifier::Timestamp;

use super::fault::RedisFault;
use crate::packed::{pack, unpack};

/// The value as it is stored.
pub(super) fn write(session: &Session) -> Result<Vec<u8>, RedisFault> {
    let packed = pack(session)?;
    let mut value = Vec::with_capacity(HEADER_BYTES + packed.len());
    value.extend_from_slice(&version(session.version));
    value.extend_from_slice(&session.grant.epoch.number().to_be_bytes());
    value.extend_from_slice(&millis(session.lifetime.expires_at()));
    value.extend_from_slice(&packed);
    Ok(value)
}

/// The session that a value holds.
pub(super) fn read(
    account_id: AccountId,
    id: SessionId,
    value: &[u8],
) -> Result<Session, RedisFault> {
    let Some((header, packed)) = value.split_first_chunk::<HEADER_BYTES>() else {
        return Err(RedisFault::Impossible("a value that is too short"));
    };
    let session = unpack(account_id, id, packed)?;
    if header.starts_with(&version(session.version)) {
        Ok(session)
    } else {
        Err(RedisFault::Impossible("a version that is not the record's"))
    }
}

/// A version as a value begins with it.
pub(super) fn version(version: u64) -> [u8; 8] {
    version.to_be_bytes()
}

/// A time as values and denials hold it.
pub(super) fn millis(at: Timestamp) -> [u8; 8] {
    at.as_millis().to_be_bytes()
}

/// After how many milliseconds from `now` a value that counts until `end` is garbage. The server
/// counts them by its own clock, so an hour is added: nothing that counts may go early.
pub(super) fn garbage_after_ms(now: Timestamp, end: Timestamp) -> u64 {
    let lives = end.saturating_since(now).min(LONGEST_LIFE);
    u64::try_from((lives + GARBAGE_SLACK).as_millis()).unwrap_or(u64::MAX)
}

const HEADER_BYTES: usize = 8 + 4 + 8;

const GARBAGE_SLACK: Duration = Duration::from_hours(1);

/// A hundred years: whatever a clock says, Redis accepts the sum of its own time and this.
const LONGEST_LIFE: Duration = Duration::from_hours(100 * 365 * 24);
