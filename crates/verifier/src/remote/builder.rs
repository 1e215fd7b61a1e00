//! The settings of remote keys.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::endpoint::Endpoint;
use super::fetch;
use super::freshness::DEFAULT_MAX_STALE;
use super::schedule::Schedule;
use super::shared::{FIRST_WAITS_MAX, MISS_WAITS_MAX, Shared};
use super::snapshot::Snapshot;
#[cfg(feature = "status")]
use super::status::{Lists, Source};
use super::{RemoteKeys, driver};
use crate::clock::{Clock, SystemClock};
use crate::fetching::SetupError;
use crate::key_set::{Keys, KidRule};
use crate::observer::Observer;

/// Settings of [`RemoteKeys`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RemoteKeysBuilder {
    pub(super) http_hosts: Vec<String>,
    rule: KidRule,
    max_stale: Option<Duration>,
    roots: Vec<CertificateDer<'static>>,
    seed: Option<Keys>,
    clock: Option<Arc<dyn Clock>>,
    observer: Option<Arc<dyn Observer>>,
    #[cfg(feature = "status")]
    status: Option<Source>,
}

impl RemoteKeysBuilder {
    /// Sets how `kid`s are formed. Issuers other than Signet need [`KidRule::Any`].
    pub fn kid_rule(mut self, rule: KidRule) -> Self {
        self.rule = rule;
        self
    }

    /// Sets how long keys are used after the last successful fetch if fetching fails: 24 h unless
    /// set. After that, every token is refused with status 503. Fresh keys are always used, for as
    /// long as the issuer allows: at most 1 h, and 5 minutes with Signet.
    ///
    /// A shorter time limits how long a revoked key is accepted if an attacker blocks the
    /// connection to the issuer. A longer time bridges longer outages.
    pub fn max_stale(mut self, max_stale: Duration) -> Self {
        self.max_stale = Some(max_stale);
        self
    }

    /// Allows http to this host. An attacker who can answer in its place can forge every token. Use
    /// it only where that is impossible, for example between containers of one machine.
    pub fn danger_allow_http(mut self, host: impl Into<String>) -> Self {
        self.http_hosts.push(host.into());
        self
    }

    /// Trusts this certificate authority (DER) in addition to the public ones.
    pub fn root_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.roots.push(CertificateDer::from(der.into()));
        self
    }

    /// Sets the first keys, from the configuration or a file, so that a start does not depend on
    /// the issuer. They count as stale: they are used, and a fetch begins immediately.
    pub fn seed(mut self, keys: Keys) -> Self {
        self.seed = Some(keys);
        self
    }

    /// Sets the clock, for tests that control time.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Reports fetches and misses to `observer`.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Checks the `status` of each token against the issuer's status lists
    /// (draft-ietf-oauth-status-list), so that revoked tokens are refused within seconds. Lists are
    /// fetched from the URLs in the tokens, which must be under the issuer's URL.
    ///
    /// A list is fetched when the first token names it, and then polled. Tokens without `status`
    /// are accepted, unless the policy [requires](crate::Policy::require_status) it.
    #[cfg(feature = "status")]
    pub fn check_status(mut self) -> Self {
        self.status.get_or_insert(Source::Issuer);
        self
    }

    /// Checks the `status` of each token as [`check_status`](Self::check_status) does, and fetches
    /// the lists under `base_url` instead of the issuer's URL, for example from the address of the
    /// issuer inside a cluster. The lists must still name the issuer's URL.
    #[cfg(feature = "status")]
    pub fn check_status_at(mut self, base_url: impl Into<String>) -> Self {
        self.status = Some(Source::At(base_url.into()));
        self
    }

    /// Returns the keys at this URL.
    ///
    /// # Errors
    /// [`SetupError`] if the URL is malformed or uses http to a host that is not allowed, or if a
    /// root certificate is malformed.
    pub fn build(self, jwks_url: &str) -> Result<RemoteKeys, SetupError> {
        let clock = self.clock.clone();
        let clock = clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let now = clock.monotonic();
        let seed = self.seed.clone();
        let snapshot = seed.map(|seed| Snapshot::of_unknown_age(seed, now));
        #[cfg(feature = "status")]
        let lists = {
            let lists = self.status.clone();
            let lists = lists.map(|source| Lists::new(source, &self.http_hosts, &clock));
            lists.transpose()?
        };
        let shared = Arc::new(Shared {
            endpoint: Endpoint::parse(jwks_url, &self.http_hosts)?,
            tls: self.tls()?,
            rule: self.rule,
            max_stale: self.max_stale.unwrap_or(DEFAULT_MAX_STALE),
            observer: self.observer,
            snapshot: ArcSwap::from_pointee(snapshot.unwrap_or_default()),
            schedule: Schedule::new(clock),
            misses: Mutex::default(),
            miss_permits: Arc::new(Semaphore::new(MISS_WAITS_MAX)),
            first_permits: Arc::new(Semaphore::new(FIRST_WAITS_MAX)),
            #[cfg(feature = "status")]
            lists,
        });
        driver::ensure_driven(&shared);
        Ok(RemoteKeys { shared })
    }

    pub(super) fn tls(&self) -> Result<Arc<ClientConfig>, SetupError> {
        fetch::tls_config(self.roots.clone()).ok_or(SetupError::RootCertificate)
    }
}
