//! How remote keys are set up, and what may be wrong with that.

use std::fmt;
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
use super::shared::{FIRST_SEATS, MISS_SEATS, Shared};
use super::snapshot::Snapshot;
use super::{RemoteKeys, driver};
use crate::clock::{Clock, SystemClock};
use crate::fetching::FetchError;
use crate::keys::{Keys, KidRule};
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
    /// How `kid`s are formed; other issuers than Signet need [`KidRule::Any`].
    pub fn kid_rule(mut self, rule: KidRule) -> Self {
        self.rule = rule;
        self
    }

    /// Sets how long keys are used after the last successful fetch if fetching fails: 24 h unless
    /// set. Afterwards no token is accepted, which is answered with 503. Fresh keys are used in any
    /// case, for as long as the issuer allows: at most 1 h, and 5 minutes with Signet.
    ///
    /// A shorter time limits how long a revoked key is accepted when somebody keeps this service
    /// from reaching the issuer. A longer time bridges longer outages.
    pub fn max_stale(mut self, max_stale: Duration) -> Self {
        self.max_stale = Some(max_stale);
        self
    }

    /// Allows http to this host. Only for networks where nobody can answer in its place, as
    /// between containers of one machine: who answers makes every token.
    pub fn danger_allow_http(mut self, host: impl Into<String>) -> Self {
        self.http_hosts.push(host.into());
        self
    }

    /// Trusts this certificate authority (DER) beside those of the web.
    pub fn root_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.roots.push(CertificateDer::from(der.into()));
        self
    }

    /// Keys to begin with, from the configuration or a file, so that a start does not depend on
    /// the issuer. They count as stale: they are used, but fetched anew at once.
    pub fn seed(mut self, keys: Keys) -> Self {
        self.seed = Some(keys);
        self
    }

    /// Another clock, for tests that own time.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Tells `observer` of fetches and misses.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The keys at this URL.
    ///
    /// # Errors
    /// [`SetupError`] if the URL is none or is not safe to ask, or a root certificate is none.
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
            miss_seats: Arc::new(Semaphore::new(MISS_SEATS)),
            first_seats: Arc::new(Semaphore::new(FIRST_SEATS)),
        });
        driver::ensure_driven(&shared);
        Ok(RemoteKeys { shared })
    }

    pub(super) fn tls(&self) -> Result<Arc<ClientConfig>, SetupError> {
        fetch::tls_config(self.roots.clone()).ok_or(SetupError::RootCertificate)
    }
}

/// Why remote keys cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// It is no absolute http or https URL, or holds a user name.
    MalformedUrl,
    /// It is http to another machine, where anybody on the way could answer.
    NotHttps {
        /// The host, to be allowed with `danger_allow_http` where the network is trusted.
        host: String,
    },
    /// A root certificate is none.
    RootCertificate,
    /// The metadata cannot be fetched.
    Fetch(FetchError),
    /// The metadata is no JSON object with a `jwks_uri`.
    Metadata,
    /// The metadata is another issuer's.
    AnotherIssuer,
}

impl fmt::Display for SetupError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::MalformedUrl => "not an https URL",
            Self::NotHttps { host } => return write!(formatter, "not https: http to {host}"),
            Self::RootCertificate => "a root certificate is malformed",
            Self::Fetch(error) => return write!(formatter, "the issuer's metadata: {error}"),
            Self::Metadata => "the issuer's metadata names no jwks_uri",
            Self::AnotherIssuer => "the metadata is of another issuer",
        })
    }
}

impl std::error::Error for SetupError {}
