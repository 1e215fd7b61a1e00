//! Disabling and enabling accounts.

use signet_core::account::{Account, AccountStatus};
use signet_core::ids::AccountId;

use super::{AccountChange, AdministerError};
use crate::flows::Flows;
use crate::origin::Caller;

impl Flows {
    /// Disables an account and ends its sessions.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn disable_account(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<Account, AdministerError> {
        self.set_status(id, AccountStatus::Disabled, caller).await
    }

    /// Enables an account again, if it is disabled. If it has no way to sign in, it becomes invited.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn enable_account(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<Account, AdministerError> {
        self.set_status(id, AccountStatus::Active, caller).await
    }

    async fn set_status(
        &self,
        id: AccountId,
        status: AccountStatus,
        caller: Caller<'_>,
    ) -> Result<Account, AdministerError> {
        let change = AccountChange {
            status: Some(status),
            ..AccountChange::default()
        };
        self.update_account(id, &change, caller).await
    }
}
