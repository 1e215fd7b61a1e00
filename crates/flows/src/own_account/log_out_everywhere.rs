//! Every session of the caller's account ends.

use signet_store::{Change, PendingEnding};

use super::{Outcome, OwnAccountError};
use crate::bearer::{EndingBearer, SessionBearer};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};

impl Flows {
    /// Ends every session of the caller's account. When it returns, the ending is durable.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn log_out_everywhere(
        &self,
        bearer: EndingBearer,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        let pending = self.end_everything(bearer.bearer()).await?;
        self.finish_or_leave(pending).await;
        let id = pending.account_id;
        events::emit(Event::LoggedOutEverywhere(id), Caller::account(id, origin));
        Ok(())
    }

    /// If another change comes first and keeps the caller's session, the caller still wants that
    /// session to end.
    async fn end_everything(
        &self,
        bearer: SessionBearer,
    ) -> Result<PendingEnding, OwnAccountError> {
        let mut credentials = self.own_credentials(bearer).await?;
        for _ in 0..MAX_ATTEMPTS {
            let change = Change::LogOutEverywhere;
            match self.change_own(bearer, &credentials, &change, None).await? {
                Outcome::Made(pending) => return Ok(pending),
                Outcome::Overtaken(found) => credentials = found,
            }
        }
        Err(OwnAccountError::Contended)
    }
}

/// Only changes of the password by the caller's own session compete, and each takes an argon2 run.
const MAX_ATTEMPTS: usize = 10;
