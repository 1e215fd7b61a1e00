//! Warnings: settings that are allowed, with a risk that the operator should know.
//!
//! This module must not refuse anything: settings that cannot work are errors of `load`.

use signet_core::keys::jwks::MAX_JWKS_AGE;
use signet_store::StoreUrls;
use url::{Host, Url};

use super::settings::Settings;
use super::urls::PublicUrl;

/// Returns a sentence for each risk of these settings.
pub(super) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings: Vec<String> = [
        plain_http(&settings.public_url),
        no_limits(settings),
        short_lead(settings),
        open_operations(settings),
        plain_store("database_url", settings.database_url.expose()),
        settings
            .redis_url
            .as_ref()
            .and_then(|url| plain_store("redis_url", url.expose())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let origins = settings.allowed_origins.iter();
    let foreign = origins.filter(|origin| !settings.public_url.is_same_site(origin));
    warnings.extend(foreign.map(|origin| {
        format!(
            "allowed_origins has {origin}, which is another site than public_url {}: browsers \
             do not keep the refresh cookie there; serve both from one site, or let its pages \
             use token_delivery \"body\"",
            settings.public_url
        )
    }));
    warnings
}

fn plain_http(public_url: &PublicUrl) -> Option<String> {
    let is_open = !public_url.is_https() && !public_url.is_loopback();
    is_open.then(|| {
        format!(
            "public_url {public_url} is plain http: anyone on the network path can read passwords \
             and tokens; use https"
        )
    })
}

fn no_limits(settings: &Settings) -> Option<String> {
    let text = "limits.enabled is false: nothing limits how often passwords are guessed";
    (!settings.limits.enabled).then(|| text.to_owned())
}

fn short_lead(settings: &Settings) -> Option<String> {
    let text = "keys.publish_lead is shorter than the time for which verifiers cache a key set: \
                they will refuse tokens of a key that has just become active";
    (settings.keys.policy.publish_lead < MAX_JWKS_AGE).then(|| text.to_owned())
}

fn open_operations(settings: &Settings) -> Option<String> {
    let address = settings.ops_listen;
    let files = settings.ops_tls.as_ref();
    let knows_clients = files.is_some_and(|files| files.client_ca_file.is_some());
    (!address.ip().is_loopback() && !knows_clients).then(|| {
        format!("ops_listen {address} is not loopback: anyone who can reach it can read metrics")
    })
}

/// Warns about a store on another machine without TLS. The text leaves out the address, which may
/// hold a password.
fn plain_store(key: &str, address: &str) -> Option<String> {
    if let Some(hosts) = StoreUrls::hosts(address) {
        return hosts.iter().find_map(|host| plain_store(key, host));
    }
    let url = Url::parse(address).ok()?;
    let is_plain = match url.scheme() {
        "redis" => true,
        "postgres" | "postgresql" => !url.query_pairs().any(|(name, value)| {
            let is_mode = matches!(&*name, "sslmode" | "ssl-mode");
            is_mode && matches!(&*value, "require" | "verify-ca" | "verify-full")
        }),
        _ => false,
    };
    let is_socket = url
        .query_pairs()
        .any(|(name, value)| name == "host" && value.starts_with('/'));
    (is_plain && !is_socket && is_remote(&url)).then(|| {
        format!(
            "{key} leads to another machine without TLS: anyone on the network path can read and \
             change what is stored; use rediss:// or sslmode=verify-full"
        )
    })
}

/// Whether a URL names another machine, as far as its text shows. A host with `%2F` is the path of
/// a socket.
fn is_remote(url: &Url) -> bool {
    let Some(host) = url.host_str().filter(|host| !host.contains("%2F")) else {
        return false;
    };
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => !address.is_loopback(),
        Ok(Host::Ipv6(address)) => !address.is_loopback(),
        Err(_) => true,
    }
}
