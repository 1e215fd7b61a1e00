//! Makes [`Settings`] from sources: checks every value, range and relation.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Duration;

use ipnet::IpNet;
use signet_core::account::RegistrationMode;
use signet_core::keys::Lifetimes;
use signet_core::limits::{Limit, Limits};
use signet_core::names::Audience;
use signet_core::secret::SecretText;
use signet_core::session::{MAX_ACCESS_TOKEN_TTL, SessionPolicy};
use signet_store::{Migration, MissingDatabase, RedisOptions, StoreUrls};
use tracing_subscriber::filter::{LevelFilter, Targets};

use url::Host;

use super::audit;
use super::captcha;
use super::client_documents;
use super::gateway_profiles;
use super::key_settings;
use super::layers::Layers;
use super::mail::{self, MailSettings};
use super::pages;
use super::problem::Problems;
use super::reader::{Reader, network, truth};
use super::settings::{LogFormat, LogSettings, ProxyHeader, Settings};
use super::sources::Sources;
use super::table::settings;
use super::tls;
use super::traces;
use super::urls::PublicUrl;
use super::warnings::warnings;
use super::webauthn;
use crate::tls::TlsFiles;

/// A checked configuration, and the source of each setting.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Each of them as it was read.
    pub effective: Vec<Effective>,
    /// The risks that the operator should know.
    pub warnings: Vec<String>,
}

/// One setting as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effective {
    /// Its key.
    pub key: String,
    /// Its value, without secrets; empty if it is not set.
    pub value: String,
    /// Its source.
    pub source: String,
}

/// Reads and checks a whole configuration.
///
/// # Errors
///
/// [`Problems`]: every problem with its key and its source.
pub fn load(sources: &Sources) -> Result<Loaded, Problems> {
    let mut problems = Vec::new();
    let layers = Layers::lay(sources, &mut problems);
    let mut reader = Reader::new(layers, problems);
    let settings = read(&mut reader);
    match settings {
        Some(settings) if reader.is_clean() => Ok(Loaded {
            effective: effective(&reader),
            warnings: warnings(&settings),
            settings,
        }),
        _ => Err(Problems(reader.into_problems())),
    }
}

fn read(reader: &mut Reader) -> Option<Settings> {
    let [listen, ops_listen] = ["listen", "ops_listen"].map(|key| reader.required(key, address));
    let (ops_hosts, traces) = (reader.many("ops_hosts", Host::parse), traces::read(reader));
    let drain = reader.duration("drain", Duration::ZERO, LONGEST_DRAIN);
    let public_url = reader.required("public_url", str::parse);
    let own_tls = tls::read(reader, public_url.as_ref());
    let ops_tls = tls::read_operations(reader);
    let (audience, (database_url, redis_url, redis)) = (audience(reader), stores(reader));
    let access_token_ttl = reader.duration("access_token_ttl", MINUTE, MAX_ACCESS_TOKEN_TTL);
    let (session, migration) = (session(reader), reader.required("migrate", migration));
    let keys = key_settings::read(reader, access_token_ttl.zip(session).map(longest));
    let (allowed_origins, limits) = (reader.many("allowed_origins", str::parse), limits(reader));
    let relying_party = webauthn::read(reader, public_url.as_ref(), allowed_origins.as_deref());
    let trusted_proxies = trusted_proxies(reader, public_url.as_ref(), own_tls.as_ref());
    let proxy_header = reader.required("proxy_header", proxy_header);
    let hash_threads = reader.required("password.hash_threads", threads);
    let range_url = reader.optional("password.range_url", str::parse);
    let gateway_profiles = gateway_profiles::read(reader, audience.as_deref());
    let ((work, captcha), mail) = (captcha::read_with_work(reader), mail::read(reader));
    let registration = registration(reader, mail.as_ref());
    let link_pages = mail::read_pages(reader, public_url.as_ref());
    let pages = pages::read(reader, public_url.as_ref());
    let (client_documents, audit) = (client_documents::read(reader), audit::read(reader));
    let (log, status_lists) = (log(reader), reader.required("status_list.enabled", truth));
    Some(Settings {
        listen: listen?,
        ops_listen: ops_listen?,
        ops_hosts: ops_hosts?,
        drain: drain?,
        public_url: public_url?,
        tls: own_tls?,
        ops_tls: ops_tls?,
        audience: audience?,
        registration: registration?,
        database_url: database_url?,
        redis_url: redis_url?,
        redis: redis?,
        missing_database: MissingDatabase::Make,
        migration: migration?,
        keys: keys?,
        access_token_ttl: access_token_ttl?,
        session: session?,
        allowed_origins: allowed_origins?,
        relying_party: relying_party?,
        trusted_proxies: trusted_proxies?,
        proxy_header: proxy_header?,
        hash_threads: hash_threads?,
        range_url: range_url?,
        limits: limits?,
        proof_of_work: work?,
        captcha: captcha?,
        gateway_profiles: gateway_profiles?,
        mail: mail?,
        pages: pages?,
        link_pages: link_pages?,
        audit: audit?,
        client_documents: client_documents?,
        status_lists: status_lists?,
        log: log?,
        traces: traces?,
    })
}

