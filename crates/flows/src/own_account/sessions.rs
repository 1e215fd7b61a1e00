//! The sessions of an account: listing them and ending one.

use signet_core::account::Account;
use signet_core::ids::SessionId;
use signet_core::session::Session;
use signet_store::StoreError;

use super::OwnAccountError;
use crate::bearer::SessionBearer;
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};

impl Flows {
    /// The sessions of the caller's account that can still be refreshed, the newest first.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn own_sessions(
        &self,
        bearer: SessionBearer,
    ) -> Result<Vec<Session>, OwnAccountError> {
        let account = self.own_account(bearer).await?;
        Ok(self.account_sessions(&account).await?)
    }

    /// The sessions of an account that can still be refreshed, the newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub(crate) async fn account_sessions(
        &self,
        account: &Account,
    ) -> Result<Vec<Session>, StoreError> {
        let now = self.clock.now();
        let mut sessions = self.stores.sessions.list(account.id, now).await?;
        let standing = account.standing;
        sessions.retain(|session| standing.admits(session.id, session.grant.epoch));
        Ok(sessions)
    }

    /// Ends one session of the caller's account.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError::NoSuchSession`] when it is not one of the caller's own.
    pub async fn end_own_session(
        &self,
        bearer: SessionBearer,
        id: SessionId,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        let account_id = bearer.account_id();
        let caller = Caller::account(account_id, origin);
        if self.end_living_session((account_id, id), caller).await? {
            Ok(())
        } else {
            Err(OwnAccountError::NoSuchSession)
        }
    }
}
