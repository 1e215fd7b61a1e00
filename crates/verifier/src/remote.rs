//! Keys that are fetched from the issuer and kept up to date (feature `remote`). Decides when keys
//! may be used. Must not know claims.

mod builder;
mod discovery;
mod driver;
mod endpoint;
mod fetch;
mod freshness;
mod miss;
mod schedule;
mod shared;
mod snapshot;
#[cfg(feature = "status")]
mod status;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

pub use builder::RemoteKeysBuilder;
pub use freshness::KeysState;
pub use snapshot::Health;
#[cfg(feature = "status")]
pub use status::{StatusListHealth, StatusListState};

#[cfg(feature = "status")]
use crate::clock::Timestamp;
use crate::error::Error;
use crate::fetching::{FetchError, MissAction, SetupError};
use crate::key_set::{Keys, Wait};
#[cfg(feature = "status")]
use crate::policy::Policy;
#[cfg(feature = "status")]
use crate::status::StatusClaim;
use shared::{MISS_WAIT, Shared};
use snapshot::Snapshot;

/// The keys that an issuer publishes, fetched in the background and shared by all clones.
///
/// Verifying with a known key never waits for the network: keys are refreshed before they are
/// stale. If refreshing fails, known keys are used for 24 hours after the last successful fetch;
/// [`RemoteKeysBuilder::max_stale`] changes that. After the issuer withdraws a key, the next fetch
/// removes it. A token that names an unknown key may cause a fetch, but invalid tokens never cause
/// more than 6 fetches in a minute.
///
/// Needs a tokio runtime with `net` and `time`. Fetching begins with the first call inside one.
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
    /// Returns the keys at this URL: https, or http to this machine.
    ///
    /// # Errors
    /// [`SetupError`] if the URL is malformed or uses http to another host.
    pub fn new(jwks_url: &str) -> Result<Self, SetupError> {
        Self::builder().build(jwks_url)
    }

    /// Returns a builder, for settings other than the URL.
    pub fn builder() -> RemoteKeysBuilder {
        RemoteKeysBuilder::default()
    }

    /// Fetches the keys now, so that no request waits for them. Does nothing if they are fresh.
    ///
    /// # Errors
    /// [`FetchError`] if there are still no usable keys. Fetching continues in the background.
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

    /// Returns state and age of the keys, for a readiness check or metrics.
    pub fn health(&self) -> Health {
        let shared = &self.shared;
        let now = shared.schedule.now();
        #[cfg_attr(
            not(feature = "status"),
            expect(unused_mut, reason = "only lists change it")
        )]
        let mut health = shared.snapshot.load().health_at(now, shared.max_stale);
        #[cfg(feature = "status")]
        if let Some(lists) = &shared.lists {
            health.status_lists = lists.health_at(now);
        }
        health
    }

    /// Calls `look` with the current keys, if they may be used.
    pub(crate) fn with_keys<T>(&self, look: impl FnOnce(&Keys) -> T) -> Result<T, Error> {
        let now = self.shared.schedule.now();
        let until_due = self.shared.schedule.until_due_or_wake(now);
        let snapshot = self.shared.snapshot.load();
        let keys = snapshot
            .usable_keys_at(now, self.shared.max_stale)
            .map(look);
        keys.ok_or(Error::KeysUnavailable {
            retry_after: until_due,
        })
    }

    /// Asks for the first keys. Does not wait for dead keys, because fetching them has failed for a
    /// long time.
    pub(crate) fn ask_for_first(&self) -> Option<Wait> {
        driver::ensure_driven(&self.shared);
        let is_empty = self.shared.snapshot.load().keys.is_none();
        is_empty.then(|| self.shared.wait_if_due()).flatten()
    }

    /// Asks for the unknown key `kid` of a token of this age, if the rule for misses allows a
    /// fetch.
    pub(crate) fn ask_for_kid(&self, kid: &str, token_age: Duration) -> Option<Wait> {
        driver::ensure_driven(&self.shared);
        let age = self
            .shared
            .snapshot
            .load()
            .age_at(self.shared.schedule.now());
        let permits = &self.shared.miss_permits;
        let wait = self.shared.schedule.wait(permits, MISS_WAIT);
        let misses = self.shared.misses.lock();
        let mut misses = misses.unwrap_or_else(PoisonError::into_inner);
        let action = match &wait {
            // Issuers publish a key before it signs, so the latest fetch would have found it.
            _ if token_age > age.saturating_add(PUBLISHING_LAG) => MissAction::NotEligible,
            None => MissAction::Crowded,
            Some(_) => self.shared.ask_for(kid, &mut misses),
        };
        drop(misses);
        if let Some(observer) = &self.shared.observer {
            observer.missed(action);
        }
        wait.filter(|_| matches!(action, MissAction::Asked | MissAction::Joined))
    }

    /// Checks the status of a token, if that is switched on; otherwise returns `None`. The first
    /// token that names a list starts a fetch.
    #[cfg(feature = "status")]
    pub(crate) fn check_status(
        &self,
        claim: &StatusClaim,
        policy: &Policy,
        now: Timestamp,
    ) -> Option<Result<(), Error>> {
        let lists = self.shared.lists.as_ref()?;
        Some(lists.check(&self.shared, claim, policy, now))
    }

    /// Returns a wait for the first fetch of the list that `claim` names.
    #[cfg(feature = "status")]
    pub(crate) fn ask_for_list(&self, claim: &StatusClaim) -> Option<Wait> {
        self.shared.lists.as_ref()?.wait_for(claim)
    }

    /// Replaces the keys until the next fetch.
    pub(crate) fn replace(&self, keys: Keys) {
        let snapshot = Snapshot::of_unknown_age(keys, self.shared.schedule.now());
        self.shared.snapshot.store(Arc::new(snapshot));
    }
}

/// Caches and clock differences can hide a new key for this long.
const PUBLISHING_LAG: Duration = Duration::from_secs(5 * 60);
