//! The audit trail of the real issuer: it dies, and lines are removed or changed.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use serde_json::{Value, json};
use signet_tests::{Api, Server, StoreChoice, run_signet};
use tokio::sync::Notify;

const BOTH: [(&str, &str); 2] = [
    ("SIGNET_AUDIT_TABLE", "true"),
    ("SIGNET_AUDIT_FILE", "audit.log"),
];

#[tokio::test]
async fn killed_under_load_it_has_the_event_of_every_acknowledged_change() {
    every_acknowledged_change_has_its_event(StoreChoice::Sqlite).await;
}

#[tokio::test]
async fn killed_under_load_it_has_them_in_postgres_too() {
    every_acknowledged_change_has_its_event(StoreChoice::Postgres).await;
}

async fn every_acknowledged_change_has_its_event(stores: StoreChoice) {
    let mut server = stores.serve_with(&BOTH);
    let progress = Arc::new(Progress::default());
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let account = server.api().register().await;
        let (api, progress) = (server.api().clone(), Arc::clone(&progress));
        clients.push(tokio::spawn(async move {
            let changed = rename_until_it_dies(&api, &account.access_token, &progress).await;
            (account.id, changed)
        }));
    }
    progress.enough.notified().await;
    server.kill();
    let clients = join_all(clients).await;
    let acknowledged: BTreeMap<String, usize> = clients.into_iter().map(Result::unwrap).collect();
    assert!(acknowledged.values().sum::<usize>() >= KILLED_AFTER);

    server.start_again();
    for place in [["--table"].as_slice(), &["--file", "audit.log"]] {
        verified(&server, place);
        let arguments = [&["audit", "search", "--type", "account.changed"], place].concat();
        let found = server.run(&arguments);
        assert!(found.success, "{}", found.stderr);
        let mut recorded = BTreeMap::new();
        for line in found.stdout.lines() {
            let event: Value = serde_json::from_str(line).expect("JSON");
            let account = event["account"].as_str().expect("an account");
            *recorded.entry(account.to_owned()).or_insert(0) += 1;
        }
        for (account, changed) in &acknowledged {
            let recorded: usize = recorded.get(account).copied().unwrap_or_default();
            // The last change may be recorded without having been acknowledged.
            let right = *changed..=changed + 1;
            assert!(
                right.contains(&recorded),
                "{place:?}: {recorded} of {changed}"
            );
        }
    }
}

#[tokio::test]
async fn a_line_that_was_removed_or_changed_in_the_database_is_found() {
    let server = Server::with(&BOTH);
    let account = server.api().register().await;
    for name in ["Ada", "Bob", "Eve"] {
        rename(server.api(), &account.access_token, name).await;
    }
    let known = verified(&server, &["--table"]);
    let changes = [
        (
            "DELETE FROM audit_lines WHERE seq = 3",
            "line 4 of the database: line 3 is missing: the next line has number 4",
        ),
        (
            "DELETE FROM audit_lines WHERE seq >= 4",
            "the newest lines are missing: they were removed",
        ),
        (
            "DELETE FROM audit_lines WHERE seq = 1",
            "line 2 of the database: line 1 is missing: the next line has number 2",
        ),
        (
            "UPDATE audit_lines SET line = replace(line, 'account.changed', 'account.deleted')",
            "line 4 of the database: the line was changed: its hash is wrong",
        ),
        (
            "UPDATE audit_lines SET account = NULL WHERE seq = 2",
            "line 2 of the database: the columns were changed: they differ from the line",
        ),
        (
            "UPDATE audit_lines SET line = (SELECT line FROM audit_lines WHERE seq = 2) \
             WHERE seq = 3",
            "line 3 of the database: the columns were changed: they differ from the line",
        ),
    ];
    for (statement, said) in changes {
        let untouched = server.folder().path().join("untouched.db");
        sqlite(&server, &format!("VACUUM INTO '{}'", untouched.display()));
        sqlite(&server, statement);
        let ran = server.run(&["audit", "verify", "--table"]);
        assert!(!ran.success, "{statement}");
        assert_eq!(ran.stderr, format!("signet: {said}\n"), "{statement}");
        let restore = format!(
            "ATTACH '{}' AS untouched; DELETE FROM main.audit_lines; \
             INSERT INTO main.audit_lines SELECT * FROM untouched.audit_lines",
            untouched.display()
        );
        sqlite(&server, &restore);
        std::fs::remove_file(untouched).expect("a copy");
    }
    assert_eq!(verified(&server, &["--table"]), known);

    // A person who writes a whole new chain is found by a number and hash kept elsewhere.
    let renewed = "DELETE FROM audit_lines; \
                   UPDATE audit_chain SET newest_seq = 0, newest_hash = purged_hash";
    sqlite(&server, renewed);
    rename(server.api(), &account.access_token, "Dan").await;
    verified(&server, &["--table"]);
    let ran = server.run(&["audit", "verify", "--table", "--known", &known]);
    assert!(!ran.success && ran.stderr.contains("the known line is not in this trail"));
}

#[tokio::test]
async fn the_newest_events_of_the_table_are_shown_and_searched() {
    let server = Server::with(&BOTH[..1]);
    let (ada, bob) = (server.api().register().await, server.api().register().await);
    let types = |arguments: &[&str]| {
        let ran = server.run(&[&["audit"], arguments, &["--table"]].concat());
        assert!(ran.success, "{}", ran.stderr);
        let lines = ran.stdout.lines();
        let read = lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        read.map(|event| (event["type"].clone(), event["account"].clone()))
            .collect::<Vec<_>>()
    };
    let (registered, begun) = (json!("account.registered"), json!("session.begun"));
    let (ada, bob) = (json!(ada.id), json!(bob.id));
    assert_eq!(
        types(&["tail", "-n", "3"]),
        [
            (begun.clone(), ada.clone()),
            (registered, bob.clone()),
            (begun.clone(), bob.clone())
        ]
    );
    let by_bob = [
        "search",
        "--type",
        "session.begun",
        "--actor",
        bob.as_str().expect("an id"),
    ];
    assert_eq!(types(&by_bob), [(begun, bob)]);
    assert_eq!(types(&["search", "--account", NOBODY]), []);
    let file = server.run(&["audit", "tail"]);
    assert!(
        !file.success
            && file
                .stderr
                .contains("neither audit.file nor audit.table is set")
    );
}

