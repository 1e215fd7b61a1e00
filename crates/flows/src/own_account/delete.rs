//! The account goes away, and every session with it.

use signet_store::EndingChange;

use super::OwnAccountError;
use crate::bearer::EndingBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::step_up::Proof;

impl Flows {
    /// Deletes the caller's account, if the proof is sufficient.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn delete_account(
        &self,
        bearer: EndingBearer,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        let bearer = bearer.bearer();
        let proven = self.prove(bearer, proof, origin).await?;
        let pending = self
            .change_own_by_proof(bearer, &proven, &EndingChange::Delete, None)
            .await?;
        self.finish_or_leave(pending).await;
        let id = bearer.account_id();
        events::emit(Event::AccountDeleted(id), Caller::account(id, origin));
        Ok(())
    }
}
