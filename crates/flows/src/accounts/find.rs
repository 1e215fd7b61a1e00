//! Looking accounts up.

use signet_core::account::Account;
use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;
use signet_core::session::Session;
use signet_store::{AccountFilter, StoreError};

use super::AdministerError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;

impl Flows {
    /// Returns the account with this id.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn find_account(&self, id: AccountId) -> Result<Account, AdministerError> {
        let found = self.stores.accounts.account(id).await?;
        found.ok_or(AdministerError::UnknownAccount)
    }

    /// Returns what the account with this id signs in with.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn find_authenticators(
        &self,
        id: AccountId,
    ) -> Result<AuthenticatorSet, AdministerError> {
        let found = self.stores.authenticators.find(id).await?;
        found.ok_or(AdministerError::UnknownAccount)
    }

    /// Returns the account with this id to an administrator.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn read_account(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<Account, AdministerError> {
        let account = self.find_account(id).await?;
        events::emit(Event::AccountRead(id), caller);
        Ok(account)
    }

    /// Returns the sessions of an account to an administrator.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn read_account_sessions(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<Vec<Session>, AdministerError> {
        let account = self.find_account(id).await?;
        let sessions = self.account_sessions(&account).await?;
        events::emit(Event::SessionsRead(id), caller);
        Ok(sessions)
    }

    /// Emits an event for each account that was read with unreadable roles since the last call, and
    /// for each unreadable client.
    pub(crate) fn note_unreadable_rows(&self) {
        for backend in &self.stores.backends {
            for id in backend.newly_unreadable_roles() {
                events::emit(Event::RolesUnreadable(id), Caller::SYSTEM);
            }
            for id in backend.newly_unreadable_clients() {
                events::emit(Event::ClientUnreadable(&id), Caller::SYSTEM);
            }
        }
    }

    /// Returns to an administrator the accounts that `filter` admits, in the order of their ids, at
    /// most `limit`, from the first behind `after` on.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn list_accounts(
        &self,
        filter: &AccountFilter,
        after: Option<AccountId>,
        limit: u32,
        caller: Caller<'_>,
    ) -> Result<Vec<Account>, StoreError> {
        let accounts = self.stores.accounts.list(filter, after, limit).await?;
        events::emit(Event::AccountsListed, caller);
        Ok(accounts)
    }
}
