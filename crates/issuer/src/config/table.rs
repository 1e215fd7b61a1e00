//! Every setting: its key, its variable, its default.
//!
//! This module must not know what the values mean.

use signet_core::limits::Limit;

/// One setting.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    /// Its key in the file, with dots for tables.
    pub(super) key: &'static str,
    /// Its variable in the environment.
    pub(super) variable: &'static str,
    /// Its default; `None` leaves it unset.
    pub(super) default: Option<&'static str>,
    /// How much of its value is printed.
    pub(super) shown: Shown,
}

/// How much of a value is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shown {
    /// All of it.
    Whole,
    /// Scheme, host and path: the value is a URL that may hold a password.
    WithoutPassword,
    /// Only whether it is set.
    WhetherSet,
}

/// Every setting, in the order in which they are printed. Each rate limit has one.
pub(super) fn settings() -> impl Iterator<Item = Setting> {
    SETTINGS.iter().copied().chain(limits())
}

/// The setting with this key.
pub(super) fn by_key(key: &str) -> Option<Setting> {
    settings().find(|setting| setting.key == key)
}

/// The setting with this variable.
pub(super) fn by_variable(variable: &str) -> Option<Setting> {
    settings().find(|setting| setting.variable == variable)
}

/// Whether a profile of gateways has a setting of this name.
pub(super) fn is_profile_key(name: &str) -> bool {
    PROFILE_KEYS.contains(&name)
}

/// The settings of the rate limits. Limits may share one.
fn limits() -> impl Iterator<Item = Setting> {
    let rules = Limit::ALL
        .iter()
        .enumerate()
        .map(|(place, limit)| (place, limit.rule()));
    let is_first = |(place, key): (usize, &str)| {
        let mut before = Limit::ALL.iter().take(place);
        before.all(|limit| limit.rule().setting != key)
    };
    rules
        .filter(move |(place, rule)| is_first((*place, rule.setting)))
        .map(|(_, rule)| setting(rule.setting, rule.variable, Some(rule.default)))
}

const fn setting(
    key: &'static str,
    variable: &'static str,
    default: Option<&'static str>,
) -> Setting {
    Setting {
        key,
        variable,
        default,
        shown: Shown::Whole,
    }
}

const fn secret(mut setting: Setting) -> Setting {
    setting.shown = Shown::WhetherSet;
    setting
}

const fn address(mut setting: Setting) -> Setting {
    setting.shown = Shown::WithoutPassword;
    setting
}

