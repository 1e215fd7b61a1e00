//! Ending sessions of other people.

use signet_core::ids::{AccountId, SessionId};
use signet_store::EndingChange;

use super::AdministerError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;

impl Flows {
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
        self.change_account(id, &EndingChange::LogOutEverywhere)
            .await?;
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
}
