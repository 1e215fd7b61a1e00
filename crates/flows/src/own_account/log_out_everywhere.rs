//! Every session of the caller's account ends.

use signet_store::{Change, PendingEnding};

use super::{Outcome, OwnAccountError};
use crate::bearer::{EndingBearer, SessionBearer};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::retry::{Round, until_done};

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
        let credentials = self.own_credentials(bearer).await?;
        until_done(
            OwnAccountError::Contended,
            credentials,
            |found| async move {
                let change = Change::LogOutEverywhere;
                match self.change_own(bearer, &found, &change, None).await? {
                    Outcome::Made(pending) => Ok(Round::Done(pending)),
                    Outcome::Overtaken(found) => Ok(Round::Overtaken(found)),
                }
            },
        )
        .await
    }
}
