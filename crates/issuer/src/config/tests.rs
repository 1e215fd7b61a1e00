//! What a configuration may say, and how it is refused.

use std::time::Duration;

use super::*;

mod captcha;
mod durations;
mod mail;
mod pages;

fn with(variables: &[(&str, &str)]) -> Result<Loaded, SettingProblems> {
    load(&Sources::of_variables(variables.iter().copied()))
}

fn with_file(text: &str) -> Result<Loaded, SettingProblems> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signet.toml");
    std::fs::write(&path, text).unwrap();
    let sources = Sources {
        file: Some(path),
        ..Sources::default()
    };
    load(&sources)
}

fn refused(result: Result<Loaded, SettingProblems>) -> Vec<String> {
    let SettingProblems(problems) = result.unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_said_gives_the_documented_defaults() {
    let settings = with(&[]).unwrap().settings;
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.ops_listen.to_string(), "127.0.0.1:9090");
    assert_eq!(settings.public_url.as_str(), "http://127.0.0.1:8080");
    assert_eq!(settings.audience, ["api".parse().unwrap()]);
    assert_eq!(settings.database_url.expose(), "sqlite://data/signet.db");
    assert!(settings.redis_url.is_none());
    assert_eq!(settings.access_token_ttl, Duration::from_mins(10));
    let session = signet_core::session::SessionPolicy::default();
    assert_eq!(settings.session, session);
    assert!(settings.limits.enabled);
}

#[test]
fn the_environment_wins_over_the_file_and_flags_over_both() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signet.toml");
    let file =
        "listen = \"127.0.0.1:1\"\nops_listen = \"127.0.0.1:2\"\n[session]\ngrace = \"5s\"\n";
    std::fs::write(&path, file).unwrap();
    let mut sources = Sources::of_variables([
        ("SIGNET_CONFIG", path.to_str().unwrap()),
        ("SIGNET_OPS_LISTEN", "127.0.0.1:3"),
        ("SIGNET_REFRESH_GRACE", "6s"),
    ]);
    sources.flags.push(("session.grace", "7s".to_owned()));
    let loaded = load(&sources).unwrap();
    assert_eq!(loaded.settings.listen.port(), 1);
    assert_eq!(loaded.settings.ops_listen.port(), 3);
    assert_eq!(loaded.settings.session.grace, Duration::from_secs(7));
    let source = |key| {
        let effective = loaded.effective.iter().find(|setting| setting.key == key);
        effective.unwrap().source.clone()
    };
    assert_eq!(source("listen"), format!("file {}", path.display()));
    assert_eq!(
        source("ops_listen"),
        "environment variable SIGNET_OPS_LISTEN"
    );
    assert_eq!(source("session.grace"), "command line");
    assert_eq!(source("audience"), "default");
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_source() {
    let problems = refused(with(&[
        ("SIGNET_LISTEN", "everywhere"),
        ("SIGNET_REFRESH_GRACE", "61s"),
        ("SIGNET_ACCESS_TOKEN_TTL", "10"),
        ("SIGNET_PUBLIC_URL", "http://localhost:8080/auth"),
        ("SIGNET_LISTENN", "x"),
    ]));
    assert_eq!(
        problems,
        [
            "environment variable SIGNET_LISTENN is not a setting; did you mean SIGNET_LISTEN?",
            "listen must be an IP address and a port, such as 127.0.0.1:8080 \
             (from environment variable SIGNET_LISTEN)",
            "public_url must be scheme, host and port only, such as http://localhost:8080 \
             (from environment variable SIGNET_PUBLIC_URL)",
            "access_token_ttl must be a duration from 1m to 1h, such as 90s, 10m or 30d \
             (from environment variable SIGNET_ACCESS_TOKEN_TTL)",
            "session.grace must be a duration from 0s to 1m, such as 90s, 10m or 30d \
             (from environment variable SIGNET_REFRESH_GRACE)",
        ]
    );
}

