//! Accounts: who is registered, with which password, and at which epoch.

use async_trait::async_trait;
use signet_core::account::{Account, AccountStatus, Email, Epoch, EpochStep, KeptSession};
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::Role;
use signet_core::password::PasswordHash;

use crate::error::StoreError;

/// Remembers accounts.
///
/// Promises: a write that was answered `Ok` survives a crash of the process and of the machine. An
/// email address, compared by its lookup key, belongs to at most one account. An epoch only grows, in
/// the same transaction as the change that ends sessions.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Adds an account unless its email address is taken.
    async fn create(&self, credentials: &Credentials) -> Result<Created, StoreError>;

    /// Returns the account with this address, with its password hash.
    async fn by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError>;

    /// Returns the account with this id, without its password hash. A deleted account is never
    /// returned.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// Returns the account with this id, with its password hash. A deleted account is never returned.
    async fn by_id(&self, id: AccountId) -> Result<Option<Credentials>, StoreError>;

    /// Returns at most `limit` accounts that `filter` admits and whose ids follow `after`, in the
    /// order of the ids.
    async fn list(
        &self,
        filter: &AccountFilter,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError>;

    /// Makes a change that ends every session made before it, if the account is still at the epoch
    /// that `step` begins at. The change, the next epoch, the session that is kept (none unless the change
    /// names one) and the note that endings are pending are one transaction.
    async fn change(
        &self,
        id: AccountId,
        step: EpochStep,
        change: &EndingChange,
    ) -> Result<Changed, StoreError>;

    /// Replaces a password hash by another of the same password, if `old` is still stored. Ends
    /// nothing. Returns whether it was replaced.
    async fn rehash(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError>;

    /// Returns at most `limit` endings that have not been reported done, the oldest first.
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

/// An account and its password hash.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// The hash of its password; `None` when it has no password.
    pub password_hash: Option<PasswordHash>,
}

/// The result of adding an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Created {
    /// It was added.
    Added,
    /// Another account has the email address.
    EmailTaken,
}

/// A change that ends every session made before it.
#[derive(Clone, Debug)]
pub enum EndingChange {
    /// A new password.
    Password {
        /// Its hash.
        hash: PasswordHash,
        /// The session that continues, if there is one.
        kept: Option<KeptSession>,
    },
    /// Ends all sessions and changes nothing else.
    LogOutEverywhere,
    /// Ends all sessions except this one and changes nothing else.
    LogOutOthers(KeptSession),
    /// Deletes the account. Its address is free immediately.
    Delete,
}

impl EndingChange {
    /// The session that continues, if there is one.
    pub(crate) fn kept(&self) -> Option<KeptSession> {
        match self {
            Self::Password { kept, .. } => *kept,
            Self::LogOutOthers(kept) => Some(*kept),
            Self::LogOutEverywhere | Self::Delete => None,
        }
    }
}

/// The result of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Changed {
    /// The change was made. These sessions must end.
    Done(PendingEnding),
    /// The account was deleted or is at another epoch. Nothing was changed.
    Lost,
}

/// Sessions that a stored change has ended and whose records may still exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PendingEnding {
    /// Whose sessions.
    pub account_id: AccountId,
    /// Sessions of an earlier epoch are over; [`Epoch::END`] for a deleted account.
    pub before: Epoch,
    /// The session that continues, if there is one.
    pub kept: Option<KeptSession>,
}

impl PendingEnding {
    /// Whether a session of the account that was made at `epoch` is over.
    pub fn ends(&self, session: SessionId, epoch: Epoch) -> bool {
        epoch < self.before && !self.kept.is_some_and(|kept| kept.is(session, epoch))
    }
}