/// The longest that tokens and sessions may be valid.
fn longest((access_token, session): (Duration, SessionPolicy)) -> Lifetimes {
    Lifetimes {
        access_token,
        session: session.absolute_ttl,
    }
}

/// Who may register. Answers by mail need a mail server.
fn registration(
    reader: &mut Reader,
    mail: Option<&Option<MailSettings>>,
) -> Option<RegistrationMode> {
    let mode = reader.required("registration", str::parse)?;
    if mode == RegistrationMode::Mail && mail.is_some_and(Option::is_none) {
        return reader.refuse("registration", MAIL_WITHOUT_SERVER);
    }
    Some(mode)
}

/// The URL of the database, the URL of Redis, and how Redis is used.
type StoreSettings = (
    Option<SecretText>,
    Option<Option<SecretText>>,
    Option<RedisOptions>,
);

/// Reads the addresses of the stores, and checks them as the server does when it starts.
fn stores(reader: &mut Reader) -> StoreSettings {
    let database_url = reader.required("database_url", secret);
    let redis_url = reader.optional("redis_url", secret);
    let redis = redis(reader);
    if let (Some(database_url), Some(redis_url), Some(redis)) = (&database_url, &redis_url, &redis)
    {
        check_stores(reader, database_url, redis_url.as_ref(), redis);
    }
    (database_url, redis_url, redis)
}

fn migration(text: &str) -> Result<Migration, &'static str> {
    match text {
        "auto" => Ok(Migration::Automatic),
        "manual" => Ok(Migration::Manual),
        _ => Err("must be auto or manual"),
    }
}

fn check_stores(
    reader: &mut Reader,
    database_url: &SecretText,
    redis_url: Option<&SecretText>,
    redis: &RedisOptions,
) {
    let urls = StoreUrls {
        database_url: database_url.expose().to_owned(),
        redis_url: redis_url.map(|url| url.expose().to_owned()),
        redis: redis.clone(),
        migration: Migration::default(),
    };
    if let Err(error) = urls.check() {
        let message = format!("cannot be used: {}", error.reason());
        reader.refuse::<()>(error.setting(), &message);
    }
}

/// Reads the trusted proxies; `none` says that there is no proxy. A server of https without own TLS
/// usually has one in front of it. Without its address, all clients would share one address and its
/// rate limits.
fn trusted_proxies(
    reader: &mut Reader,
    public_url: Option<&PublicUrl>,
    own_tls: Option<&Option<TlsFiles>>,
) -> Option<Vec<IpNet>> {
    let says_none = reader.many("trusted_proxies", |text| {
        Ok::<_, Infallible>(text == "none")
    });
    let proxies = match says_none?.as_slice() {
        [true] => return Some(Vec::new()),
        _ => reader.many("trusted_proxies", network)?,
    };
    let is_https = public_url.is_some_and(PublicUrl::is_https);
    if proxies.is_empty() && is_https && own_tls.is_some_and(Option::is_none) {
        return reader.refuse("trusted_proxies", PROXIES_MISSING);
    }
    Some(proxies)
}

fn proxy_header(text: &str) -> Result<ProxyHeader, &'static str> {
    match text {
        "x-forwarded-for" => Ok(ProxyHeader::XForwardedFor),
        "forwarded" => Ok(ProxyHeader::Forwarded),
        _ => Err("must be x-forwarded-for or forwarded"),
    }
}

fn audience(reader: &mut Reader) -> Option<Vec<Audience>> {
    let mut audience = reader.many("audience", str::parse::<Audience>)?;
    if audience.is_empty() {
        return reader.refuse("audience", "must name at least one audience");
    }
    audience.sort();
    audience.dedup();
    Some(audience)
}

fn redis(reader: &mut Reader) -> Option<RedisOptions> {
    let timeout = reader.duration("redis.timeout", Duration::from_millis(10), 10 * SECOND);
    let acknowledgements = reader.required("redis.acknowledgements", |text| {
        if text == "auto" {
            return Ok(None);
        }
        let number = text.parse().map(Some);
        number.map_err(|_| "must be auto or a number of replicas")
    });
    let ca_file = reader.optional("redis.ca_file", str::parse);
    Some(RedisOptions {
        timeout: timeout?,
        acknowledgements: acknowledgements?,
        ca_file: ca_file?,
    })
}

