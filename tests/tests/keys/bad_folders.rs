//! Keys folders that must not be used: at the start they stop it with a sentence, and while an
//! issuer runs it goes on with the keys that it has, says so, and recovers.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use signet_tests::{Folder, PATIENCE, Server, run_signet, within};

use crate::backup::{copy, put_back};
use crate::{done, secrets};

/// What can happen to a folder, and what is said then.
type Breakage = (&'static str, fn(&Path));

const BREAKAGES: [Breakage; 10] = [
    ("it is not a key ring", |keys| {
        cut(&keys.join("keyring.json"));
    }),
    ("not a private key of the right kind", |keys| {
        cut(&active(keys));
    }),
    ("cannot read", |keys| {
        let path = keys.join("mac-1.pem");
        fs::remove_file(&path).expect("removed");
        fs::create_dir(path).expect("a folder in its place");
    }),
    ("data-1.pem is missing", |keys| {
        fs::remove_file(keys.join("data-1.pem")).expect("removed");
    }),
    ("there is no key ring", |keys| {
        fs::remove_file(keys.join("keyring.json")).expect("removed");
    }),
    ("has mode 0640", |keys| set_mode(&active(keys), 0o640)),
    ("has mode 0604", |keys| {
        set_mode(&keys.join("mac-2.pem"), 0o604);
    }),
    ("has mode 0755", |keys| set_mode(keys, 0o755)),
    ("two signing keys are active at once", |keys| {
        let mut ring = ring(keys);
        let since = ring["signing"][0]["times"]["activates_at"].clone();
        ring["signing"][1]["times"]["activates_at"] = since;
        fs::write(keys.join("keyring.json"), ring.to_string()).expect("written");
    }),
    ("belongs to no key of the ring", |keys| {
        fs::write(keys.join("id_rsa"), "").expect("written");
    }),
];

fn cut(path: &Path) {
    let text = fs::read(path).expect("a file");
    fs::write(path, &text[..text.len() / 2]).expect("written");
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("own file");
}

fn ring(keys: &Path) -> Value {
    let text = fs::read_to_string(keys.join("keyring.json")).expect("a ring");
    serde_json::from_str(&text).expect("JSON")
}

fn active(keys: &Path) -> PathBuf {
    let kid = ring(keys)["signing"][0]["kid"].clone();
    keys.join(format!("signing-{}.pem", kid.as_str().expect("a kid")))
}

#[test]
fn every_bad_folder_stops_the_start_with_a_sentence_and_no_secret() {
    for (says, break_it) in BREAKAGES {
        let folder = Folder::with_keys();
        let secrets = secrets(&folder);
        break_it(&folder.keys());
        for command in [&["serve"][..], &["keys", "check"]] {
            let ran = run_signet(&folder, command, &[]);
            assert!(!ran.success && ran.stderr.contains(says), "{says}: {ran:?}");
            assert!(!ran.stdout.contains("ready"), "{says}");
            let printed = ran.stdout + &ran.stderr;
            assert!(!secrets.iter().any(|secret| printed.contains(secret)));
        }
    }
}

#[tokio::test]
async fn with_every_bad_folder_a_running_issuer_keeps_the_last_good_keys() {
    let folder = Arc::new(Folder::with_keys());
    let backup = tempfile::tempdir().expect("a folder");
    copy(&folder.keys(), backup.path());
    let secrets = secrets(&folder);
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let mut refresh_token = issuer.api().register().await.refresh_token;
    let jwks = issuer.api().get("/.well-known/jwks.json").await.text();
    for (says, break_it) in BREAKAGES {
        break_it(&folder.keys());
        keys_folder_says(&issuer, "degraded", says).await;
        refresh_token = issuer.api().next_token(&refresh_token).await;
        let now = issuer.api().get("/.well-known/jwks.json").await.text();
        assert_eq!(now, jwks, "{says}");
        put_back(backup.path(), &folder.keys());
        keys_folder_says(&issuer, "ok", "").await;
    }
    let events = issuer.logs();
    let events = events.lines().filter(|line| line.contains(BROKEN));
    assert!(events.count() >= BREAKAGES.len());
    let logs = issuer.stop().logs;
    assert!(!secrets.iter().any(|secret| logs.contains(secret)));
    done(&folder, &["check"]);
}

/// Asks the issuer to look at its folder until its report has this in it.
async fn keys_folder_says(issuer: &Server, status: &str, says: &str) {
    let operations = issuer.operations();
    let waiting = async {
        loop {
            issuer.look_at_keys();
            let report = operations.get("/readyz").await.expect(200).json();
            let check = &report["checks"]["keys_folder"];
            let detail = check["detail"].as_str().unwrap_or_default();
            if check["status"] == status && detail.contains(says) {
                return;
            }
        }
    };
    within(PATIENCE, &format!("{status}: {says}"), waiting).await;
}

const BROKEN: &str = "the keys folder is broken, the last good keys stay";