#[test]
fn commands_that_change_something_without_the_server_are_in_the_trail_with_their_operator() {
    let server = Server::with(&BOTH);
    let commands = [
        "keys list",
        "keys revoke --mac",
        "keys rotate --data --now",
        "admin token --name ada --scope signet:admin:read --scope signet:admin:keys",
        "backup copy.db",
        "client add billing --grants client_credentials --audiences orders --offline",
    ];
    for command in commands {
        let arguments: Vec<&str> = command.split(' ').collect();
        let ran = run_signet(server.folder(), &arguments, &BOTH);
        assert!(ran.success, "{command}: {}", ran.stderr);
    }
    for place in [["--table"].as_slice(), &["--file", "audit.log.commands"]] {
        verified(&server, place);
        let ran = server.run(&[&["audit", "tail"], place].concat());
        let lines = ran.stdout.lines();
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        // The start of the server has made the database.
        let lines = lines.filter(|line| line["type"] != "database.created");
        let lines: Vec<Value> = lines.collect();
        let types: Vec<_> = lines.iter().map(|line| &line["type"]).collect();
        assert_eq!(
            types,
            [
                "keys.revoked",
                "keys.rotated",
                "admin.token_minted",
                "database.backed_up",
                "client.registered"
            ]
        );
        for line in &lines {
            assert_eq!(line["actor"]["kind"], "administrator");
            let id = line["actor"]["id"].as_str().expect("an operator");
            assert!(id.starts_with("signet:command-line:"), "{id}");
        }
        assert_eq!(lines[0]["details"], json!({"keys": "refresh_tokens"}));
        assert_eq!(lines[1]["details"], json!({"keys": "stored_data"}));
        let minted = &lines[2]["details"];
        assert_eq!(minted["subject"], "signet:command-line:ada");
        assert_eq!(minted["scope"], "signet:admin:read signet:admin:keys");
        assert_eq!(minted["token_id"].as_str().map(str::len), Some(22));
    }
}

#[test]
fn without_its_trail_a_command_changes_nothing_but_a_leaked_key_is_revoked() {
    let server = Server::start();
    let nowhere = [("SIGNET_AUDIT_FILE", "missing/audit.log")];
    let ring = || std::fs::read_to_string(server.folder().keys().join("keyring.json"));
    let before = ring().expect("a ring");
    for command in ["keys rotate --mac --now", "admin token", "backup copy.db"] {
        let arguments: Vec<&str> = command.split(' ').collect();
        let ran = run_signet(server.folder(), &arguments, &nowhere);
        assert!(!ran.success && ran.stdout.is_empty(), "{command}: {ran:?}");
        assert!(ran.stderr.contains("missing/audit.log"), "{}", ran.stderr);
    }
    assert_eq!(ring().expect("a ring"), before);
    assert!(!server.folder().path().join("copy.db").exists());
    let ran = run_signet(server.folder(), &["keys", "revoke", "--mac"], &nowhere);
    assert!(ran.success, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the audit trail has no event of this"),
        "{}",
        ran.stderr
    );
    assert_ne!(ring().expect("a ring"), before);
}

/// Verifies a trail, and gives the number and hash of its newest line.
#[track_caller]
fn verified(server: &Server, place: &[&str]) -> String {
    let ran = server.run(&[&["audit", "verify"], place].concat());
    assert!(ran.success, "{place:?}: {}", ran.stderr);
    let newest = ran.stdout.trim().rsplit(' ').next();
    newest.expect("the newest line").to_owned()
}

/// Changes the database behind the back of the issuer.
fn sqlite(server: &Server, statements: &str) {
    let script = "import sqlite3, sys\nsqlite3.connect(sys.argv[1], isolation_level=None, \
                  timeout=10).executescript(sys.argv[2])";
    let mut python = Command::new("python3");
    python.arg("-c").arg(script).arg(server.folder().database());
    let output = python.arg(statements).output().expect("python3");
    assert!(output.status.success(), "{statements}: {output:?}");
}

async fn rename(api: &Api, access_token: &str, name: &str) {
    let name = json!({"name": name});
    let renamed = api.patch_as("/auth/me", access_token, &name).await;
    renamed.expect(200);
}

#[derive(Default)]
struct Progress {
    changes: AtomicUsize,
    enough: Notify,
}

/// Changes the name of an account again and again; gives how often that was acknowledged.
async fn rename_until_it_dies(api: &Api, access_token: &str, progress: &Progress) -> usize {
    let mut changed = 0;
    loop {
        let request = api.request(http::Method::PATCH, "/auth/me");
        let name = json!({"name": format!("Ada {changed}")});
        let request = request.bearer_auth(access_token).json(&name);
        let Some(reply) = api.try_send(request).await else {
            return changed;
        };
        reply.expect(200);
        changed += 1;
        if progress.changes.fetch_add(1, Ordering::Relaxed) + 1 == KILLED_AFTER {
            progress.enough.notify_one();
        }
    }
}

const CLIENTS: usize = 24;
/// Every client has changed its name some dozen times by then, and all are at it.
const KILLED_AFTER: usize = 600;

/// An id that no account has.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";
