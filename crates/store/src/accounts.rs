//! Accounts: who is registered, with which password, and at which epoch.

use async_trait::async_trait;
use signet_core::account::{Account, AccountStatus, Email, Epoch, KeptSession};
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::Role;
use signet_core::password::PasswordHash;

use crate::error::StoreError;

/// Remembers accounts.
///
/// Promises: what was answered `Ok` survives the death of the process and of the machine; an
/// email address, compared by its lookup key, belongs to at most one account at any time; an
/// epoch only grows, in the same transaction as the change that ends sessions.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Adds an account unless its email address is taken.
    async fn create(&self, credentials: &Credentials) -> Result<Created, StoreError>;

    /// The account with this address, with its password hash.
    async fn by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError>;

    /// The account with this id, with its password hash. A deleted account is gone at once.
    async fn by_id(&self, id: AccountId) -> Result<Option<Credentials>, StoreError>;

    /// Accounts that `filter` admits, in the order of their ids, at most `limit`, from the first
    /// behind `after` on.
    async fn list(
        &self,
        filter: &AccountFilter,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError>;

    /// Makes a change that ends every session made before it, if the account is still at epoch
    /// `expected`. The change, the next epoch, the session that is kept (none unless the change
    /// names one) and the note that endings are pending are one transaction.
    async fn change(
        &self,
        id: AccountId,
        expected: Epoch,
        change: &Change,
    ) -> Result<Changed, StoreError>;

    /// Replaces a password hash by one of the same password, if `old` is still the stored one;
    /// ends nothing. Says whether it did.
    async fn rehash(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError>;

    /// Changes whose endings have not been reported done, at most `limit`, oldest first.
    async fn pending_endings(&self, limit: u32) -> Result<Vec<PendingEnding>, StoreError>;

    /// Notes that every session from before `ending` has been ended. A later change stays pending.
    async fn endings_done(&self, ending: PendingEnding) -> Result<(), StoreError>;
}

/// Which accounts to list. Empty, it admits every account.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountFilter {
    /// Only the account with this address.
    pub email: Option<Email>,
    /// Only accounts with this role.
    pub role: Option<Role>,
    /// Only accounts in this state.
    pub status: Option<AccountStatus>,
}

impl AccountFilter {
    /// Whether the filter admits an account.
    pub fn admits(&self, account: &Account) -> bool {
        let email = self.email.as_ref();
        let role = self.role.as_ref();
        let status = self.status;
        email.is_none_or(|email| email.lookup_key() == account.email.lookup_key())
            && role.is_none_or(|role| account.roles.contains(role))
            && status.is_none_or(|status| account.standing.status == status)
    }

    /// The one account that an address leads to, if the rest of the filter admits it.
    pub(crate) fn pick(
        &self,
        found: Option<Credentials>,
        after: Option<AccountId>,
    ) -> Vec<Account> {
        let account = found.map(|found| found.account);
        let account = account.filter(|account| self.admits(account));
        let account = account.filter(|account| after.is_none_or(|after| account.id > after));
        account.into_iter().collect()
    }
}

/// An account together with what its password is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// The hash of its password; `None` when it has no password.
    pub password_hash: Option<PasswordHash>,
}

/// What became of an attempt to add an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Created {
    /// It was added.
    Added,
    /// Another account has the email address.
    EmailTaken,
}

/// A change that ends every session made before it.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new password.
    Password {
        /// Its hash.
        hash: PasswordHash,
        /// The session that goes on, if there is one.
        kept: Option<KeptSession>,
    },
    /// Nothing but the ending: log out everywhere.
    LogOutEverywhere,
    /// Whether the account may sign in.
    Status(AccountStatus),
    /// The account goes away, and its address is free again at once.
    Delete,
}

impl Change {
    /// The session that goes on, if there is one.
    pub(crate) fn kept(&self) -> Option<KeptSession> {
        match self {
            Self::Password { kept, .. } => *kept,
            Self::LogOutEverywhere | Self::Status(_) | Self::Delete => None,
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It was made; these sessions are to be ended.
    Done(PendingEnding),
    /// The account is gone or at another epoch; nothing was changed.
    Lost,
}

/// Sessions that a durable change has ended, and whose records may still be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PendingEnding {
    /// Whose sessions.
    pub account_id: AccountId,
    /// Sessions of an earlier epoch are over; [`Epoch::END`] for a deleted account.
    pub before: Epoch,
    /// The session that goes on, if there is one.
    pub kept: Option<KeptSession>,
}

impl PendingEnding {
    /// Whether a session of the account that was made at `epoch` is over.
    pub fn ends(&self, session: SessionId, epoch: Epoch) -> bool {
        epoch < self.before && !self.kept.is_some_and(|kept| kept.is(session, epoch))
    }
}
