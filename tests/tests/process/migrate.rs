//! `signet migrate`, and a server that must not change the schema.

use std::sync::Arc;

use signet_tests::{Folder, Server, run_signet};

#[tokio::test]
async fn with_manual_migration_a_server_starts_after_migrate_has_applied_the_steps() {
    let folder = Arc::new(Folder::with_keys());
    let database = format!("sqlite://{}", folder.database().display());
    let settings = [
        ("SIGNET_DATABASE_URL", database.as_str()),
        ("SIGNET_MIGRATE", "manual"),
    ];
    let run = |arguments: &[&str]| run_signet(&folder, arguments, &settings);

    let missing = run(&["migrate", "--check"]);
    assert_eq!(missing.code, Some(3), "{}", missing.stderr);
    assert!(
        missing.stderr.contains("run `signet migrate --apply`"),
        "{}",
        missing.stderr
    );
    assert!(!folder.database().exists());
    let refused = run(&["serve"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("run `signet migrate --apply`"),
        "{}",
        refused.stderr
    );
    assert!(!folder.database().exists());

    let applied = run(&["migrate", "--apply"]);
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    let server = Server::within(Arc::clone(&folder), &[("SIGNET_MIGRATE", "manual")]);
    let ada = server.api().register().await;
    for option in ["--check", "--apply"] {
        let done = run(&["migrate", option]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert!(done.stdout.contains("is up to date"), "{}", done.stdout);
    }
    server.api().login(&ada.email).await;
}

#[test]
fn migrate_needs_one_of_its_options() {
    let folder = Folder::with_keys();
    for arguments in [&["migrate"][..], &["migrate", "--check", "--apply"]] {
        assert_eq!(run_signet(&folder, arguments, &[]).code, Some(2));
    }
}

#[test]
fn a_database_that_cannot_be_reached_is_no_database_without_tables() {
    let folder = Folder::with_keys();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let settings = [("SIGNET_DATABASE_URL", "sqlite://file/signet.db")];
    let ran = run_signet(&folder, &["migrate", "--check"], &settings);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.stderr
            .contains("cannot make or open file/signet.db: Not a directory"),
        "{ran:?}"
    );
    let ran = run_signet(&folder, &["backup", "copy"], &settings);
    assert!(!ran.stderr.contains("does not exist"), "{ran:?}");
}
