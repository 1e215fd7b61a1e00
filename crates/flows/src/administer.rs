//! What administrators do with accounts and their sessions.

use signet_core::account::{Account, AccountStatus};
use signet_core::ids::{AccountId, SessionId};
use signet_store::{Change, Changed, StoreError};

use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;

/// Why something was not done with an account.
#[derive(Debug, thiserror::Error)]
pub enum AdministerError {
    /// There is no account with this id.
    #[error("there is no account with this id")]
    UnknownAccount,
    /// The account has no such session.
    #[error("the account has no such session")]
    UnknownSession,
    /// The account was changed too often meanwhile.
    #[error("the account was changed too often meanwhile")]
    Contended,
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

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

    /// Switches an account off and ends its sessions.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn disable_account(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<Account, AdministerError> {
        let change = Change::Status(AccountStatus::Disabled);
        self.change_account(id, &change).await?;
        events::emit(Event::AccountDisabled(id), caller);
        self.find_account(id).await
    }

    /// Switches an account on again, if it is off.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn enable_account(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<Account, AdministerError> {
        let account = self.find_account(id).await?;
        if account.standing.status == AccountStatus::Active {
            return Ok(account);
        }
        let change = Change::Status(AccountStatus::Active);
        self.change_account(id, &change).await?;
        events::emit(Event::AccountEnabled(id), caller);
        self.find_account(id).await
    }

    /// Ends every session of an account.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn end_account_sessions(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<(), AdministerError> {
        self.change_account(id, &Change::LogOutEverywhere).await?;
        events::emit(Event::LoggedOutEverywhere(id), caller);
        Ok(())
    }

    /// Ends one session of an account.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn end_account_session(
        &self,
        session: (AccountId, SessionId),
        caller: Caller<'_>,
    ) -> Result<(), AdministerError> {
        if self.end_living_session(session, caller).await? {
            Ok(())
        } else {
            Err(AdministerError::UnknownSession)
        }
    }

    /// Makes a change that ends every session of an account, whatever its owner does meanwhile.
    async fn change_account(&self, id: AccountId, change: &Change) -> Result<(), AdministerError> {
        for _ in 0..MAX_ATTEMPTS {
            let epoch = self.find_account(id).await?.standing.epoch;
            if let Changed::Done(ending) = self.stores.accounts.change(id, epoch, change).await? {
                self.finish_or_leave(ending).await;
                return Ok(());
            }
        }
        Err(AdministerError::Contended)
    }
}

/// Only endings of everything compete, and an account rarely has many of them.
const MAX_ATTEMPTS: usize = 5;
