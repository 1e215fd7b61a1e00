//! `signet doctor`: each fault has a line that says what to do, and nothing is made or changed.

mod certificates;
mod elsewhere;
mod servers;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::thread;

use rusqlite::Connection;
use serde_json::Value;
use signet_tests::{Folder, Ran, SOON, Server, own_address, run_signet, until};

#[test]
fn a_new_installation_is_sound_and_stays_as_it_is() {
    let folder = Folder::with_keys();
    let ran = doctor(&folder, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let found = findings(&ran);
    assert!(
        found.iter().all(|(verdict, ..)| verdict == "ok"),
        "{found:?}"
    );
    let database = detail(&found, "database");
    assert!(database.ends_with("makes them"), "{database}");
    assert!(detail(&found, "keys").contains(" is sound; "), "{found:?}");
    assert!(detail(&found, "server").starts_with("no server runs at "));
    assert!(!folder.path().join("data").exists(), "a database was made");

    let text = run_signet(&folder, &["doctor"], &settings(&ports()));
    assert!(
        text.stdout.ends_with("problems: 0, warnings: 0\n"),
        "{text:?}"
    );
    let quiet = run_signet(&folder, &["doctor", "--quiet"], &settings(&ports()));
    assert_eq!(quiet.stdout, "problems: 0, warnings: 0\n");
}

#[tokio::test]
async fn a_running_server_is_asked_whether_it_is_ready() {
    let server = Server::start();
    let operations = server.operations().address().to_string();
    let folder = server.folder();
    let asked = [("SIGNET_OPS_LISTEN", operations.as_str())];
    let found = findings(&doctor(folder, &asked));
    let said = format!("the server at http://{operations} is ready");
    assert_eq!(detail(&found, "server"), said);
    let schema = format!("data/signet.db has schema {}", newest_schema());
    assert_eq!(detail(&found, "database"), schema);

    // The server goes on with the keys that it has.
    fs::write(folder.keys().join("keyring.json"), "{}").unwrap();
    let ran = doctor(folder, &asked);
    assert_eq!(ran.code, Some(1));
    problem(
        &findings(&ran),
        "keys",
        "restore the folder from its backup",
    );
}

#[test]
fn each_fault_of_the_settings_is_named() {
    let folder = Folder::with_keys();
    let invalid = findings(&doctor(&folder, &[("SIGNET_REFRESH_GRACE", "soon")]));
    problem(
        &invalid,
        "settings",
        "(from environment variable SIGNET_REFRESH_GRACE)",
    );
    let invalid = findings(&doctor(
        &folder,
        &[("SIGNET_PUBLIC_URL", "https://auth.example.com")],
    ));
    let hint = "(set it with SIGNET_TRUSTED_PROXIES or trusted_proxies)";
    problem(&invalid, "settings", hint);
    let all = findings(&doctor(&folder, &[("SIGNET_TRUSTED_PROXIES", "0.0.0.0/0")]));
    problem(&all, "proxies", "name the addresses of the proxies");
    let open = findings(&doctor(&folder, &[("SIGNET_LISTEN", "0.0.0.0:0")]));
    let hint = "set the URL that clients use with SIGNET_PUBLIC_URL or public_url";
    found_as(&open, "warning", "public_url", hint);
    let other = findings(&doctor(&folder, &[("SIGNET_LISTEN", "127.0.0.1:18080")]));
    let hint = "SIGNET_PUBLIC_URL or public_url, or the address with SIGNET_LISTEN or listen";
    found_as(&other, "warning", "public_url", hint);
    let files = [
        ("SIGNET_PUBLIC_URL", "https://auth.example.com"),
        ("SIGNET_TLS_CERT_FILE", "missing.pem"),
        ("SIGNET_TLS_KEY_FILE", "missing.pem"),
    ];
    problem(
        &findings(&doctor(&folder, &files)),
        "tls",
        "tls.cert_file: cannot read missing.pem",
    );
}

#[test]
fn each_fault_of_the_installation_is_named() {
    let nothing = Folder::empty();
    problem(
        &findings(&doctor(&nothing, &[])),
        "keys",
        "run `signet keys init`",
    );
    assert!(!nothing.keys().exists(), "keys were made");

    let folder = Folder::with_keys();
    fs::set_permissions(folder.keys(), fs::Permissions::from_mode(0o755)).unwrap();
    problem(
        &findings(&doctor(&folder, &[])),
        "keys",
        "run `chmod 700 keys`",
    );
    fs::set_permissions(folder.keys(), fs::Permissions::from_mode(0o700)).unwrap();

    let foreign = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = foreign.local_addr().unwrap().to_string();
    let closes = thread::spawn(move || foreign.incoming().take(2).for_each(drop));
    let found = findings(&doctor(&folder, &[("SIGNET_OPS_LISTEN", &address)]));
    problem(
        &found,
        "server",
        "another address with SIGNET_OPS_LISTEN or ops_listen",
    );
    closes.join().unwrap();

    let address = own_address().to_string();
    let redis = format!("redis://{address}");
    let found = findings(&doctor(&folder, &[("SIGNET_REDIS_URL", &redis)]));
    problem(&found, "redis", "start it, or check the address");
}

#[test]
fn each_fault_of_the_database_is_named() {
    let server = Server::start();
    let folder = Arc::clone(server.folder());
    assert!(server.stop().status.success());
    let database = folder.database();

    let set_schema = |steps: usize| {
        let connection = Connection::open(&database).unwrap();
        connection
            .pragma_update(None, "user_version", steps)
            .unwrap();
    };
    let newest = newest_schema();
    set_schema(newest - 1);
    found_as(
        &findings(&doctor(&folder, &[])),
        "warning",
        "database",
        "run `signet migrate --apply`",
    );
    set_schema(newest + 1);
    problem(
        &findings(&doctor(&folder, &[])),
        "database",
        "run the version that was here before",
    );
    set_schema(newest);
    assert_eq!(doctor(&folder, &[]).code, Some(0));

    fs::set_permissions(&database, fs::Permissions::from_mode(0o640)).unwrap();
    problem(
        &findings(&doctor(&folder, &[])),
        "database",
        "run `chmod 600 ",
    );
    fs::remove_file(&database).unwrap();
    problem(
        &findings(&doctor(&folder, &[])),
        "database",
        "restore it with `signet restore FILE`",
    );
    assert!(!database.exists(), "a database was made");
}

#[tokio::test]
async fn a_clock_that_lies_behind_is_named_until_it_is_accepted_and_people_are_served() {
    let server = Server::start();
    let folder = Arc::clone(server.folder());
    let database = Connection::open(folder.database()).unwrap();
    let move_ahead = "UPDATE latest_time SET at = at + 7200000";
    until(SOON, "the first time", || {
        database.execute(move_ahead, []) == Ok(1)
    });
    assert!(server.stop().status.success());
    let wrong = " s ahead of the clock of this server: set the clock right, or, if it is right, run \
                 `signet accept-clock`";
    problem(&findings(&doctor(&folder, &[])), "clock", wrong);

    let server = Server::within(Arc::clone(&folder), &[]);
    server.api().register().await;
    let readiness = async || server.operations().get("/readyz").await.expect(200).json();
    let report = readiness().await;
    let check = &report["checks"]["database"];
    assert_eq!(check["status"], "degraded");
    assert!(check["detail"].as_str().unwrap().contains(wrong), "{check}");
    let warning = "the clock of this server is behind";
    until(SOON, "the warning", || server.logs().contains(warning));
    assert_eq!(server.logs().matches(warning).count(), 1);

    let accepted = run_signet(&folder, &["accept-clock"], &[]);
    assert_eq!(accepted.stdout, "accepted the clock of this machine\n");
    assert_eq!(readiness().await["status"], "ok");
    let found = findings(&doctor(&folder, &[]));
    let said = detail(&found, "clock");
    assert!(said.ends_with("uses the clock of this machine"), "{said}");
}

/// The result in JSON, with ports that no server has.
fn doctor(folder: &Folder, changed: &[(&str, &str)]) -> Ran {
    let ports = ports();
    let settings = [&settings(&ports), changed].concat();
    run_signet(folder, &["doctor", "--json"], &settings)
}

/// Free ports, so that a server of another test or of this machine is not asked.
fn ports() -> String {
    own_address().to_string()
}

fn settings(operations: &str) -> [(&str, &str); 2] {
    [
        ("SIGNET_LISTEN", "127.0.0.1:0"),
        ("SIGNET_OPS_LISTEN", operations),
    ]
}

/// Verdict, check and detail of each line.
type Findings = Vec<(String, String, String)>;

fn findings(ran: &Ran) -> Findings {
    assert_eq!(ran.stderr, "", "{ran:?}");
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let lines = document["findings"].as_array().expect("findings").iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    lines
        .map(|line| {
            (
                text(&line["verdict"]),
                text(&line["check"]),
                text(&line["detail"]),
            )
        })
        .collect()
}

fn detail<'f>(found: &'f Findings, check: &str) -> &'f str {
    let line = found.iter().find(|(_, named, _)| named == check);
    &line.unwrap_or_else(|| panic!("{check}: {found:?}")).2
}

fn problem(found: &Findings, check: &str, hint: &str) {
    found_as(found, "problem", check, hint);
}

fn found_as(found: &Findings, verdict: &str, check: &str, hint: &str) {
    let mut lines = found.iter();
    let is_there = lines.any(|(v, c, detail)| v == verdict && c == check && detail.contains(hint));
    assert!(is_there, "{verdict} {check}: {hint}: {found:#?}");
}

/// The schema of a database that this version has made.
fn newest_schema() -> usize {
    let steps = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/store/src/sqlite/migrations"
    );
    fs::read_dir(steps).expect("the steps").count()
}
