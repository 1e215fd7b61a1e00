//! Values that can be used once, such as the `jti` of a client assertion.

use async_trait::async_trait;
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// Remembers which values have been used.
///
/// Promises: of concurrent claims of one value, from any process, at most one returns
/// [`Claimed::First`] until its `until`. Afterwards the result is unspecified.
#[async_trait]
pub trait OneTimeValues: Send + Sync {
    /// Claims a value at `now`. The claim is stored until `until`.
    async fn claim(
        &self,
        value: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Claimed, StoreError>;

    /// Removes at most `limit` values that have expired at `now`. Returns how many.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// The result of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claimed {
    /// This is the first claim of the value.
    First,
    /// The value was claimed before.
    Again,
}
