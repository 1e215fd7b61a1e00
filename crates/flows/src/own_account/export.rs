//! Everything that is stored about the caller's account.

use signet_core::account::Account;
use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;
use signet_core::session::Session;

use super::{GivenConsent, OwnAccountError};
use crate::bearer::SessionBearer;
use crate::flows::Flows;

/// Everything that is stored about an account.
#[derive(Debug)]
pub struct OwnData {
    /// The account.
    pub account: Account,
    /// What it signs in with.
    pub authenticators: AuthenticatorSet,
    /// Its sessions that can still be refreshed, the newest first.
    pub sessions: Vec<Session>,
    /// What it has allowed clients.
    pub consents: Vec<GivenConsent>,
}

impl Flows {
    /// Everything that is stored about the caller's account.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn own_data(&self, bearer: SessionBearer) -> Result<OwnData, OwnAccountError> {
        let account = self.own_account(bearer).await?;
        Ok(OwnData {
            authenticators: self.account_authenticators(account.id).await?,
            sessions: self.account_sessions(&account).await?,
            consents: self.account_consents(account.id).await?,
            account,
        })
    }

    /// What the caller's account signs in with.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn own_authenticators(
        &self,
        bearer: SessionBearer,
    ) -> Result<AuthenticatorSet, OwnAccountError> {
        let account = self.own_account(bearer).await?;
        self.account_authenticators(account.id).await
    }

    async fn account_authenticators(
        &self,
        account_id: AccountId,
    ) -> Result<AuthenticatorSet, OwnAccountError> {
        let found = self.stores.authenticators.find(account_id).await?;
        found.ok_or(OwnAccountError::SessionEnded)
    }
}
