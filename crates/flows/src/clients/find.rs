//! The client behind an id: a registered one, the server's own, or one that people have used before
//! and that its metadata document describes.

use std::sync::Arc;

use signet_core::client::{Client, ClientStatus, KnownBy};
use signet_core::names::{BUILT_IN_CLIENT, ClientId};
use signet_store::StoreError;

use crate::flows::Flows;

impl Flows {
    /// The client with this id, unless it is switched off. An unregistered client is found once
    /// a person has allowed it something, and has redirect URIs only while its document is kept: see
    /// [`find_asking_client`](Self::find_asking_client).
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn find_client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        if id.as_str() == BUILT_IN_CLIENT {
            return Ok(Some(Arc::clone(&self.built_in_client)));
        }
        let found = self.stores.clients.find(id).await?;
        let found = found.filter(|client| client.status == ClientStatus::Active);
        Ok(found.and_then(|client| match client.known_by {
            KnownBy::Registration => Some(client),
            KnownBy::MetadataDocument => self.client_documents.known(client, self.clock.now()),
        }))
    }

    /// The same, for what must work without the client: a client whose row cannot be read counts as
    /// none.
    pub(crate) async fn find_readable_client(
        &self,
        id: &ClientId,
    ) -> Result<Option<Arc<Client>>, StoreError> {
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
    pub async fn find_sign_in_client(
        &self,
        id: &ClientId,
    ) -> Result<Option<Arc<Client>>, StoreError> {
        Ok(self
            .find_client(id)
            .await?
            .filter(|client| client.signs_in_directly()))
    }
}
