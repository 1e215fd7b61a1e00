//! Finding an unregistered client: its document is fetched when the client asks a person
//! for something, and kept for as long as it says.
//!
//! Refreshing needs no document, so sessions continue while the server of the client is down.

use std::sync::Arc;
use std::time::Duration;

use signet_core::client::{Client, ClientStatus, KnownBy, MetadataDocument, MetadataUrl};
use signet_core::names::ClientId;
use signet_store::StoreError;

use super::deny_tokens::after_removed;
use crate::client_documents::{DocumentError, DocumentSettings};
use crate::flows::Flows;

impl Flows {
    /// The client with this id that asks a person for something, unless it is switched off. The
    /// document of an unregistered one is fetched, or was kept.
    ///
    /// # Errors
    ///
    /// [`LearnError`]
    pub(crate) async fn find_asking_client(
        &self,
        id: &ClientId,
    ) -> Result<Option<Arc<Client>>, LearnError> {
        let Some((settings, url)) = self.client_documents.url(id) else {
            return Ok(self.find_client(id).await?);
        };
        let stored = self.stores.clients.find(id).await?;
        match &stored {
            Some(client) if client.status == ClientStatus::Disabled => return Ok(None),
            Some(client) if client.known_by == KnownBy::Registration => return Ok(stored),
            Some(_) | None => {}
        }
        let document = self.document(settings, &url).await?;
        let stored = stored.map(Arc::unwrap_or_clone);
        let client = settings.rules.client(&url, Some(&document), stored);
        Ok(Some(Arc::new(client)))
    }

    async fn document(
        &self,
        settings: &DocumentSettings,
        url: &MetadataUrl,
    ) -> Result<MetadataDocument, DocumentError> {
        let (id, documents) = (url.client_id(), &self.client_documents);
        if let Some(document) = documents.document(id, self.clock.now()) {
            return Ok(document);
        }
        let (document, keep) = fetch(settings, url).await.inspect_err(|error| {
            tracing::info!(client.id = %id, %error, "a client metadata document cannot be used");
        })?;
        let until = self.clock.now().saturating_add(keep);
        documents.keep(id, document.clone(), until);
        Ok(document)
    }

    /// Stores that a person allows an unregistered client something, so that operators see it and can
    /// disable it. Other clients are stored already.
    pub(crate) async fn remember_unregistered(&self, client: &Client) -> Result<(), StoreError> {
        if client.known_by == KnownBy::Registration {
            return Ok(());
        }
        let (stores, now) = (&self.stores, self.clock.now());
        // Without it the person can allow nothing, and tries again.
        if let Some(remembered) = after_removed(stores, client.to_remember(now), now).await? {
            // If it is stored already, it stays as it is.
            stores.clients.create(&remembered).await?;
        }
        Ok(())
    }
}

async fn fetch(
    settings: &DocumentSettings,
    url: &MetadataUrl,
) -> Result<(MetadataDocument, Duration), DocumentError> {
    let fetched = settings.fetcher.fetch(url).await?;
    Ok((MetadataDocument::read(&fetched.text, url)?, fetched.keep))
}

/// Why it is not known which client asks.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// Its document cannot be used.
    #[error("{0}")]
    Document(#[from] DocumentError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
