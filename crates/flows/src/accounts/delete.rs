//! Deleting the account of another person.

use signet_core::ids::AccountId;
use signet_store::EndingChange;

use super::AdministerError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;

impl Flows {
    /// Deletes an account and ends its sessions.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn remove_account(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<(), AdministerError> {
        self.find_to_change(id, caller).await?;
        self.change_account(id, &EndingChange::Delete).await?;
        events::emit(Event::AccountDeleted(id), caller);
        Ok(())
    }
}
