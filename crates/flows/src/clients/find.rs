//! The client behind an id: a registered one, or the server's own.

use signet_core::client::{Client, ClientStatus};
use signet_core::names::{BUILT_IN_CLIENT, ClientId};
use signet_store::StoreError;

use crate::flows::Flows;

impl Flows {
    /// The client with this id, unless it is switched off.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn find_client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        if id.as_str() == BUILT_IN_CLIENT {
            return Ok(Some(Client::built_in(&self.settings.audience)));
        }
        let found = self.stores.clients.find(id).await?;
        Ok(found.filter(|client| client.status == ClientStatus::Active))
    }

    /// The same, for what must work without the client: a client whose row cannot be read counts as
    /// none.
    pub(crate) async fn find_readable_client(
        &self,
        id: &ClientId,
    ) -> Result<Option<Client>, StoreError> {
        match self.find_client(id).await {
            Err(StoreError::Corrupt { .. }) => Ok(None),
            found => found,
        }
    }

    /// The client with this id, unless it is switched off, if people type their passwords for it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn find_sign_in_client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(self
            .find_client(id)
            .await?
            .filter(Client::signs_in_directly))
    }
}