/// All settings but those of the rate limits.
#[rustfmt::skip]
const SETTINGS: &[Setting] = &[
    setting("listen", "SIGNET_LISTEN", Some("127.0.0.1:8080")),
    setting("ops_listen", "SIGNET_OPS_LISTEN", Some("127.0.0.1:9090")),
    setting("ops_hosts", "SIGNET_OPS_HOSTS", None),
    setting("drain", "SIGNET_DRAIN", Some("0s")),
    setting("public_url", "SIGNET_PUBLIC_URL", Some("http://127.0.0.1:8080")),
    setting("tls.cert_file", "SIGNET_TLS_CERT_FILE", None),
    setting("tls.key_file", "SIGNET_TLS_KEY_FILE", None),
    setting("ops_tls.cert_file", "SIGNET_OPS_TLS_CERT_FILE", None),
    setting("ops_tls.key_file", "SIGNET_OPS_TLS_KEY_FILE", None),
    setting("ops_tls.client_ca_file", "SIGNET_OPS_TLS_CLIENT_CA_FILE", None),
    setting("audience", "SIGNET_AUDIENCE", Some("api")),
    setting("registration", "SIGNET_REGISTRATION", Some("open")),
    address(setting("database_url", "SIGNET_DATABASE_URL", Some("sqlite://data/signet.db"))),
    setting("migrate", "SIGNET_MIGRATE", Some("auto")),
    address(setting("redis_url", "SIGNET_REDIS_URL", None)),
    setting("redis.timeout", "SIGNET_REDIS_TIMEOUT", Some("500ms")),
    setting("redis.acknowledgements", "SIGNET_REDIS_ACKNOWLEDGEMENTS", Some("auto")),
    setting("redis.ca_file", "SIGNET_REDIS_CA_FILE", None),
    setting("keys.dir", "SIGNET_KEYS_DIR", Some("keys")),
    secret(setting("keys.passphrase", "SIGNET_KEYS_PASSPHRASE", None)),
    setting("keys.passphrase_file", "SIGNET_KEYS_PASSPHRASE_FILE", None),
    setting("keys.bits", "SIGNET_KEYS_BITS", Some("2048")),
    setting("keys.publish_lead", "SIGNET_KEYS_PUBLISH_LEAD", Some("24h")),
    setting("keys.ring_lag", "SIGNET_KEYS_RING_LAG", Some("2m")),
    setting("keys.rotate_every", "SIGNET_KEYS_ROTATE_EVERY", None),
    setting("access_token_ttl", "SIGNET_ACCESS_TOKEN_TTL", Some("10m")),
    setting("session.profile", "SIGNET_SESSION_PROFILE", Some("default")),
    setting("session.grace", "SIGNET_REFRESH_GRACE", Some("10s")),
    setting("session.recover_within", "SIGNET_SESSION_RECOVER_WITHIN", Some("3d")),
    setting("session.idle_ttl", "SIGNET_SESSION_IDLE_TTL", Some("14d")),
    setting("session.absolute_ttl", "SIGNET_SESSION_ABSOLUTE_TTL", Some("90d")),
    setting("allowed_origins", "SIGNET_ALLOWED_ORIGINS", None),
    setting("webauthn.rp_id", "SIGNET_WEBAUTHN_RP_ID", None),
    setting("webauthn.origins", "SIGNET_WEBAUTHN_ORIGINS", None),
    setting("trusted_proxies", "SIGNET_TRUSTED_PROXIES", None),
    setting("proxy_header", "SIGNET_PROXY_HEADER", Some("x-forwarded-for")),
    setting("password.hash_threads", "SIGNET_PASSWORD_HASH_THREADS", Some("auto")),
    setting("password.range_url", "SIGNET_PASSWORD_RANGE_URL", None),
    setting("limits.enabled", "SIGNET_LIMITS_ENABLED", Some("true")),
    setting("proof_of_work.registration", "SIGNET_PROOF_OF_WORK_REGISTRATION", Some("false")),
    setting("proof_of_work.sign_in", "SIGNET_PROOF_OF_WORK_SIGN_IN", Some("false")),
    setting("proof_of_work.bits", "SIGNET_PROOF_OF_WORK_BITS", Some("16")),
    setting("captcha.verify_url", "SIGNET_CAPTCHA_VERIFY_URL", None),
    setting("captcha.secret_file", "SIGNET_CAPTCHA_SECRET_FILE", None),
    secret(setting("smtp.url", "SIGNET_SMTP_URL", None)),
    setting("smtp.from", "SIGNET_SMTP_FROM", None),
    setting("smtp.ca_file", "SIGNET_SMTP_CA_FILE", None),
    setting("mail.language", "SIGNET_MAIL_LANGUAGE", Some("en")),
    setting("mail.templates", "SIGNET_MAIL_TEMPLATES", None),
    setting("links.reset", "SIGNET_LINKS_RESET", None),
    setting("links.verify", "SIGNET_LINKS_VERIFY", None),
    setting("links.invite", "SIGNET_LINKS_INVITE", None),
    setting("links.email", "SIGNET_LINKS_EMAIL", None),
    setting("pages.name", "SIGNET_PAGES_NAME", None),
    setting("pages.css", "SIGNET_PAGES_CSS", None),
    setting("audit.file", "SIGNET_AUDIT_FILE", None),
    setting("audit.rotate_at", "SIGNET_AUDIT_ROTATE_AT", Some("100MB")),
    setting("audit.table", "SIGNET_AUDIT_TABLE", Some("false")),
    setting("audit.retention", "SIGNET_AUDIT_RETENTION", Some("365d")),
    setting("client_metadata_documents.enabled", "SIGNET_CLIENT_METADATA_DOCUMENTS_ENABLED", Some("false")),
    setting("client_metadata_documents.scopes", "SIGNET_CLIENT_METADATA_DOCUMENTS_SCOPES", None),
    setting("client_metadata_documents.audiences", "SIGNET_CLIENT_METADATA_DOCUMENTS_AUDIENCES", None),
    setting("client_metadata_documents.hosts", "SIGNET_CLIENT_METADATA_DOCUMENTS_HOSTS", None),
    setting("client_metadata_documents.allowed_networks", "SIGNET_CLIENT_METADATA_DOCUMENTS_ALLOWED_NETWORKS", None),
    setting("client_metadata_documents.ca_file", "SIGNET_CLIENT_METADATA_DOCUMENTS_CA_FILE", None),
    setting("status_list.enabled", "SIGNET_STATUS_LIST_ENABLED", Some("false")),
    setting("log.filter", "SIGNET_LOG", Some("info")),
    setting("log.format", "SIGNET_LOG_FORMAT", Some("auto")),
    setting("log.sample_one_in", "SIGNET_LOG_SAMPLE_ONE_IN", Some("1")),
    setting("otlp.endpoint", "SIGNET_OTLP_ENDPOINT", None),
    setting("otlp.ca_file", "SIGNET_OTLP_CA_FILE", None),
    setting("otlp.sample_one_in", "SIGNET_OTLP_SAMPLE_ONE_IN", Some("100")),
];

/// The settings that are also flags of `signet serve`.
pub(super) const SERVE_FLAGS: [&str; 3] = ["listen", "ops_listen", "public_url"];

/// The table that holds a table for each profile of gateways.
pub(super) const PROFILES: &str = "forward_auth";

/// The settings of a profile of gateways.
pub(super) const PROFILE_KEYS: [&str; 6] = [
    "audiences",
    "scopes",
    "any_of_roles",
    "deny_list",
    "header_prefix",
    "claims",
];
