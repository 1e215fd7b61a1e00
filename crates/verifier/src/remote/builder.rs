//! The settings of remote keys.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::endpoint::Endpoint;
use super::fetch;
use super::freshness::DEFAULT_MAX_STALE;
use super::shared::{FIRST_WAITS_MAX, MISS_WAITS_MAX, Shared};
use super::snapshot::Snapshot;
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
        let shared = Arc::new(Shared {
            endpoint: Endpoint::parse(jwks_url, &self.http_hosts)?,
            tls: self.tls()?,
            rule: self.rule,
            max_stale: self.max_stale.unwrap_or(DEFAULT_MAX_STALE),
            clock,
            observer: self.observer,
            snapshot: ArcSwap::from_pointee(snapshot.unwrap_or_default()),
            fetches: watch::Sender::default(),
            wake: Arc::default(),
            driver: Mutex::default(),
            due_at_millis: AtomicU64::default(),
            misses: Mutex::default(),
            miss_permits: Arc::new(Semaphore::new(MISS_WAITS_MAX)),
            first_permits: Arc::new(Semaphore::new(FIRST_WAITS_MAX)),
        });
        driver::ensure_driven(&shared);
        Ok(RemoteKeys { shared })
    }

    pub(super) fn tls(&self) -> Result<Arc<ClientConfig>, SetupError> {
        fetch::tls_config(self.roots.clone()).ok_or(SetupError::RootCertificate)
    }
}
