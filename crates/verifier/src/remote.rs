//! Keys that are fetched from the issuer and kept up to date (feature `remote`). Decides when a
//! key may be used; knows nothing of claims.

mod builder;
mod driver;
mod endpoint;
mod fetch;
mod freshness;
mod miss;
mod shared;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use builder::{RemoteKeysBuilder, SetupError};
pub use driver::Fetched;
pub use fetch::FetchError;
pub use freshness::KeysState;
pub use miss::MissAction;

use crate::error::Error;
use crate::keys::Keys;
use shared::{Shared, Snapshot};

/// The keys that an issuer publishes, fetched in the background and shared by all clones.
///
/// Verifying with a known key never waits for the network: keys are refreshed before they are
/// stale, and when refreshing fails, known keys serve for up to 24 hours. A key that the issuer
/// no longer publishes is refused from the next fetch on. A token that names an unknown key may
/// cause a fetch, but bad tokens never cause more than 6 in a minute.
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
#[derive(Clone)]
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
        RemoteKeysBuilder::new()
    }

    /// Fetches the keys now, so that no request has to wait for it. Does nothing if they are
    /// fresh.
    ///
    /// # Errors
    /// [`FetchError`] if there are no usable keys after that. Fetching goes on in the background.
    pub async fn prefetch(&self) -> Result<(), FetchError> {
        driver::ensure_driven(&self.shared);
        if self.health().state != KeysState::Fresh {
            self.shared.wait_for_keys().await;
        }
        match self.health().state {
            KeysState::Fresh | KeysState::Stale => Ok(()),
            _ => Err(self
                .shared
                .failures()
                .last
                .clone()
                .unwrap_or(FetchError::Timeout)),
        }
    }

    /// How the keys are doing, for a readiness check or metrics.
    pub fn health(&self) -> Health {
        let now = self.shared.now();
        let snapshot = self.shared.snapshot.load();
        let snapshot = snapshot.as_deref();
        let failures = self.shared.failures().clone();
        Health {
            state: snapshot.map_or(KeysState::Empty, |snapshot| snapshot.state_at(now)),
            keys: snapshot.map_or(0, |snapshot| snapshot.keys.len()),
            age: snapshot.map(|snapshot| snapshot.age_at(now)),
            failures_in_a_row: failures.in_a_row,
            last_failure: failures.last,
        }
    }

    /// Looks at the keys of this moment, if they may be used.
    pub(crate) fn with_keys<T>(&self, look: impl FnOnce(&Keys) -> T) -> Result<T, Error> {
        let now = self.shared.now();
        self.shared.wake_if_due(now);
        let snapshot = self.shared.snapshot.load();
        match snapshot.as_deref() {
            Some(snapshot) if snapshot.state_at(now) != KeysState::Dead => Ok(look(&snapshot.keys)),
            _ => Err(Error::KeysUnavailable {
                retry_after: self.shared.until_due(now),
            }),
        }
    }

    /// Waits for the very first keys; whether there are any then. Keys that are dead are not
    /// waited for: they have been asked for all day.
    pub(crate) async fn wait_for_first(&self) -> bool {
        self.ask_for_first();
        if self.shared.snapshot.load().is_some() {
            return false;
        }
        self.shared.wait_for_keys().await;
        self.shared.snapshot.load().is_some()
    }

    /// The same for callers that cannot wait: fetching begins, if there is a runtime to do it.
    pub(crate) fn ask_for_first(&self) {
        driver::ensure_driven(&self.shared);
    }

    /// Whether to look for `kid` again, after a token whose claims would pass named it. Waits
    /// where the kid-miss rule allows a fetch.
    pub(crate) async fn wait_for_kid(&self, kid: &str, token_age: Duration) -> bool {
        driver::ensure_driven(&self.shared);
        let action = if self.predates_keys(token_age) {
            MissAction::NotEligible
        } else {
            self.shared.wait_for_kid(kid).await
        };
        self.report_miss(action);
        matches!(action, MissAction::Asked | MissAction::Joined)
    }

    /// The same for callers that cannot wait: a later token may find the key.
    pub(crate) fn ask_for_kid(&self, kid: &str, token_age: Duration) {
        driver::ensure_driven(&self.shared);
        let action = if self.predates_keys(token_age) {
            MissAction::NotEligible
        } else {
            self.shared.ask_for(kid).0
        };
        self.report_miss(action);
    }

    fn report_miss(&self, action: MissAction) {
        if let Some(observer) = &self.shared.settings.observer {
            observer.missed(action);
        }
    }

    /// Replaces the keys until the next fetch.
    pub(crate) fn replace(&self, keys: Keys) {
        self.shared
            .snapshot
            .store(Some(Arc::new(Snapshot::of_unknown_age(
                keys,
                self.shared.now(),
            ))));
    }

    /// A key that signs is published before; so a token from well before the last fetch is not
    /// signed by a key that we have yet to see.
    fn predates_keys(&self, token_age: Duration) -> bool {
        let snapshot = self.shared.snapshot.load();
        let age = snapshot
            .as_deref()
            .map(|snapshot| snapshot.age_at(self.shared.now()));
        age.is_some_and(|age| token_age > age.saturating_add(PUBLISHING_LAG))
    }
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = &self.shared.settings.endpoint;
        formatter
            .debug_struct("RemoteKeys")
            .field("host", &endpoint.host)
            .finish_non_exhaustive()
    }
}

/// How remote keys are doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether the keys can be relied upon.
    pub state: KeysState,
    /// How many keys there are.
    pub keys: usize,
    /// Time since the last successful fetch.
    pub age: Option<Duration>,
    /// How many fetches failed since then.
    pub failures_in_a_row: u32,
    /// How the latest of them failed.
    pub last_failure: Option<FetchError>,
}

/// Caches on the way and clocks that differ may hide a new key for this long.
const PUBLISHING_LAG: Duration = Duration::from_mins(5);
