//! What stops the start: each time a sentence that names the key and where it came from.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use signet_tests::{Folder, SOON, Server, own_address, run_signet, until};

#[test]
fn a_bad_setting_is_named_with_its_key_and_its_variable() {
    for (variable, value, key) in [
        ("SIGNET_LISTEN", "nowhere", "listen"),
        (
            "SIGNET_PUBLIC_URL",
            "http://127.0.0.1:8080/auth",
            "public_url",
        ),
        ("SIGNET_PUBLIC_URL", "ftp://example.com", "public_url"),
        ("SIGNET_AUDIENCE", "two words", "audience"),
        ("SIGNET_AUDIENCE", "-", "audience"),
        ("SIGNET_ACCESS_TOKEN_TTL", "2h", "access_token_ttl"),
        ("SIGNET_ACCESS_TOKEN_TTL", "59s", "access_token_ttl"),
        ("SIGNET_ACCESS_TOKEN_TTL", "10", "access_token_ttl"),
        ("SIGNET_REFRESH_GRACE", "61s", "session.grace"),
        ("SIGNET_REFRESH_GRACE", "-1s", "session.grace"),
        ("SIGNET_SESSION_IDLE_TTL", "soon", "session.idle_ttl"),
        ("SIGNET_SESSION_IDLE_TTL", "100d", "session.idle_ttl"),
        (
            "SIGNET_ALLOWED_ORIGINS",
            "https://app.example.com/path",
            "allowed_origins",
        ),
        ("SIGNET_ALLOWED_ORIGINS", "*", "allowed_origins"),
        ("SIGNET_LIMITS_ENABLED", "maybe", "limits.enabled"),
        ("SIGNET_LOG_FORMAT", "xml", "log.format"),
        ("SIGNET_LOG", "verbose", "log.filter"),
        ("SIGNET_LOG", "signet_issuer", "log.filter"),
        ("SIGNET_LOG", "info,debgu", "log.filter"),
        ("SIGNET_LOG", "signet_issuer=loud", "log.filter"),
        (
            "SIGNET_DATABASE_URL",
            "mysql://127.0.0.1/signet",
            "database_url",
        ),
    ] {
        let ran = run_signet(&Folder::with_keys(), &["serve"], &[(variable, value)]);
        assert!(!ran.success, "{variable}={value}");
        let said = ran.stderr.lines().find(|line| line.contains(key));
        assert!(
            said.is_some_and(|line| line.contains(variable)),
            "{variable}={value}: {ran:?}"
        );
        assert!(!ran.stdout.contains("ready"));
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let settings = [
        ("SIGNET_REFRESH_GRACE", "1h"),
        ("SIGNET_ACCESS_TOKEN_TTL", "1s"),
    ];
    let ran = run_signet(&Folder::with_keys(), &["serve"], &settings);
    assert!(ran.stderr.contains("session.grace"), "{ran:?}");
    assert!(ran.stderr.contains("access_token_ttl"), "{ran:?}");
}

#[test]
fn an_unknown_setting_is_refused_and_named() {
    let folder = Folder::with_keys();
    let ran = run_signet(&folder, &["serve"], &[("SIGNET_ACCES_TOKEN_TTL", "5m")]);
    assert!(
        !ran.success && ran.stderr.contains("SIGNET_ACCES_TOKEN_TTL"),
        "{ran:?}"
    );

    fs::write(
        folder.path().join("signet.toml"),
        "[session]\ngrase = \"5s\"\n",
    )
    .unwrap();
    let ran = run_signet(&folder, &["serve"], &[]);
    assert!(
        !ran.success && ran.stderr.contains("session.grase"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("signet.toml"), "{ran:?}");
}

#[tokio::test]
async fn the_environment_wins_over_the_file() {
    let folder = Folder::with_keys();
    let file = "access_token_ttl = \"5m\"\naudience = [\"orders\"]\n";
    fs::write(folder.path().join("signet.toml"), file).unwrap();
    let folder = std::sync::Arc::new(folder);
    let server = Server::within(folder, &[("SIGNET_ACCESS_TOKEN_TTL", "7m")]);
    let account = server.api().register().await;
    let (_, claims) = signet_tests::read_token(&account.access_token);
    assert_eq!(
        claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
        420
    );
    assert_eq!(claims["aud"], "orders");
}

#[tokio::test]
async fn variables_that_kubernetes_injects_are_no_settings() {
    let server = Server::with(&[
        ("SIGNET_PORT", "tcp://10.0.0.1:8080"),
        ("SIGNET_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("SIGNET_SERVICE_HOST", "10.0.0.1"),
    ]);
    server.api().get("/healthz").await.expect(200);
}

#[test]
fn without_keys_it_says_how_to_make_them() {
    let ran = run_signet(&Folder::empty(), &["serve"], &[]);
    assert!(!ran.success);
    assert!(ran.stderr.contains("signet keys init"), "{ran:?}");
}

#[tokio::test]
async fn without_its_keys_a_used_installation_is_not_told_to_make_new_ones() {
    let server = Server::start();
    server.api().register().await;
    let folder = std::sync::Arc::clone(server.folder());
    server.stop();
    fs::remove_dir_all(folder.keys()).unwrap();
    let ran = run_signet(&folder, &["serve"], &[]);
    assert!(!ran.success);
    assert!(ran.stderr.contains("restore it from its backup"), "{ran:?}");
    assert!(!ran.stderr.contains("keys init"), "{ran:?}");
}

#[tokio::test]
async fn without_its_keys_a_used_installation_gets_new_ones_only_when_every_session_may_end() {
    let server = Server::start();
    let folder = std::sync::Arc::clone(server.folder());
    let again = run_signet(&folder, &["keys", "init"], &[]);
    assert!(again.stdout.contains("nothing to do"), "{again:?}");
    server.stop();
    fs::remove_dir_all(folder.keys()).unwrap();
    let ran = run_signet(&folder, &["keys", "init"], &[]);
    assert!(!ran.success && !folder.keys().exists(), "{ran:?}");
    assert!(ran.stderr.contains("--end-sessions"), "{ran:?}");
    let ran = run_signet(&folder, &["keys", "init", "--end-sessions"], &[]);
    assert!(ran.success, "{ran:?}");
    assert!(folder.keys().join("keyring.json").exists());
}

#[tokio::test]
async fn a_database_that_was_lost_is_refused_until_a_new_one_is_asked_for() {
    let server = Server::start();
    server.api().register().await;
    let folder = std::sync::Arc::clone(server.folder());
    let database = folder.database();
    let data = database.parent().unwrap();
    let logs = server.stop().logs;
    assert_eq!(logs.matches("made a new database").count(), 1, "{logs}");
    assert_eq!(logs.matches("database.created").count(), 1, "{logs}");

    let again = run_signet(&folder, &["serve"], &[]);
    assert!(again.stdout.contains("signet ready on"), "{again:?}");
    assert!(!again.stderr.contains("database.created"), "{again:?}");

    fs::remove_dir_all(data).unwrap();
    let missing = run_signet(&folder, &["serve"], &[]);
    assert!(missing.stderr.contains(LOST_DATABASE), "{missing:?}");
    assert!(!data.exists());
    fs::create_dir(data).unwrap();
    fs::File::create(&database).unwrap();
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();
    // Each start is refused, not only the first.
    for _ in 0..2 {
        let empty = run_signet(&folder, &["serve"], &[]);
        assert!(!empty.success, "{empty:?}");
        assert!(empty.stderr.contains(LOST_DATABASE), "{empty:?}");
    }

    let new = run_signet(&folder, &["serve", "--new-database"], &[]);
    assert!(new.stdout.contains("signet ready on"), "{new:?}");
    let again = run_signet(&folder, &["serve"], &[]);
    assert!(again.stdout.contains("signet ready on"), "{again:?}");
}

#[test]
fn the_keys_of_one_database_start_with_another_one() {
    let server = Server::start();
    let folder = std::sync::Arc::clone(server.folder());
    server.stop();
    let other = [("SIGNET_DATABASE_URL", "sqlite://other/signet.db")];
    let first = run_signet(&folder, &["serve"], &other);
    assert!(first.stdout.contains("signet ready on"), "{first:?}");
    assert!(first.stderr.contains("database.created"), "{first:?}");

    fs::remove_dir_all(folder.path().join("other")).unwrap();
    let lost = run_signet(&folder, &["serve"], &other);
    let expected = "the database other/signet.db is missing or empty";
    assert!(lost.stderr.contains(expected), "{lost:?}");
    let known = run_signet(&folder, &["serve"], &[]);
    assert!(known.stdout.contains("signet ready on"), "{known:?}");
}

#[test]
fn no_command_makes_a_database_in_the_place_of_one_that_was_lost() {
    let server = Server::start();
    let folder = std::sync::Arc::clone(server.folder());
    let database = folder.database();
    server.stop();
    fs::remove_dir_all(database.parent().unwrap()).unwrap();
    fs::create_dir(database.parent().unwrap()).unwrap();
    fs::File::create(&database).unwrap();
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();
    let commands = [
        ["keys", "rotate"].as_slice(),
        &["audit", "verify", "--table"],
        &["client", "list", "--offline"],
        &["restore", "--end-sessions"],
        &["serve"],
    ];
    for command in commands {
        let ran = run_signet(&folder, command, &[("SIGNET_AUDIT_TABLE", "true")]);
        assert!(!ran.success, "{command:?}: {ran:?}");
        assert!(ran.stderr.contains(LOST_DATABASE), "{command:?}: {ran:?}");
    }
}

const LOST_DATABASE: &str = "the database data/signet.db is missing or empty, but the keys folder \
                             was used with a database";

#[test]
fn keys_that_others_can_read_stop_the_start() {
    let folder = Folder::with_keys();
    fs::set_permissions(folder.keys(), fs::Permissions::from_mode(0o755)).unwrap();
    let ran = run_signet(&folder, &["serve"], &[]);
    assert!(!ran.success && ran.stderr.contains("chmod"), "{ran:?}");

    let folder = Folder::with_keys();
    let key = key_files(&folder).remove(0);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = run_signet(&folder, &["serve"], &[]);
    let name = key.file_name().unwrap().to_str().unwrap();
    assert!(!ran.success && ran.stderr.contains(name), "{ran:?}");
}

#[test]
fn a_missing_or_broken_key_file_is_named() {
    let folder = Folder::with_keys();
    for key in key_files(&folder) {
        fs::write(&key, "not a key").unwrap();
    }
    let ran = run_signet(&folder, &["serve"], &[]);
    assert!(!ran.success && ran.stderr.contains(".pem"), "{ran:?}");
    for key in key_files(&folder) {
        fs::remove_file(&key).unwrap();
    }
    let ran = run_signet(&folder, &["serve"], &[]);
    assert!(!ran.success && ran.stderr.contains(".pem"), "{ran:?}");

    let folder = Folder::with_keys();
    fs::write(folder.keys().join("keyring.json"), "{").unwrap();
    let ran = run_signet(&folder, &["serve"], &[]);
    assert!(
        !ran.success && ran.stderr.contains("keyring.json"),
        "{ran:?}"
    );
}

#[test]
fn postgres_without_redis_is_refused() {
    let settings = [(
        "SIGNET_DATABASE_URL",
        "postgres://signet:hunter2hunter2@127.0.0.1/signet",
    )];
    let ran = run_signet(&Folder::with_keys(), &["serve"], &settings);
    assert!(
        !ran.success && ran.stderr.contains("database_url"),
        "{ran:?}"
    );
    assert!(!format!("{ran:?}").contains("hunter2"), "{ran:?}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let server = Server::start();
    let address = server.api().address().to_string();
    let ran = run_signet(
        &Folder::with_keys(),
        &["serve"],
        &[("SIGNET_LISTEN", &address)],
    );
    assert!(!ran.success && ran.stderr.contains(&address), "{ran:?}");
}

/// Tokens name the public URL. If the port is not the one of the server, every service refuses them.
#[tokio::test]
async fn a_public_url_with_another_port_is_warned_of() {
    let address = own_address().to_string();
    let warning =
        format!("public_url http://127.0.0.1:8080 has another port than listen {address}");
    let ran = run_signet(
        &Folder::with_keys(),
        &["config", "check", "--quiet"],
        &[("SIGNET_LISTEN", &address)],
    );
    assert!(ran.success && ran.stderr.contains(&warning), "{ran:?}");
    let server = Server::with(&[("SIGNET_LISTEN", &address)]);
    until(SOON, "the warning", || server.logs().contains(&warning));
    let server = Server::at_its_public_url();
    // The log names this listener after every warning.
    server.operations();
    assert!(!server.logs().contains("another port"), "{}", server.logs());
}

fn key_files(folder: &Folder) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(folder.keys())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut keys: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
        .collect();
    keys.sort();
    assert!(!keys.is_empty(), "a key per file");
    keys
}
