//! Invitations: in the database, never in Redis.

use async_trait::async_trait;
use signet_core::account::{Account, Email};
use signet_core::ids::InvitationId;
use signet_core::invitation::Invitation;
use signet_core::one_time_token::OneTimeDigest;
use signet_verifier::Timestamp;

use crate::accounts::{Created, Credentials};
use crate::error::StoreError;
use crate::outbox::QueuedMail;

/// Remembers invitations until they are accepted, removed or expired.
///
/// Promises: what was answered `Ok` survives the death of the process and of the machine. An
/// address has at most one invitation. Of all concurrent `accept` calls for one invitation, from any
/// process, at most one is done. An invitation of a deleted account is gone from the same moment. A
/// mail is stored if and only if its invitation is.
#[async_trait]
pub trait Invitations: Send + Sync {
    /// Stores an invitation in the place of an earlier one for the same address. Returns `false`
    /// if it names an account that does not exist.
    async fn put(
        &self,
        invitation: &Invitation,
        mail: Option<&QueuedMail>,
    ) -> Result<bool, StoreError>;

    /// Adds an account and the invitation that activates it.
    async fn create(
        &self,
        credentials: &Credentials,
        invitation: &Invitation,
        mail: Option<&QueuedMail>,
    ) -> Result<Created, StoreError>;

    /// Returns an invitation and leaves it in place; `None` if it is unknown or expired.
    async fn find(
        &self,
        digest: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError>;

    /// Returns the invitation of an address, in any case of its letters; `None` if it has none or
    /// the invitation has expired.
    async fn by_email(
        &self,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError>;

    /// Returns at most `limit` invitations that have not expired and whose ids follow `after`, in
    /// the order of the ids.
    async fn list(
        &self,
        after: Option<InvitationId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError>;

    /// Uses an invitation up: adds its account, or activates it.
    async fn accept(
        &self,
        digest: OneTimeDigest,
        acceptance: &Acceptance,
        now: Timestamp,
    ) -> Result<Accepted, StoreError>;

    /// Removes an invitation. Returns whether there was one.
    async fn remove(&self, id: InvitationId) -> Result<bool, StoreError>;

    /// Removes invitations that have expired at `now`, at most `limit`; returns how many.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// What accepting an invitation changes.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The invited account as it was read; `None` to add a new one.
    pub previous: Option<Account>,
    /// The account from then on, at the same epoch, with its password.
    pub next: Credentials,
}

/// The result of accepting an invitation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accepted {
    /// The account is set up, and the invitation is used up.
    Done,
    /// The invitation is gone, the address taken, or the account was changed. Nothing was changed.
    Lost,
}
