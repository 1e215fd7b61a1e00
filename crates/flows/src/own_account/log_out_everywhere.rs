//! Every session of the caller's account ends, or every other one.

use signet_core::account::Standing;
use signet_store::{EndingChange, PendingEnding};

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
        self.end_sessions(bearer.bearer(), |_| EndingChange::LogOutEverywhere, origin)
            .await
    }

    /// Ends every session of the caller's account except the caller's. When it returns, the ending
    /// is durable.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn log_out_others(
        &self,
        bearer: SessionBearer,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        let keep =
            |standing: Standing| EndingChange::LogOutOthers(standing.keeping(bearer.session_id()));
        self.end_sessions(bearer, keep, origin).await
    }

    async fn end_sessions(
        &self,
        bearer: SessionBearer,
        change: impl Fn(Standing) -> EndingChange + Copy,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        let pending = self.end_durably(bearer, change).await?;
        self.finish_or_leave(pending).await;
        let id = pending.account_id;
        events::emit(Event::LoggedOutEverywhere(id), Caller::account(id, origin));
        Ok(())
    }

    /// If another change comes first and keeps the caller's session, the caller still wants this
    /// one.
    async fn end_durably(
        &self,
        bearer: SessionBearer,
        change: impl Fn(Standing) -> EndingChange + Copy,
    ) -> Result<PendingEnding, OwnAccountError> {
        let credentials = self.own_credentials(bearer).await?;
        until_done(
            OwnAccountError::Contended,
            credentials,
            |found| async move {
                let change = change(found.account.standing);
                match self.change_own(bearer, &found, &change, None).await? {
                    Outcome::Made(pending) => Ok(Round::Done(pending)),
                    Outcome::Overtaken(found) => Ok(Round::Overtaken(found)),
                }
            },
        )
        .await
    }
}
