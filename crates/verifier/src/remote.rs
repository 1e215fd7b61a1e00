//! Keys that are fetched from the issuer and kept up to date (feature `remote`). Decides when a
//! key may be used; knows nothing of claims.

mod builder;
mod discovery;
mod driver;
mod endpoint;
mod fetch;
mod freshness;
mod miss;
mod shared;
mod snapshot;

use std::sync::Arc;
use std::time::Duration;

pub use builder::{RemoteKeysBuilder, SetupError};
pub use freshness::KeysState;
pub use snapshot::Health;

use crate::error::Error;
use crate::fetching::{FetchError, MissAction};
use crate::keys::{Keys, Wait};
use shared::{MISS_WAIT, Shared};
use snapshot::Snapshot;

/// The keys that an issuer publishes, fetched in the background and shared by all clones.
///
/// Verifying with a known key never waits for the network: keys are refreshed before they are
/// stale. If refreshing fails, known keys are used for up to 24 hours after the last fetch, or for
/// as long as [`RemoteKeysBuilder::max_stale`] says. A key that the issuer no longer publishes is
/// refused from the next fetch on. A token that names an unknown key may cause a fetch, but bad
/// tokens never cause more than 6 in a minute.
///
/// Needs a tokio runtime with `net` and `time`; fetching begins with the first call inside one.
///
/// ```no_run
/// use signet_verifier::{Policy, RemoteKeys, Verifier};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = RemoteKeys::new("https://auth.example.com/.well-known/jwks.json")?;
/// keys.prefetch().await?;
/// let verifier = Verifier::new(Policy::new("https://auth.example.com", "orders"), keys);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RemoteKeys {
    shared: Arc<Shared>,
}

impl RemoteKeys {
    /// The keys at this URL: https, or http on this machine.
    ///
    /// # Errors
    /// [`SetupError`] if the URL is none, or is not safe to ask.
    pub fn new(jwks_url: &str) -> Result<Self, SetupError> {
        Self::builder().build(jwks_url)
    }

    /// To set more than the URL.
    pub fn builder() -> RemoteKeysBuilder {
        RemoteKeysBuilder::default()
    }

    /// Fetches the keys now, so that no request has to wait for it. Does nothing if they are
    /// fresh.
    ///
    /// # Errors
    /// [`FetchError`] if there are no usable keys after that. Fetching goes on in the background.
    pub async fn prefetch(&self) -> Result<(), FetchError> {
        driver::ensure_driven(&self.shared);
        if let Some(wait) = self.shared.wait_if_due() {
            wait.await;
        }
        let health = self.health();
        match health.state {
            KeysState::Fresh | KeysState::Stale => Ok(()),
            _ => Err(health.last_failure.unwrap_or(FetchError::Timeout)),
        }
    }

    /// How the keys are doing, for a readiness check or metrics.
    pub fn health(&self) -> Health {
        let snapshot = self.shared.snapshot.load();
        snapshot.health_at(self.shared.now(), self.shared.max_stale)
    }

    /// Looks at the keys of this moment, if they may be used.
    pub(crate) fn with_keys<T>(&self, look: impl FnOnce(&Keys) -> T) -> Result<T, Error> {
        let now = self.shared.now();
        let until_due = self.shared.until_due(now);
        if until_due.is_zero() {
            // The driver's own timer sleeps on when the machine is suspended.
            self.shared.wake.notify_one();
        }
        let snapshot = self.shared.snapshot.load();
        let keys = snapshot
            .usable_keys_at(now, self.shared.max_stale)
            .map(look);
        keys.ok_or(Error::KeysUnavailable {
            retry_after: until_due,
        })
    }

    /// Asks for the very first keys. A request does not wait for keys that are dead, because fetching
    /// them has failed for long.
    pub(crate) fn ask_for_first(&self) -> Option<Wait> {
        driver::ensure_driven(&self.shared);
        let is_empty = self.shared.snapshot.load().keys.is_none();
        is_empty.then(|| self.shared.wait_if_due()).flatten()
    }

    /// Asks for a key that a token of this age named, by the kid-miss rule.
    pub(crate) fn ask_for_kid(&self, kid: &str, token_age: Duration) -> Option<Wait> {
        driver::ensure_driven(&self.shared);
        let age = self.shared.snapshot.load().age_at(self.shared.now());
        let wait = self.shared.wait(&self.shared.miss_seats, MISS_WAIT);
        let action = match &wait {
            // A key that signs is published before, so this one was there to be seen.
            _ if token_age > age.saturating_add(PUBLISHING_LAG) => MissAction::NotEligible,
            None => MissAction::Crowded,
            Some(_) => self.shared.ask_for(kid),
        };
        if let Some(observer) = &self.shared.observer {
            observer.missed(action);
        }
        wait.filter(|_| matches!(action, MissAction::Asked | MissAction::Joined))
    }

    /// Replaces the keys until the next fetch.
    pub(crate) fn replace(&self, keys: Keys) {
        let snapshot = Snapshot::of_unknown_age(keys, self.shared.now());
        self.shared.snapshot.store(Arc::new(snapshot));
    }
}

/// Caches on the way and clocks that differ may hide a new key for this long.
const PUBLISHING_LAG: Duration = Duration::from_mins(5);
