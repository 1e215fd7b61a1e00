//! The signed lists that verifiers fetch.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use signet_core::keys::SigningEntry;
use signet_core::keys::signing_key::SigningError;
use signet_core::status_list::{ListId, RenderedList, StatusListToken, list_uri};
use signet_store::StoreError;
use signet_verifier::Timestamp;

use super::LOOK_PERIOD;
use crate::flows::Flows;
use crate::list_state::{PublishedList, ReplicaLists};

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum PublishListError {
    /// There is no such list, or it has expired.
    #[error("there is no such revocation list")]
    Unknown,
    /// Other replicas have newer keys.
    #[error("the keys of this replica are behind")]
    RingLag,
    /// The list could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The store cannot answer, so the list may lack bits.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Returns a list as verifiers fetch it.
    ///
    /// # Errors
    ///
    /// [`PublishListError`]
    pub async fn status_list(&self, id: ListId) -> Result<Arc<RenderedList>, PublishListError> {
        if !self.settings.status_lists {
            return Err(PublishListError::Unknown);
        }
        if self.ring_lag().is_some() {
            return Err(PublishListError::RingLag);
        }
        self.look_for_readers().await?;
        if self.status_lists.find(id).is_none() {
            // Another replica may have opened it a moment ago.
            self.look_for_unknown_list().await?;
        }
        self.published(id)
    }

    /// Returns the URI of every list that has not expired.
    ///
    /// # Errors
    ///
    /// [`PublishListError`]
    pub async fn status_list_uris(&self) -> Result<Vec<String>, PublishListError> {
        if !self.settings.status_lists {
            return Err(PublishListError::Unknown);
        }
        self.look_for_readers().await?;
        let now = self.clock.now();
        let state = self.status_lists.state();
        let lists = state.known.iter().map(|state| state.list);
        let living = lists.filter(|list| !list.has_expired(now));
        let uri = |id| list_uri(&self.settings.issuer, id);
        Ok(living.map(|list| uri(list.id)).collect())
    }

    /// Looks for changes if the last look is a second old. A list that is a few seconds old is
    /// published although the store cannot answer; an older one is not.
    async fn look_for_readers(&self) -> Result<(), StoreError> {
        let age = self
            .clock
            .now()
            .saturating_since(self.status_lists.looked_at());
        if age < LOOK_PERIOD {
            return Ok(());
        }
        match self.renew_status_lists().await {
            Err(_) if age < OLDEST_LOOK => Ok(()),
            looked => looked,
        }
    }

    fn published(&self, id: ListId) -> Result<Arc<RenderedList>, PublishListError> {
        let now = self.clock.now();
        let keys = self.keys();
        let key = keys.signing.active_at(now);
        let kids: Vec<_> = keys
            .ring
            .published_at(now)
            .map(SigningEntry::kid)
            .cloned()
            .collect();
        // Held while signing, so that a list is signed once for all requests that wait.
        let lists = &self.status_lists.published;
        let mut lists = lists.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.status_lists.state();
        let known = state.known.find(id);
        let known = known.filter(|known| !known.list.has_expired(now));
        let known = known.ok_or(PublishListError::Unknown)?;
        if let Some(found) = lists.get(&id)
            && found.changes == known.changes
            && found.signer == *key.kid()
            && found.kids == kids
            && found.is_fresh(now)
        {
            return Ok(Arc::clone(&found.list));
        }
        let (bits, changes) = (known.bits.clone(), known.changes);
        drop(state);
        let token = StatusListToken {
            issuer: &self.settings.issuer,
            uri: &list_uri(&self.settings.issuer, id),
            bits: &bits,
            kids: &kids,
        };
        let list = Arc::new(token.sign(now, key)?);
        let bytes = u32::try_from(list.text.len()).unwrap_or(u32::MAX);
        metrics::gauge!("signet_status_list_bytes").set(bytes);
        let published = PublishedList {
            list: Arc::clone(&list),
            changes,
            signer: key.kid().clone(),
            kids,
        };
        lists.retain(|id, _| self.status_lists.is_current(*id, now));
        lists.insert(id, published);
        Ok(list)
    }
}

impl ReplicaLists {
    fn is_current(&self, id: ListId, now: Timestamp) -> bool {
        self.find(id).is_some_and(|list| !list.has_expired(now))
    }
}

impl PublishedList {
    fn is_fresh(&self, now: Timestamp) -> bool {
        now.saturating_since(self.list.signed_at) < SIGN_EVERY
    }
}

/// How often a list is signed again that has not changed.
const SIGN_EVERY: Duration = Duration::from_secs(30);

/// The oldest look that is still published.
const OLDEST_LOOK: Duration = Duration::from_secs(5);
