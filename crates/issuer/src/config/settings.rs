//! The settings as the server sees them: valid, typed and complete.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use ipnet::IpNet;
use signet_core::account::RegistrationMode;
use signet_core::limits::Limits;
use signet_core::names::Audience;
use signet_core::secret::SecretText;
use signet_core::session::SessionPolicy;
use signet_flows::keys::KeySettings;
use signet_store::RedisOptions;
use tracing_subscriber::filter::Targets;
use url::Host;

use super::gateway_profiles::GatewayProfile;
use super::urls::{PublicUrl, WebOrigin};

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the public listener listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where the operations listener listens; loopback unless set.
    pub ops_listen: SocketAddr,
    /// The names that operators reach `/admin` by, besides `localhost` and addresses.
    pub ops_hosts: Vec<Host>,
    /// The `iss` of every token.
    pub public_url: PublicUrl,
    /// The audiences that a sign-in is good for; never empty.
    pub audience: Vec<Audience>,
    /// Where accounts are kept. It may hold a password.
    pub database_url: SecretText,
    /// Where sessions are kept, if not in the database. It may hold a password.
    pub redis_url: Option<SecretText>,
    /// How Redis is used.
    pub redis: RedisOptions,
    /// Where keys are, and when they change.
    pub keys: KeySettings,
    /// Who may register an account.
    pub registration: RegistrationMode,
    /// How long an access token lives; 1 to 60 minutes.
    pub access_token_ttl: Duration,
    /// How sessions end and how forgiving a refresh is.
    pub session: SessionPolicy,
    /// The web pages beside our own that may use the cookie.
    pub allowed_origins: Vec<WebOrigin>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How many threads hash passwords.
    pub hash_threads: NonZeroUsize,
    /// How often one address may ask.
    pub limits: Limits,
    /// What gateways may ask for, by name; `default` is always there.
    pub gateway_profiles: BTreeMap<String, GatewayProfile>,
    /// What is logged, and how.
    pub log: LogSettings,
}

/// What is logged, and how.
#[derive(Clone, PartialEq, Debug)]
pub struct LogSettings {
    /// Which events: a level, or `target=level` pairs, comma separated.
    pub filter: Targets,
    /// In which form.
    pub format: LogFormat,
}

/// In which form events are logged.
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
    /// Whether `origin` is the public URL or listed.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.public_url.as_str() == origin
            || self
                .allowed_origins
                .iter()
                .any(|listed| listed.as_str() == origin)
    }
}
