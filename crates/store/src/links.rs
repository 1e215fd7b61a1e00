//! One-time links that must survive a restart: in the database, never in Redis.

use async_trait::async_trait;
use signet_core::link::Link;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// Remembers links until they are taken or expire.
///
/// Promises: what was answered `Ok` survives the death of the process and of the machine. Of all
/// concurrent `take` calls for one link, from any process, at most one returns it. An account has
/// at most one link for each purpose. A deleted account has none from the same moment.
#[async_trait]
pub trait Links: Send + Sync {
    /// Stores a link in the place of an earlier one of the same account and purpose. Returns
    /// whether there is such an account.
    async fn put(&self, link: &Link) -> Result<bool, StoreError>;

    /// Returns a link and leaves it in place; `None` when it is unknown, taken or expired.
    async fn find(
        &self,
        purpose: OneTimePurpose,
        digest: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Link>, StoreError>;

    /// Removes a link and returns it; `None` when it is unknown, taken or expired.
    async fn take(
        &self,
        purpose: OneTimePurpose,
        digest: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Link>, StoreError>;

    /// Removes links that have expired at `now`, at most `limit`; returns how many.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
