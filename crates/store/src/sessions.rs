//! Sessions: one packed record each, changed by compare-and-swap only.

use async_trait::async_trait;
use signet_core::ids::{AccountId, SessionId};
use signet_core::session::Session;
use signet_verifier::Timestamp;

use crate::accounts::PendingEnding;
use crate::error::StoreError;

/// Remembers sessions.
///
/// Promises:
///
/// - Of all swaps to one version, at most one is done.
/// - A session that was ended stays ended. No swap creates it again.
/// - Ending a session and denying its access tokens (see [`crate::DenyList`]) are one transaction.
/// - An expired session is never returned, whether its row was purged or not.
/// - SQLite keeps every write that was answered `Ok`. Redis keeps what its own settings promise.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Adds a session that begins at its `created_at`. If the account then has more than
    /// `max_sessions` that have not expired, ends the oldest others and denies their access tokens
    /// until `denied_until`.
    async fn create(
        &self,
        session: &Session,
        max_sessions: usize,
        denied_until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns the session, unless it has expired at `now`.
    async fn find(
        &self,
        account_id: AccountId,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError>;

    /// Replaces the stored record by `next` if the version of the stored one is one lower.
    async fn swap(&self, next: &Session) -> Result<Swapped, StoreError>;

    /// Ends a session: removes its record, if there is one, and denies its access tokens until
    /// `denied_until`. Returns whether there was a record. It is safe to repeat.
    async fn end(
        &self,
        account_id: AccountId,
        id: SessionId,
        denied_until: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends the sessions that `ending` names, except the kept one. Returns how many.
    async fn end_before(
        &self,
        ending: PendingEnding,
        denied_until: Timestamp,
    ) -> Result<usize, StoreError>;

    /// Returns the account's sessions that have not expired at `now`, the newest first.
    async fn list(&self, account_id: AccountId, now: Timestamp)
    -> Result<Vec<Session>, StoreError>;

    /// Removes at most `limit` records that have expired at `now`. Returns how many. If they are
    /// fewer than `limit`, the next call starts from the beginning. Redis removes expired records
    /// itself, so it returns 0.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// The result of a compare-and-swap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Swapped {
    /// The new record is stored.
    Done,
    /// Another request was faster, or the session has ended. Read it again.
    Lost,
}
