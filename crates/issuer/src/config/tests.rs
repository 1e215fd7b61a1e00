//! What a configuration may say, and how it is refused.

use std::time::Duration;

use super::*;

fn with(variables: &[(&str, &str)]) -> Result<Loaded, Problems> {
    load(&Sources::of_variables(variables.iter().copied()))
}

fn with_file(text: &str) -> Result<Loaded, Problems> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signet.toml");
    std::fs::write(&path, text).unwrap();
    let sources = Sources {
        file: Some(path),
        ..Sources::default()
    };
    load(&sources)
}

fn refused(result: Result<Loaded, Problems>) -> Vec<String> {
    let Problems(problems) = result.unwrap_err();
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
    assert_eq!(
        settings.session,
        signet_core::session::SessionPolicy::default()
    );
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
        ("SIGNET_PUBLIC_URL", "http://localhost:8080/"),
        ("SIGNET_LISTENN", "x"),
    ]));
    assert_eq!(
        problems,
        [
            "environment variable SIGNET_LISTENN is not a setting",
            "listen has to be an IP address and a port, such as 127.0.0.1:8080 \
             (from environment variable SIGNET_LISTEN)",
            "public_url has to be scheme, host and port alone, as in http://localhost:8080 \
             (from environment variable SIGNET_PUBLIC_URL)",
            "access_token_ttl has to be a duration from 1m to 1h, such as 90s, 10m or 30d \
             (from environment variable SIGNET_ACCESS_TOKEN_TTL)",
            "session.grace has to be a duration from 0s to 1m, such as 90s, 10m or 30d \
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
    for (problem, key) in problems.iter().zip(["listem", "sesion", "session.grase"]) {
        assert!(
            problem.starts_with(&format!("{key} is not a setting (from file ")),
            "{problem}"
        );
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
    assert!(shown.contains("postgres://(hidden)@db.example/signet"));
    let broken = refused(with_file("database_url = \"hunter2\nx"));
    assert!(!broken[0].contains("hunter2"), "{broken:?}");
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
         any_of_roles = [\"clerk\"]\ndeny_list = false\nheader_prefix = \"X-Shop-\"\n",
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
