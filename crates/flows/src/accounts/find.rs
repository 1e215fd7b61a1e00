//! Looking accounts up.

use signet_core::account::Account;
use signet_core::authenticators::Authenticators;
use signet_core::ids::AccountId;
use signet_store::{AccountFilter, StoreError};

use super::AdministerError;
use crate::flows::Flows;

impl Flows {
    /// The account with this id.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn find_account(&self, id: AccountId) -> Result<Account, AdministerError> {
        let found = self.stores.accounts.by_id(id).await?;
        Ok(found.ok_or(AdministerError::UnknownAccount)?.account)
    }

    /// What the account with this id signs in with.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn find_authenticators(
        &self,
        id: AccountId,
    ) -> Result<Authenticators, AdministerError> {
        let found = self.stores.authenticators.find(id).await?;
        found.ok_or(AdministerError::UnknownAccount)
    }

    /// The accounts that `filter` admits, in the order of their ids, at most `limit`, from the
    /// first behind `after` on.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn list_accounts(
        &self,
        filter: &AccountFilter,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        self.stores.accounts.list(filter, after, limit).await
    }
}