fn session(reader: &mut Reader) -> Option<SessionPolicy> {
    let strict = reader.required("session.profile", |text| match text {
        "default" => Ok(false),
        "strict" => Ok(true),
        _ => Err("must be default or strict"),
    });
    let grace = reader.duration("session.grace", Duration::ZERO, MINUTE);
    let recover_within = reader.duration("session.recover_within", Duration::ZERO, MAX_TTL);
    let idle_ttl = reader.duration("session.idle_ttl", SECOND, MAX_TTL);
    let absolute_ttl = reader.duration("session.absolute_ttl", SECOND, MAX_TTL);
    let policy = SessionPolicy {
        grace: grace?,
        recover_within: recover_within?,
        heal: true,
        idle_ttl: idle_ttl?,
        absolute_ttl: absolute_ttl?,
    };
    if policy.idle_ttl > policy.absolute_ttl {
        return reader.refuse("session.idle_ttl", "is longer than session.absolute_ttl");
    }
    if !strict? {
        return Some(policy);
    }
    for (key, value) in [
        ("session.grace", policy.grace),
        ("session.recover_within", policy.recover_within),
    ] {
        if reader.is_set(key) && !value.is_zero() {
            return reader.refuse(key, "must be 0s with session.profile strict");
        }
    }
    Some(policy.strict())
}

fn limits(reader: &mut Reader) -> Option<Limits> {
    let enabled = reader.required("limits.enabled", truth);
    let mut per_minute = |limit: Limit| reader.number(limit.rule().setting, 1, MAX_PER_MINUTE);
    let mut numbers = Vec::new();
    for limit in Limit::ALL {
        numbers.push((*limit, per_minute(*limit)));
    }
    let number = |limit| numbers.iter().find(|(known, _)| *known == limit)?.1;
    Limits::read(enabled?, number)
}

fn log(reader: &mut Reader) -> Option<LogSettings> {
    let filter = reader.required("log.filter", |text| {
        let filter = text.parse::<Targets>();
        let named = text.split(',').all(is_log_directive);
        filter
            .ok()
            .filter(|_| named)
            .ok_or("must be a level or target=level pairs")
    });
    let format = reader.required("log.format", |text| match text {
        "auto" => Ok(LogFormat::Auto),
        "pretty" => Ok(LogFormat::Pretty),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be pretty, json or auto"),
    });
    let sample_one_in = reader.number("log.sample_one_in", 1, FEWEST_LINES);
    Some(LogSettings {
        filter: filter?,
        format: format?,
        sample_one_in: sample_one_in?,
    })
}

/// A single word must be a level: as a target it would turn off everything else.
fn is_log_directive(text: &str) -> bool {
    text.contains('=') || text.trim().parse::<LevelFilter>().is_ok()
}

fn secret(text: &str) -> Result<SecretText, Infallible> {
    text.parse::<String>().map(SecretText::new)
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "must be an IP address and a port, such as 127.0.0.1:8080")
}

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    if text == "auto" {
        return available_parallelism()
            .map_err(|error| format!("auto does not work here: {error}; set a number"));
    }
    let number = text
        .parse()
        .ok()
        .filter(|number| *number <= MAX_HASH_THREADS);
    number.ok_or_else(|| format!("must be auto or a number from 1 to {MAX_HASH_THREADS}"))
}

fn effective(reader: &Reader) -> Vec<Effective> {
    let shown = |key: String| Effective {
        value: reader.shown(&key),
        source: reader.source(&key),
        key,
    };
    let keys = settings().map(|setting| setting.key.to_owned());
    let keys = keys.chain(gateway_profiles::set_keys(reader));
    keys.map(shown).collect()
}

const MAIL_WITHOUT_SERVER: &str = "is mail, but no mail server is set; set smtp.url and smtp.from";
const PROXIES_MISSING: &str = "is not set, but public_url is https: without the address of the gateway all clients count as \
     one and share its rate limits; set it to the gateway's addresses, such as 10.0.0.0/8, or to \
     none if clients connect to Signet directly, or set tls.cert_file if Signet serves https itself";
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// Load balancers notice within seconds that a server is not ready.
const LONGEST_DRAIN: Duration = Duration::from_mins(5);
/// Ten years: longer than any record is kept, and far below the limit of times.
const MAX_TTL: Duration = Duration::from_hours(24 * 3_650);
/// A higher limit would have no effect.
const MAX_PER_MINUTE: u32 = 1_000_000;
/// Fewer would be none.
const FEWEST_LINES: u32 = 1_000_000;
/// Each thread takes 20 MB.
const MAX_HASH_THREADS: NonZeroUsize = match NonZeroUsize::new(256) {
    Some(number) => number,
    None => NonZeroUsize::MIN,
};
