//! `signet backup` and `signet restore`, beside a running server and without one.

use std::fs;
use std::sync::Arc;

use signet_tests::{Folder, Ran, Server, own_address, run_signet};

#[tokio::test]
async fn nothing_that_ended_before_a_restore_is_good_after_it() {
    let folder = Arc::new(Folder::with_keys());
    let server = Server::within(Arc::clone(&folder), &[]);
    let ada = server.api().register().await;
    let kept = server.api().login(&ada.email).await;
    let file = folder.path().join("backup.db");
    let file = file.to_str().unwrap();
    let written = server.run(&["backup", file]);
    assert!(written.success, "{}", written.stderr);

    let nothing = serde_json::json!({});
    let api = server.api();
    let all = api.post_as("/auth/logout-all", &ada.access_token, &nothing);
    all.await.expect(204);
    let late = server.api().register().await;
    let database = format!("sqlite://{}", folder.database().display());
    let settings = [("SIGNET_DATABASE_URL", database.as_str())];
    let refused = run_signet(&folder, &["restore", file], &settings);
    assert!(
        refused.stderr.contains("stop the server, then try again"),
        "{}",
        refused.stderr
    );
    server.stop();

    let restored = run_signet(&folder, &["restore", file], &settings);
    assert!(restored.success, "{}", restored.stderr);
    let server = Server::within(Arc::clone(&folder), &[]);
    for session in [&ada, &kept, &late] {
        server
            .api()
            .refresh(&session.refresh_token)
            .await
            .problem(401, "session_ended");
        server.api().me(&session.access_token).await.expect(401);
    }
    server.api().login(&ada.email).await;
}

#[tokio::test]
async fn every_session_ends_only_for_those_who_ask_for_it() {
    let server = Server::start();
    let ada = server.api().register().await;
    let bare = server.run(&["restore"]);
    assert_eq!(bare.code, Some(2), "{bare:?}");
    assert!(bare.stderr.contains("<FILE|--end-sessions>"), "{bare:?}");
    let ada = server.api().refresh(&ada.refresh_token).await.expect(200);
    let refresh_token = ada.member("refresh_token");

    let ended = server.run(&["restore", "--end-sessions"]);
    assert!(ended.success, "{ended:?}");
    assert!(ended.stdout.starts_with("ended every session"), "{ended:?}");
    let refused = server.api().refresh(&refresh_token).await;
    refused.problem(401, "session_ended");
}

/// A server with an account, stopped, and the settings that name its database.
struct Stopped {
    folder: Arc<Folder>,
    database: String,
    email: String,
}

impl Stopped {
    async fn with_an_account() -> Self {
        let folder = Arc::new(Folder::with_keys());
        let server = Server::within(Arc::clone(&folder), &[]);
        let email = server.api().register().await.email;
        server.stop();
        for (name, text) in [("right", "correct horse\n"), ("wrong", "correct house")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let database = format!("sqlite://{}", folder.database().display());
        Self {
            folder,
            database,
            email,
        }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_on(&self.database, arguments)
    }

    /// Plain copies are made in the folder `plain`.
    fn run_on(&self, database: &str, arguments: &[&str]) -> Ran {
        let plain = self.folder.path().join("plain");
        fs::create_dir_all(&plain).unwrap();
        let operations = own_address().to_string();
        let settings = [
            ("SIGNET_DATABASE_URL", database),
            ("SIGNET_OPS_LISTEN", &operations),
            ("TMPDIR", plain.to_str().unwrap()),
        ];
        let ran = run_signet(&self.folder, arguments, &settings);
        assert_eq!(
            fs::read_dir(plain).unwrap().count(),
            0,
            "a plain copy is left"
        );
        ran
    }

    /// Whether a file shows the address of the account.
    fn shows_the_address(&self, file: &str) -> bool {
        let bytes = fs::read(self.folder.path().join(file)).unwrap();
        let email = self.email.as_bytes();
        bytes.windows(email.len()).any(|part| part == email)
    }
}

const RIGHT: [&str; 2] = ["--passphrase-file", "right"];
const WRONG: [&str; 2] = ["--passphrase-file", "wrong"];

#[tokio::test]
async fn an_encrypted_backup_is_restored_with_its_passphrase_only() {
    let stopped = Stopped::with_an_account().await;
    let backup = |file, passphrase: &[&str]| stopped.run(&[&["backup", file], passphrase].concat());
    let restore =
        |file, passphrase: &[&str]| stopped.run(&[&["restore", file], passphrase].concat());
    assert!(backup("sealed.db", &RIGHT).success);
    assert!(backup("plain.db", &[]).success);
    assert!(stopped.shows_the_address("plain.db"));
    assert!(!stopped.shows_the_address("sealed.db"));
    let again = backup("sealed.db", &RIGHT);
    assert!(again.stderr.contains("sealed.db exists"), "{again:?}");

    let path = stopped.folder.path().join("cut.db");
    let sealed = fs::read(stopped.folder.path().join("sealed.db")).unwrap();
    fs::write(path, &sealed[..sealed.len() / 2]).unwrap();
    for (file, passphrase, said) in [
        ("sealed.db", &[][..], "is encrypted; name the file"),
        ("sealed.db", &WRONG, "is encrypted with another passphrase"),
        ("cut.db", &RIGHT, "its end is missing"),
        ("plain.db", &RIGHT, "is not encrypted"),
        (
            "sealed.db",
            &["--passphrase-file", "none"],
            "cannot read none",
        ),
    ] {
        let refused = restore(file, passphrase);
        assert!(
            !refused.success && refused.stderr.contains(said),
            "{refused:?}"
        );
    }
    let restored = restore("sealed.db", &RIGHT);
    assert!(restored.success, "{restored:?}");
    let server = Server::within(Arc::clone(&stopped.folder), &[]);
    server.api().login(&stopped.email).await;
}

#[tokio::test]
async fn an_encrypted_export_is_imported_with_its_passphrase_only() {
    let stopped = Stopped::with_an_account().await;
    let exported = stopped.run(&[&["export", "move.db"][..], &RIGHT].concat());
    assert!(exported.success, "{exported:?}");
    assert!(!exported.stderr.contains("not encrypted"), "{exported:?}");
    assert!(!stopped.shows_the_address("move.db"));
    let database = stopped.folder.path().join("data/new.db");
    let database = format!("sqlite://{}", database.display());
    let import = |passphrase: &[&str]| {
        stopped.run_on(&database, &[&["import", "move.db"], passphrase].concat())
    };
    for (passphrase, said) in [
        (&[][..], "is encrypted; name the file"),
        (&WRONG, "is encrypted with another passphrase"),
    ] {
        let refused = import(passphrase);
        assert!(
            !refused.success && refused.stderr.contains(said),
            "{refused:?}"
        );
    }
    let imported = import(&RIGHT);
    assert!(imported.success, "{imported:?}");
    let settings = [("SIGNET_DATABASE_URL", database.as_str())];
    let server = Server::within(Arc::clone(&stopped.folder), &settings);
    server.api().login(&stopped.email).await;
}
