//! Profiles: changes of an account that its password has no part in.

use async_trait::async_trait;
use signet_core::account::Account;

use crate::accounts::PendingEnding;
use crate::error::StoreError;

/// Updates accounts: address, name, roles, claims and status.
///
/// Promises: an update is made whole or not at all. Of concurrent updates of one version, from any
/// process, at most one is made. An address, compared by its lookup key, belongs to at most one
/// account at any time. When the epoch grows, the note that endings are pending is part of the
/// same transaction.
#[async_trait]
pub trait Profiles: Send + Sync {
    /// Replaces `previous` by `next`, if the stored account still has the version and the epoch of
    /// `previous`. The id, the time of creation and the password stay as they are. When the epoch of
    /// `next` is later, every session from before is over.
    async fn update(&self, previous: &Account, next: &Account) -> Result<Updated, StoreError>;
}

/// What became of an update.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Updated {
    /// It was made; these sessions are to be ended, if the epoch grew.
    Done(Option<PendingEnding>),
    /// Another account has the address; nothing was changed.
    EmailTaken,
    /// The account is gone or was changed meanwhile; nothing was changed.
    Lost,
}

/// What an update ends.
pub(crate) fn ending(previous: &Account, next: &Account) -> Option<PendingEnding> {
    let grows = next.standing.epoch > previous.standing.epoch;
    grows.then_some(PendingEnding {
        account_id: next.id,
        before: next.standing.epoch,
        kept: None,
    })
}
