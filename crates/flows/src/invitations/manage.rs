//! Listing and removing invitations.

use signet_core::ids::InvitationId;
use signet_core::invitation::Invitation;
use signet_store::StoreError;

use super::InviteError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;

impl Flows {
    /// Returns at most `limit` valid invitations whose ids follow `after`, in the order of the ids.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn list_invitations(
        &self,
        after: Option<InvitationId>,
        limit: u32,
    ) -> Result<Vec<Invitation>, StoreError> {
        let now = self.clock.now();
        self.stores.invitations.list(after, limit, now).await
    }

    /// Removes an invitation. Its link becomes invalid.
    ///
    /// # Errors
    ///
    /// [`InviteError::Unknown`] or [`InviteError::Store`]
    pub async fn remove_invitation(
        &self,
        id: InvitationId,
        caller: Caller<'_>,
    ) -> Result<(), InviteError> {
        if !self.stores.invitations.remove(id).await? {
            return Err(InviteError::Unknown);
        }
        events::emit(Event::InvitationRemoved(id), caller);
        Ok(())
    }
}
