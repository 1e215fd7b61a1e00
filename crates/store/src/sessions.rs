//! Sessions: one packed record each, changed by compare-and-swap only.

use async_trait::async_trait;
use signet_core::ids::{AccountId, SessionId};
use signet_core::session::Session;
use signet_verifier::Timestamp;

use crate::accounts::PendingEnding;
use crate::error::StoreError;

/// Remembers sessions.
///
/// Promises: of all swaps to one version at most one is done; a session that was ended
/// is never there again, and no swap brings it back; ending a session and denying its access
/// tokens (see [`crate::DenyList`]) happen together or not at all; an expired session is not
/// there, whether its row has been purged or not. What survives a crash is what the backend's
/// durability setting says; SQLite keeps everything that was answered `Ok`.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Adds a session that has just begun, at its `created_at`. When the account then has more than
    /// `max_sessions` that have not expired, the others created first are ended and denied until
    /// `denied_until`; the new one stays.
    async fn create(
        &self,
        session: &Session,
        max_sessions: usize,
        denied_until: Timestamp,
    ) -> Result<(), StoreError>;

    /// The session, unless it has expired at `now`.
    async fn find(
        &self,
        account_id: AccountId,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError>;

    /// Replaces the record by `next` if the one that is there is its predecessor: its version is
    /// one lower.
    async fn swap(&self, next: &Session) -> Result<Swapped, StoreError>;

    /// Ends a session: removes its record, if there is one, and denies its access tokens until
    /// `denied_until`. Says whether there was a record. Doing it twice does no harm.
    async fn end(
        &self,
        account_id: AccountId,
        id: SessionId,
        denied_until: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends every session of the account from before an ending, except the one it keeps; says how
    /// many.
    async fn end_before(
        &self,
        ending: PendingEnding,
        denied_until: Timestamp,
    ) -> Result<usize, StoreError>;

    /// The account's sessions that have not expired at `now`, the newest first.
    async fn list(&self, account_id: AccountId, now: Timestamp)
    -> Result<Vec<Session>, StoreError>;

    /// Removes what has expired at `now`, at most `limit` rows; says how many. Fewer than `limit`
    /// means that it has reached the end; the next call begins anew. Where the backend collects
    /// its own garbage there is nothing to do.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// What became of a compare-and-swap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Swapped {
    /// The record is the new one.
    Done,
    /// Somebody else was first, or the record is gone: read again.
    Lost,
}