#[test]
fn unknown_keys_in_the_file_are_refused_by_name() {
    let problems = refused(with_file(
        "listem = 1\n[session]\ngrase = \"1s\"\n[sesion]\nx = 1\n",
    ));
    assert_eq!(problems.len(), 3);
    for (problem, said) in problems.iter().zip([
        "listem is not a setting; did you mean listen? (from file ",
        "sesion is not a setting (from file ",
        "session.grase is not a setting; did you mean session.grace? (from file ",
    ]) {
        assert!(problem.starts_with(said), "{problem}");
    }
}

#[test]
fn variables_that_kubernetes_injects_are_ignored() {
    let variables = [
        ("SIGNET_PORT", "tcp://10.0.0.1:80"),
        ("SIGNET_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("SIGNET_SERVICE_HOST", "10.0.0.1"),
        ("SIGNET_REDIS_URL", ""),
    ];
    assert!(with(&variables).unwrap().settings.redis_url.is_none());
}

#[test]
fn lists_are_arrays_in_the_file_and_comma_separated_in_variables() {
    let file = with_file("allowed_origins = [\"https://a.example\", \"https://b.example\"]");
    let variable = with(&[(
        "SIGNET_ALLOWED_ORIGINS",
        "https://a.example, https://b.example",
    )]);
    let origins = |loaded: Loaded| loaded.settings.allowed_origins;
    assert_eq!(origins(file.unwrap()), origins(variable.unwrap()));
    assert!(with(&[("SIGNET_ALLOWED_ORIGINS", "*")]).is_err());
    assert!(with(&[("SIGNET_AUDIENCE", " , ")]).is_err());
}

#[test]
fn relations_are_checked() {
    let idle = refused(with(&[("SIGNET_SESSION_IDLE_TTL", "91d")]));
    assert_eq!(
        idle,
        ["session.idle_ttl is longer than session.absolute_ttl \
          (from environment variable SIGNET_SESSION_IDLE_TTL)"]
    );
    let strict = ("SIGNET_SESSION_PROFILE", "strict");
    let policy = with(&[strict]).unwrap().settings.session;
    assert_eq!((policy.grace, policy.heal), (Duration::ZERO, false));
    assert!(with(&[strict, ("SIGNET_REFRESH_GRACE", "0s")]).is_ok());
    assert!(with(&[strict, ("SIGNET_REFRESH_GRACE", "1s")]).is_err());
}

#[test]
fn postgres_needs_redis() {
    let problems = refused(with(&[("SIGNET_DATABASE_URL", "postgres://db/signet")]));
    assert_eq!(
        problems,
        [
            "database_url cannot be used: PostgreSQL needs Redis, where replicas share their \
             sessions; set redis_url too, or leave database_url out \
             (from environment variable SIGNET_DATABASE_URL)"
        ]
    );
}

#[test]
fn an_address_that_the_stores_refuse_is_refused_by_the_check_too() {
    for (variable, url, setting) in [
        (
            "SIGNET_DATABASE_URL",
            "mysql://root:hunter2@db/signet",
            "database_url",
        ),
        ("SIGNET_REDIS_URL", "http://:hunter2@cache", "redis_url"),
        (
            "SIGNET_REDIS_URL",
            "rediss://:hunter2@cache/#insecure",
            "redis_url",
        ),
    ] {
        let problems = refused(with(&[(variable, url)]));
        assert_eq!(problems.len(), 1, "{problems:?}");
        let problem = &problems[0];
        assert!(
            problem.starts_with(&format!("{setting} cannot be used: ")),
            "{problem}"
        );
        assert!(!problem.contains("hunter2"), "{problem}");
    }
}

#[test]
fn a_file_that_was_named_has_to_be_there() {
    let sources = Sources::of_variables([("SIGNET_CONFIG", "/nowhere/signet.toml")]);
    let problems = refused(load(&sources));
    assert!(
        problems[0]
            .starts_with("file /nowhere/signet.toml (named by SIGNET_CONFIG) cannot be read: ")
    );
}

#[test]
fn passwords_in_urls_are_never_shown() {
    let url = "postgres://signet:hunter2@db.example/signet";
    let redis = ("SIGNET_REDIS_URL", "redis://:hunter2@cache.example");
    let loaded = with(&[("SIGNET_DATABASE_URL", url), redis]).unwrap();
    let shown = format!("{loaded:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(
        shown.contains("\"postgres://db.example/signet\""),
        "{shown}"
    );
    let broken = refused(with_file("database_url = \"hunter2\nx"));
    assert!(!broken[0].contains("hunter2"), "{broken:?}");
}

#[test]
fn of_secrets_only_scheme_host_and_path_or_that_they_are_set_are_shown() {
    let shown = |variable: &str, value: &str| {
        let redis = ("SIGNET_REDIS_URL", "redis://127.0.0.1");
        let loaded = with(&[redis, (variable, value)]).unwrap();
        let is_secret = |setting: &&Effective| setting.source.ends_with(variable);
        let setting = loaded.effective.iter().find(is_secret);
        setting.unwrap().value.clone()
    };
    for (variable, value, expected) in [
        (
            "SIGNET_DATABASE_URL",
            "postgres://db.example:5433/signet?sslmode=require&password=hun@ter2",
            "postgres://db.example:5433/signet",
        ),
        (
            "SIGNET_REDIS_URL",
            "redis://:hunter2@127.0.0.1:6380/1",
            "redis://127.0.0.1:6380/1",
        ),
        (
            "SIGNET_DATABASE_URL",
            "sqlite://data/signet.db",
            "sqlite://data/signet.db",
        ),
        ("SIGNET_KEYS_PASSPHRASE", "redis://hunter2", "set"),
        ("SIGNET_KEYS_PASSPHRASE", "correct horse", "set"),
    ] {
        assert_eq!(shown(variable, value), expected, "{variable}");
    }
}

#[test]
fn behind_https_the_gateway_must_be_named_or_said_not_to_exist() {
    let url = ("SIGNET_PUBLIC_URL", "https://auth.example.com");
    for missing in ["", ",", " "] {
        let problems = refused(with(&[url, ("SIGNET_TRUSTED_PROXIES", missing)]));
        assert!(problems[0].starts_with("trusted_proxies is not set, but public_url is https"));
        assert!(problems[0].contains("or to none"), "{problems:?}");
    }
    let proxies = |said: &str| {
        let loaded = with(&[url, ("SIGNET_TRUSTED_PROXIES", said)]);
        loaded.map(|loaded| loaded.settings.trusted_proxies.len())
    };
    assert_eq!(proxies("none").unwrap(), 0);
    assert_eq!(proxies("10.0.0.0/8,192.0.2.1").unwrap(), 2);
    assert!(proxies("none,10.0.0.0/8").is_err());
    assert!(with(&[]).unwrap().settings.trusted_proxies.is_empty());
}

#[test]
fn a_store_on_another_machine_without_tls_is_a_warning() {
    let warnings = |database: &str, redis: &str| {
        let loaded = with(&[
            ("SIGNET_DATABASE_URL", database),
            ("SIGNET_REDIS_URL", redis),
        ]);
        loaded.unwrap().warnings
    };
    let local = "redis://127.0.0.1:6379";
    for (database, redis) in [
        ("sqlite://data/signet.db", local),
        ("sqlite://data/signet.db", "redis://localhost"),
        ("sqlite://data/signet.db", "rediss://cache.example"),
        ("postgres://me@localhost/signet", local),
        ("postgres://db.example/signet?sslmode=verify-full", local),
    ] {
        assert_eq!(warnings(database, redis), [""; 0], "{database} {redis}");
    }
    let plain = warnings("postgres://me:hunter2@db.example/signet", local);
    assert!(plain[0].starts_with("database_url leads to another machine without TLS"));
    assert!(!plain[0].contains("hunter2"));
    let plain = warnings("sqlite://data/signet.db", "redis://:hunter2@10.0.0.5");
    assert!(plain[0].starts_with("redis_url leads to another machine without TLS"));
}

#[test]
fn a_page_of_another_site_is_a_warning() {
    let warnings = |origin| {
        with(&[("SIGNET_ALLOWED_ORIGINS", origin)])
            .unwrap()
            .warnings
    };
    assert_eq!(warnings("http://127.0.0.1:3000"), [""; 0]);
    let foreign = warnings("http://localhost:3000");
    let expected = "allowed_origins has http://localhost:3000, which is another site than \
                    public_url http://127.0.0.1:8080";
    assert!(foreign[0].starts_with(expected), "{foreign:?}");
}

#[test]
fn plain_http_in_the_open_is_a_warning() {
    let loaded = with(&[("SIGNET_PUBLIC_URL", "http://auth.example.com")]).unwrap();
    assert!(loaded.warnings[0].contains("plain http"));
    assert!(with(&[]).unwrap().warnings.is_empty());
}

#[test]
fn the_default_profile_is_there_without_configuration() {
    let profiles = with(&[("SIGNET_AUDIENCE", "orders,api")]).unwrap();
    let profiles = profiles.settings.gateway_profiles;
    assert_eq!(profiles.keys().collect::<Vec<_>>(), ["default"]);
    let profile = &profiles["default"];
    assert_eq!(profile.audiences.first, "api".parse().unwrap());
    assert_eq!(profile.audiences.others, ["orders".parse().unwrap()]);
    assert!(profile.scopes.is_empty() && profile.any_of_roles.is_empty());
    assert!(profile.reads_deny_list);
    assert_eq!(profile.headers.token_id, "x-auth-token-id");
}

#[test]
fn a_profile_says_what_it_demands_and_what_it_says_is_shown() {
    let loaded = with_file(
        "[forward_auth.orders]\naudiences = [\"orders\"]\nscopes = [\"orders:read\"]\n\
         any_of_roles = [\"clerk\"]\ndeny_list = false\nheader_prefix = \"X-Shop-\"\n\
         claims = [\"tenant\", \"acme/plan_name\"]\n",
    );
    let loaded = loaded.unwrap();
    let profile = &loaded.settings.gateway_profiles["orders"];
    assert_eq!(profile.audiences.first, "orders".parse().unwrap());
    assert_eq!(profile.scopes, ["orders:read".parse().unwrap()]);
    assert_eq!(profile.any_of_roles, ["clerk".parse().unwrap()]);
    assert!(!profile.reads_deny_list);
    assert_eq!(profile.headers.subject, "x-shop-subject");
    let shown = loaded.effective.iter();
    let shown = shown.filter(|setting| setting.key.starts_with("forward_auth."));
    let shown: Vec<_> = shown
        .map(|setting| (setting.key.as_str(), setting.value.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("forward_auth.orders.audiences", "orders"),
            ("forward_auth.orders.scopes", "orders:read"),
            ("forward_auth.orders.any_of_roles", "clerk"),
            ("forward_auth.orders.deny_list", "false"),
            ("forward_auth.orders.header_prefix", "X-Shop-"),
            ("forward_auth.orders.claims", "tenant,acme/plan_name"),
        ]
    );
}

#[test]
fn a_profile_that_is_wrong_is_refused_by_its_key() {
    let problems = refused(with_file(
        "[forward_auth]\nflat = 1\n[forward_auth.\"a b\"]\n[forward_auth.x]\naudience = \"api\"\n\
         audiences = []\nscopes = [\"a b\"]\nany_of_roles = [\"-\"]\ndeny_list = 1\n\
         header_prefix = \"X_Auth_\"\n",
    ));
    let mut keys: Vec<_> = problems
        .iter()
        .map(|problem| problem.split(' ').next().unwrap())
        .collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "forward_auth",
            "forward_auth.flat",
            "forward_auth.x.any_of_roles",
            "forward_auth.x.audience",
            "forward_auth.x.audiences",
            "forward_auth.x.deny_list",
            "forward_auth.x.header_prefix",
            "forward_auth.x.scopes",
        ]
    );
    for prefix in ["", "X-", "X--x", "Auth-", "X-Auth", "X-A\u{e9}-", "X-a:-"] {
        let file = format!("[forward_auth.x]\nheader_prefix = \"{prefix}\"\n");
        assert!(with_file(&file).is_err(), "{prefix}");
    }
}
