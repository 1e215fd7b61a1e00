//! The settings as the server sees them: valid, typed and complete.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use ipnet::IpNet;
use signet_core::account::RegistrationMode;
use signet_core::limits::Limits;
use signet_core::names::Audience;
use signet_core::proof_of_work::WorkSettings;
use signet_core::secret::SecretText;
use signet_core::session::SessionPolicy;
use signet_core::webauthn::RelyingParty;
use signet_flows::AuditSettings;
use signet_flows::keys::KeySettings;
use signet_flows::mail::LinkPages;
use signet_store::{Migration, MissingDatabase, RedisOptions};
use tracing_subscriber::filter::Targets;
use url::Host;

use super::client_documents::ClientDocumentSettings;
use super::gateway_profiles::GatewayProfile;
use super::mail::MailSettings;
use super::pages::PageSettings;
use super::traces::TraceSettings;
use super::urls::{PublicUrl, WebOrigin};
use crate::captcha::CaptchaSettings;
use crate::password_ranges::RangeUrl;
use crate::tls::TlsFiles;

/// All settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the public listener; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The address of the operations listener; loopback by default.
    pub ops_listen: SocketAddr,
    /// The host names of the operations listener, besides `localhost` and addresses.
    pub ops_hosts: Vec<Host>,
    /// How long the server still serves after it was told to stop; `/readyz` is 503 meanwhile.
    pub drain: Duration,
    /// The `iss` of every token.
    pub public_url: PublicUrl,
    /// The certificate of the public listener; none for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// The certificate of the operations listener; none for plain HTTP.
    pub ops_tls: Option<TlsFiles>,
    /// The audiences of tokens of the server's own client; never empty.
    pub audience: Vec<Audience>,
    /// The URL of the database. It may hold a password.
    pub database_url: SecretText,
    /// The URL of the Redis that keeps sessions, if there is one. It may hold a password.
    pub redis_url: Option<SecretText>,
    /// Time limits, acknowledgements and certificates of Redis.
    pub redis: RedisOptions,
    /// The keys folder and the rules of rotation.
    pub keys: KeySettings,
    /// Who may register an account.
    pub registration: RegistrationMode,
    /// Lifetime of an access token; 1 to 60 minutes.
    pub access_token_ttl: Duration,
    /// The lifetimes of sessions, the grace period and recovery.
    pub session: SessionPolicy,
    /// Further web origins that may use the cookie.
    pub allowed_origins: Vec<WebOrigin>,
    /// The party that passkeys are registered for.
    pub relying_party: RelyingParty,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they report it.
    pub proxy_header: ProxyHeader,
    /// What to do about a database that has no tables yet. Only `signet serve` refuses it.
    pub missing_database: MissingDatabase,
    /// Whether the server applies the missing steps of the schema when it starts.
    pub migration: Migration,
    /// How many threads hash passwords.
    pub hash_threads: NonZeroUsize,
    /// The service that knows breached passwords, if one is configured.
    pub range_url: Option<RangeUrl>,
    /// The rate limits of one client address.
    pub limits: Limits,
    /// What clients do work for.
    pub proof_of_work: WorkSettings,
    /// The service that judges captchas, if one is configured.
    pub captcha: Option<CaptchaSettings>,
    /// The profiles of forward auth by name; `default` always exists.
    pub gateway_profiles: BTreeMap<String, GatewayProfile>,
    /// How mail is written and sent; none if it is not configured.
    pub mail: Option<MailSettings>,
    /// How the pages of sign-in by redirect look.
    pub pages: PageSettings,
    /// Where links lead.
    pub link_pages: LinkPages,
    /// Where the audit trail is kept.
    pub audit: AuditSettings,
    /// Which unregistered clients are admitted; none if every client must be registered.
    pub client_documents: Option<ClientDocumentSettings>,
    /// Whether access tokens name a bit of a revocation list.
    pub status_lists: bool,
    /// The filter and the format of the log.
    pub log: LogSettings,
    /// Where traces are sent; none if they are not.
    pub traces: Option<TraceSettings>,
}

/// What is logged, and how.
#[derive(Clone, PartialEq, Debug)]
pub struct LogSettings {
    /// The events to log: a level, or `target=level` pairs, comma separated.
    pub filter: Targets,
    /// The format.
    pub format: LogFormat,
    /// If a route answers many requests in a second, one in this many has a line.
    pub sample_one_in: u32,
}

/// The format of logged events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// Pretty on a terminal, else JSON.
    Auto,
    /// For people.
    Pretty,
    /// For programs, one object per line.
    Json,
}

impl Settings {
    /// Whether pages of the public URL can use passkeys: browsers know none for IP addresses.
    pub(crate) fn has_passkeys_on_pages(&self) -> bool {
        let own = self.relying_party.has_origin(self.public_url.as_str());
        own && !self.public_url.is_address()
    }

    /// Whether `origin` is the public URL or listed.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.public_url.as_str() == origin
            || self
                .allowed_origins
                .iter()
                .any(|listed| listed.as_str() == origin)
    }
}

/// The header in which trusted proxies report client addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`
    XForwardedFor,
    /// `Forwarded`, RFC 7239.
    Forwarded,
}

impl ProxyHeader {
    /// The name of the header.
    pub fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}
