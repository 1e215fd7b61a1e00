//! Everything that is stored about the caller's account.

use signet_core::account::Account;
use signet_core::authenticators::Authenticators;
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
    pub authenticators: Authenticators,
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
        let authenticators = self.stores.authenticators.find(account.id).await?;
        Ok(OwnData {
            authenticators: authenticators.ok_or(OwnAccountError::SessionEnded)?,
            sessions: self.account_sessions(&account).await?,
            consents: self.own_consents(bearer).await?,
            account,
        })
    }
}
