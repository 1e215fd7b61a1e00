//! The documents about unregistered clients: what fetches them, and the copies of this
//! replica. This module must not know how a document is fetched, nor any flow.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use signet_core::client::{
    Client, DocumentProblem, MetadataDocument, MetadataUrl, UnregisteredClients,
};
use signet_core::names::ClientId;
use signet_verifier::Timestamp;

/// Which unregistered clients are admitted, and how their documents are fetched.
#[derive(Clone, Debug)]
pub struct DocumentSettings {
    /// What these clients may request.
    pub rules: UnregisteredClients,
    /// What fetches their documents.
    pub fetcher: Arc<dyn DocumentFetcher>,
}

/// Fetches documents.
#[async_trait]
pub trait DocumentFetcher: fmt::Debug + Send + Sync {
    /// Fetches a document from an address that an outsider may ask this server to call, with a
    /// deadline.
    async fn fetch(&self, url: &MetadataUrl) -> Result<FetchedDocument, DocumentFetchError>;
}

/// A document as it was fetched.
#[derive(Debug)]
pub struct FetchedDocument {
    /// Its text, at most [`MAX_DOCUMENT_BYTES`](signet_core::client::MAX_DOCUMENT_BYTES) long.
    pub text: String,
    /// How long it may be kept.
    pub keep: Duration,
}

/// Why there is no document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DocumentFetchError {
    /// Its host has an address that outsiders may not ask this server to call.
    #[error("its host has an address that is not public, or its port is not 443")]
    Forbidden,
    /// Its host cannot be reached, or does not answer in time.
    #[error("its host cannot be reached, or does not answer in time")]
    Unreachable,
    /// The answer has another status than 200.
    #[error("the answer has status {0}, not 200")]
    Status(u16),
    /// The answer is no JSON.
    #[error("the answer has another Content-Type than application/json")]
    ContentType,
    /// The answer is too long.
    #[error("it has more than 5,120 bytes")]
    TooLong,
}

/// Why a document cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DocumentError {
    /// It cannot be fetched.
    #[error("{0}")]
    Fetch(#[from] DocumentFetchError),
    /// It is refused.
    #[error("{0}")]
    Refused(#[from] DocumentProblem),
}

impl DocumentError {
    /// Returns the sentence for the client. It does not tell which addresses this server reaches.
    pub fn told(self) -> String {
        match self {
            Self::Fetch(DocumentFetchError::Forbidden | DocumentFetchError::Unreachable) => {
                "it cannot be fetched".to_owned()
            }
            other => other.to_string(),
        }
    }
}

/// The documents that this replica has.
#[derive(Debug)]
pub struct ClientDocuments {
    settings: Option<DocumentSettings>,
    kept: Mutex<HashMap<ClientId, Kept>>,
}

#[derive(Debug)]
struct Kept {
    document: MetadataDocument,
    until: Timestamp,
}

impl ClientDocuments {
    pub(crate) fn new(settings: Option<DocumentSettings>) -> Self {
        Self {
            settings,
            kept: Mutex::default(),
        }
    }

    /// Returns a client that is stored as unregistered, as far as it is known at `now`; none if such
    /// clients, or those of its host, are no longer admitted.
    pub(crate) fn known(&self, stored: Arc<Client>, now: Timestamp) -> Option<Arc<Client>> {
        let rules = &self.settings.as_ref()?.rules;
        let url = rules.url(&stored.id)?;
        let document = self.document(&stored.id, now);
        let stored = Arc::unwrap_or_clone(stored);
        let client = rules.client(&url, document.as_ref(), Some(stored));
        Some(Arc::new(client))
    }

    /// Returns the URL of the document of a client, if unregistered clients of its host are admitted.
    pub(crate) fn url(&self, id: &ClientId) -> Option<(&DocumentSettings, MetadataUrl)> {
        let settings = self.settings.as_ref()?;
        Some((settings, settings.rules.url(id)?))
    }

    pub(crate) fn document(&self, id: &ClientId, now: Timestamp) -> Option<MetadataDocument> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(id).filter(|kept| kept.until > now);
        found.map(|kept| kept.document.clone())
    }

    /// Keeps a document. If there are too many, the one that expires first goes.
    pub(crate) fn keep(&self, id: &ClientId, document: MetadataDocument, until: Timestamp) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_DOCUMENTS && !kept.contains_key(id) {
            let first = kept.iter().min_by_key(|(_, kept)| kept.until);
            if let Some(first) = first.map(|(id, _)| id.clone()) {
                kept.remove(&first);
            }
        }
        kept.insert(id.clone(), Kept { document, until });
    }
}

/// Their texts have 5 MiB together.
const MAX_DOCUMENTS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_beyond_the_bound_replace_those_that_expire_first() {
        let documents = ClientDocuments::new(None);
        let document = MetadataDocument {
            redirect_uris: Vec::new(),
            name: None,
        };
        let id =
            |number: u64| -> ClientId { format!("https://a.example/{number}").parse().unwrap() };
        let last = MAX_DOCUMENTS as u64;
        for number in 0..=last {
            let until = Timestamp::from_seconds(1_000 + number);
            documents.keep(&id(number), document.clone(), until);
        }
        let now = Timestamp::from_seconds(500);
        assert_eq!(documents.document(&id(0), now), None);
        assert!(documents.document(&id(1), now).is_some());
        assert!(documents.document(&id(last), now).is_some());
        let later = Timestamp::from_seconds(1_000 + last);
        assert_eq!(documents.document(&id(last), later), None);
    }

    #[test]
    fn what_a_client_is_told_does_not_tell_public_addresses_from_others() {
        let told = |error: DocumentFetchError| DocumentError::from(error).told();
        assert_eq!(
            told(DocumentFetchError::Forbidden),
            told(DocumentFetchError::Unreachable)
        );
        assert_eq!(
            told(DocumentFetchError::Status(404)),
            "the answer has status 404, not 200"
        );
    }
}
