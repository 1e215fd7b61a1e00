//! How remote keys are set up: from a JWKS URL, or from an issuer's metadata (RFC 8414).

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::endpoint::Endpoint;
use super::fetch::{self, FetchError};
use super::shared::{Settings, Shared, Snapshot};
use super::{RemoteKeys, driver};
use crate::clock::{Clock, SystemClock};
use crate::json::Object;
use crate::keys::{Keys, KidRule};
use crate::observer::Observer;

/// Settings of [`RemoteKeys`].
#[derive(Clone, Debug)]
#[must_use]
pub struct RemoteKeysBuilder {
    rule: KidRule,
    http_hosts: Vec<String>,
    roots: Vec<CertificateDer<'static>>,
    seed: Option<Keys>,
    clock: Option<Arc<dyn Clock>>,
    observer: Option<Arc<dyn Observer>>,
}

impl RemoteKeysBuilder {
    pub(super) fn new() -> Self {
        Self {
            rule: KidRule::Thumbprint,
            http_hosts: Vec::new(),
            roots: Vec::new(),
            seed: None,
            clock: None,
            observer: None,
        }
    }

    /// How `kid`s are formed; other issuers than Signet need [`KidRule::Any`].
    pub fn kid_rule(mut self, rule: KidRule) -> Self {
        self.rule = rule;
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
        let endpoint = Endpoint::parse(jwks_url, &self.http_hosts)?;
        let clock = self
            .clock
            .clone()
            .unwrap_or_else(|| Arc::new(SystemClock::new()));
        let snapshot = self
            .seed
            .clone()
            .map(|seed| Snapshot::of_unknown_age(seed, clock.monotonic()));
        let tls = self.tls()?;
        let Self { rule, observer, .. } = self;
        let settings = Settings {
            endpoint,
            rule,
            clock,
            observer,
            tls,
        };
        let shared = Arc::new(Shared::new(settings, snapshot));
        driver::ensure_driven(&shared);
        Ok(RemoteKeys { shared })
    }

    /// The keys of this issuer, at the URL that its metadata names.
    ///
    /// # Errors
    /// [`SetupError`] if the metadata cannot be fetched, is another issuer's, or names a URL
    /// that is not safe to ask.
    pub async fn discover(self, issuer: &str) -> Result<RemoteKeys, SetupError> {
        let tls = self.tls()?;
        let (open_id, oauth) = metadata_urls(issuer)?;
        let metadata = match self.fetch_metadata(&open_id, &tls).await {
            Err(SetupError::Fetch(FetchError::Status(404))) => {
                self.fetch_metadata(&oauth, &tls).await?
            }
            outcome => outcome?,
        };
        let mut metadata = Object::parse(&metadata).map_err(|_| SetupError::Metadata)?;
        if metadata.take::<String>("issuer") != Ok(Some(issuer.to_owned())) {
            return Err(SetupError::AnotherIssuer);
        }
        let jwks_url = metadata.take::<String>("jwks_uri").ok().flatten();
        self.build(&jwks_url.ok_or(SetupError::Metadata)?)
    }

    async fn fetch_metadata(
        &self,
        url: &str,
        tls: &Arc<ClientConfig>,
    ) -> Result<Vec<u8>, SetupError> {
        let endpoint = Endpoint::parse(url, &self.http_hosts)?;
        let document = fetch::get(&endpoint, tls, None)
            .await
            .map_err(SetupError::Fetch)?;
        document.body.ok_or(SetupError::Metadata)
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, SetupError> {
        fetch::tls_config(self.roots.clone()).ok_or(SetupError::RootCertificate)
    }
}

/// Where an issuer's metadata is: OpenID Connect Discovery 1.0 section 4, which appends to a
/// path, and RFC 8414 section 3.1, which puts itself before it.
fn metadata_urls(issuer: &str) -> Result<(String, String), SetupError> {
    let issuer = issuer.trim_end_matches('/');
    let path_at = issuer.find("://").ok_or(SetupError::MalformedUrl)? + "://".len();
    let (scheme, rest) = issuer
        .split_at_checked(path_at)
        .ok_or(SetupError::MalformedUrl)?;
    let (host, path) = rest
        .split_at_checked(rest.find('/').unwrap_or(rest.len()))
        .unwrap_or((rest, ""));
    let oauth = format!("{scheme}{host}/.well-known/oauth-authorization-server{path}");
    Ok((format!("{issuer}/.well-known/openid-configuration"), oauth))
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
        match self {
            Self::MalformedUrl => formatter.write_str("not an https URL"),
            Self::NotHttps { host } => {
                write!(
                    formatter,
                    "http to {host} is not safe; use https, or danger_allow_http"
                )
            }
            Self::RootCertificate => formatter.write_str("a root certificate is malformed"),
            Self::Fetch(error) => write!(formatter, "the issuer's metadata: {error}"),
            Self::Metadata => formatter.write_str("the issuer's metadata names no jwks_uri"),
            Self::AnotherIssuer => formatter.write_str("the metadata is of another issuer"),
        }
    }
}

impl std::error::Error for SetupError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_looked_for_where_both_specifications_put_it() {
        let (open_id, oauth) = metadata_urls("https://a.test/realms/x").unwrap();
        assert_eq!(
            open_id,
            "https://a.test/realms/x/.well-known/openid-configuration"
        );
        assert_eq!(
            oauth,
            "https://a.test/.well-known/oauth-authorization-server/realms/x"
        );
        let (open_id, oauth) = metadata_urls("https://a.test/").unwrap();
        assert_eq!(open_id, "https://a.test/.well-known/openid-configuration");
        assert_eq!(
            oauth,
            "https://a.test/.well-known/oauth-authorization-server"
        );
        assert_eq!(metadata_urls("a.test"), Err(SetupError::MalformedUrl));
    }
}
