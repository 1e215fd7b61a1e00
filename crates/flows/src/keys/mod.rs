//! The keys as they are now: replaced whole when the folder changes, read without a lock.
//!
//! What is published follows from the ring and the time alone. Only [`folder`] knows files.

mod folder;
mod newest;
mod of_start;
mod settings;
mod store_clock;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use signet_core::access_token::CustomClaims;
use signet_core::keys::{Jwks, KeyRing};
use signet_store::LoadedKeys;
use signet_verifier::{
    CachedVerifier, Claims, Clock, Error, Keys, KeysError, Policy, Timestamp, Verifier,
    verify_signature_layer_only,
};

pub use folder::FollowedFolder;
pub use newest::{RingLag, RingWatch};
pub(crate) use of_start::BeforeReading;
pub use of_start::KeysOfStart;
pub use settings::KeySettings;

/// The keys in use, and what of them is published and verifies our own tokens.
pub struct LiveKeys {
    current: ArcSwap<LoadedKeys>,
    published: ArcSwap<PublishedKeys>,
    verifier: Arc<Verifier>,
    /// Verifies with the same keys. Gateways ask about the same token many times, so it remembers
    /// whose signature was verified, and checks everything else each time.
    cached: CachedVerifier,
}

/// The published key set.
#[derive(Debug)]
pub struct PublishedKeys {
    document: Jwks,
    verifying: Keys,
}

impl LiveKeys {
    /// Puts `keys` into use. Tokens that name `issuer` are checked by `clock`.
    ///
    /// # Errors
    ///
    /// [`KeysError`] when the verifier takes none of the published keys.
    pub fn new(keys: LoadedKeys, issuer: &str, clock: Arc<dyn Clock>) -> Result<Self, KeysError> {
        let published = PublishedKeys::of(&keys.ring, clock.now())?;
        // The issuer answers questions about the tokens of every service.
        let policy = Policy::danger_any_audience(issuer).leeway(LEEWAY);
        let verifier = Verifier::with_clock(policy, published.verifying.clone(), clock);
        let verifier = Arc::new(verifier);
        Ok(Self {
            cached: CachedVerifier::new(Arc::clone(&verifier), CACHED_TOKENS),
            verifier,
            current: ArcSwap::from_pointee(keys),
            published: ArcSwap::from_pointee(published),
        })
    }

    /// Replaces the keys, unless they are the same or older than those in use: a ring that went
    /// back may bring a revoked key with it.
    ///
    /// # Errors
    ///
    /// A sentence for operators; nothing is changed then.
    pub fn take_up(&self, keys: LoadedKeys, now: Timestamp) -> Result<(), String> {
        let in_use = self.current();
        let (new, old) = (keys.ring.generation(), in_use.ring.generation());
        if new < old {
            return Err(format!(
                "the key ring went back from generation {old} to {new}: run `signet keys restore` if \
                 that is meant"
            ));
        }
        if keys.ring == in_use.ring {
            return Ok(());
        }
        let active = keys.signing.active_at(now).kid().to_string();
        self.replace(keys, now).map_err(|error| error.to_string())?;
        metrics::counter!("signet_key_rings_taken_up_total").increment(1);
        tracing::info!(
            key_ring.generation = new,
            key.active = active,
            "took up changed keys"
        );
        Ok(())
    }

    /// Replaces the keys, for every request that begins from now on.
    ///
    /// # Errors
    ///
    /// [`KeysError`] when the verifier takes none of the published keys; nothing is changed then.
    pub fn replace(&self, keys: LoadedKeys, now: Timestamp) -> Result<(), KeysError> {
        let published = PublishedKeys::of(&keys.ring, now)?;
        self.current.store(Arc::new(keys));
        self.publish(published);
        Ok(())
    }

    /// The keys to make tokens with. A request takes them once and keeps to them.
    pub fn current(&self) -> Arc<LoadedKeys> {
        self.current.load_full()
    }

    /// Checks an access token that this issuer signed, for whatever audience.
    ///
    /// # Errors
    ///
    /// [`Error`] names the first check that failed.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims<CustomClaims>, Error> {
        self.verify_by(token, self.verifier.policy(), now)
    }

    /// Checks an access token by `policy`.
    ///
    /// # Errors
    ///
    /// [`Error`] names the first check that failed.
    pub fn verify_by(
        &self,
        token: &str,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Claims<CustomClaims>, Error> {
        self.follow(now);
        self.cached.verify_by(token, policy)
    }

    /// The payload of a token that a published key has signed, whatever its type, age and claims.
    pub(crate) fn signed_payload(&self, token: &str, now: Timestamp) -> Option<Vec<u8>> {
        let published = self.published(now);
        verify_signature_layer_only(token, &published.verifying).ok()
    }

    /// Whether there is an active key to sign with.
    pub fn signs_at(&self, now: Timestamp) -> bool {
        self.current.load().ring.active_at(now).is_some()
    }

    /// The key set to publish at `now`.
    pub fn published(&self, now: Timestamp) -> Arc<PublishedKeys> {
        self.follow(now);
        self.published.load_full()
    }

    /// Publishes anew when the time of a recorded event has come. Two threads that come here at
    /// once make the same document.
    fn follow(&self, now: Timestamp) {
        if !self.published.load().is_outdated(now) {
            return;
        }
        match PublishedKeys::of(&self.current.load().ring, now) {
            Ok(published) => self.publish(published),
            Err(error) => tracing::error!(%error, "the published keys cannot verify"),
        }
    }

    fn publish(&self, published: PublishedKeys) {
        self.verifier.replace_keys(published.verifying.clone());
        self.published.store(Arc::new(published));
    }
}

/// Makes keys ready to sign at once, when the server starts. Whether one cannot is what the first
/// look at their folder finds, too.
pub(crate) fn warm_up(keys: &LoadedKeys) {
    if let Err(error) = keys.signing.warm_up() {
        tracing::error!(%error, "a signing key does not sign");
    }
}

impl fmt::Debug for LiveKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveKeys")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl PublishedKeys {
    fn of(ring: &KeyRing, now: Timestamp) -> Result<Self, KeysError> {
        let document = Jwks::of(ring, now);
        Ok(Self {
            verifying: Keys::from_jwks(&document.body)?,
            document,
        })
    }

    /// The key set as JSON.
    pub fn body(&self) -> &str {
        &self.document.body
    }

    /// The strong entity tag of the key set, in quotes.
    pub fn etag(&self) -> &str {
        &self.document.etag
    }

    /// How long caches may keep the document.
    pub fn max_age(&self, now: Timestamp) -> Duration {
        self.document.max_age(now)
    }

    fn is_outdated(&self, now: Timestamp) -> bool {
        self.document.next_event.is_some_and(|at| at <= now)
    }
}

/// Replicas keep their clocks within 2 s of each other, and check each other's tokens.
pub const LEEWAY: Duration = Duration::from_secs(5);

/// For how many tokens the signature is remembered, by a digest of each: they take less than 1 MiB.
const CACHED_TOKENS: usize = 4_096;
