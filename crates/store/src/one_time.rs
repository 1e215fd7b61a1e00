//! Values that are used once: whoever claims one first has it.

use async_trait::async_trait;
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// Remembers which values have been used.
///
/// Promises: of all claims of one value, whoever makes them and at once too, at most one comes
/// first until the time that the first one gave; what is answered after that time is open.
#[async_trait]
pub trait OneTimeValues: Send + Sync {
    /// Claims a value at `now`, to be remembered until `until`.
    async fn claim(
        &self,
        value: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Claimed, StoreError>;

    /// Removes values past their time at `now`, at most `limit`; says how many.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claimed {
    /// Nobody has claimed the value before.
    First,
    /// Somebody has.
    Again,
}
