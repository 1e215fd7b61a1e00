//! The life of keys from outside: commands on a folder that running issuers share.

mod backup;
mod bad_folders;
mod behind;
mod clock_ahead;
mod drill;
mod encryption;
mod restore;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use serde_json::Value;
use signet_tests::{Api, Folder, PATIENCE, Ran, Server, read_token, run_signet, within};
use signet_verifier::{Keys, Policy, Verifier};

fn keys(folder: &Folder, arguments: &[&str]) -> Ran {
    run_signet(folder, &[&["keys"], arguments].concat(), &[])
}

fn done(folder: &Folder, arguments: &[&str]) -> String {
    let ran = keys(folder, arguments);
    assert!(ran.success, "{arguments:?}: {}", ran.stderr);
    ran.stdout
}

fn kid_of(token: &str) -> String {
    read_token(token).0["kid"]
        .as_str()
        .expect("a kid")
        .to_owned()
}

async fn published(api: &Api) -> BTreeSet<String> {
    let set = api.get("/.well-known/jwks.json").await.expect(200).json();
    let keys = set["keys"].as_array().expect("keys").iter();
    keys.map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

/// Asks again and again until the issuer publishes what the folder says.
async fn taken_up(api: &Api, folder: &Folder) {
    let exported: Value = serde_json::from_str(&done(folder, &["export"])).expect("JSON");
    let exported = exported["keys"].as_array().expect("keys").iter();
    let expected: BTreeSet<_> = exported
        .map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect();
    let waiting = async { while published(api).await != expected {} };
    within(PATIENCE, "the issuer follows its keys folder", waiting).await;
}

#[tokio::test]
async fn two_issuers_take_up_rotations_and_refuse_no_living_token() {
    let folder = Arc::new(Folder::with_keys());
    let issuers = [(); 2].map(|()| Server::within(Arc::clone(&folder), &[]));
    let account = issuers[0].api().register().await;
    let (mut living, mut refresh_token) = (vec![account.access_token], account.refresh_token);
    for round in 0..3 {
        done(&folder, &["rotate", "--now"]);
        for issuer in &issuers {
            taken_up(issuer.api(), &folder).await;
        }
        let reply = issuers[round % 2]
            .api()
            .refresh(&refresh_token)
            .await
            .expect(200);
        refresh_token = reply.member("refresh_token");
        living.push(reply.member("access_token"));
        for (issuer, token) in issuers
            .iter()
            .flat_map(|i| living.iter().map(move |t| (i, t)))
        {
            issuer.api().me(token).await.expect(200);
        }
    }
    let kids: BTreeSet<_> = living.iter().map(|token| kid_of(token)).collect();
    assert_eq!(kids.len(), 4);
    let set = issuers[0].api().get("/.well-known/jwks.json").await.body;
    let verifier = Verifier::new(
        Policy::new("http://127.0.0.1:8080", "api"),
        Keys::from_jwks(&set).expect("keys"),
    );
    for token in &living {
        verifier.verify(token).expect("a living token");
    }
}

#[tokio::test]
async fn what_a_revoked_key_signed_is_refused_and_the_session_goes_on() {
    let folder = Arc::new(Folder::with_keys());
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let account = issuer.api().register().await;
    let printed = done(&folder, &["revoke", &kid_of(&account.access_token)]);
    assert!(printed.contains("Envoy jwt_authn      10m"), "{printed}");
    taken_up(issuer.api(), &folder).await;
    let refused = issuer.api().me(&account.access_token).await;
    refused.problem(401, "token_invalid");
    let reply = issuer
        .api()
        .refresh(&account.refresh_token)
        .await
        .expect(200);
    issuer
        .api()
        .me(&reply.member("access_token"))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_leaked_folder_ends_every_session() {
    let folder = Arc::new(Folder::with_keys());
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let account = issuer.api().register().await;
    done(&folder, &["revoke", "--all"]);
    taken_up(issuer.api(), &folder).await;
    let refused = issuer.api().refresh(&account.refresh_token).await;
    refused.problem(401, "session_ended");
    issuer.api().login(&account.email).await;
}

#[tokio::test]
async fn refresh_tokens_outlive_the_rotation_of_their_keys() {
    let folder = Arc::new(Folder::with_keys());
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let account = issuer.api().register().await;
    done(&folder, &["rotate", "--mac", "--now"]);
    done(&folder, &["rotate", "--now"]);
    taken_up(issuer.api(), &folder).await;
    let next = issuer.api().next_token(&account.refresh_token).await;
    issuer.api().next_token(&next).await;
}

#[test]
fn the_keys_of_stored_data_rotate_and_are_listed() {
    let folder = Folder::with_keys();
    assert!(!keys(&folder, &["rotate", "--data"]).success);
    done(&folder, &["rotate", "--data", "--now"]);
    let listed: Value = serde_json::from_str(&done(&folder, &["list", "--json"])).expect("JSON");
    let data = listed["data"].as_array().expect("keys").iter();
    let states: Vec<_> = data
        .map(|key| key["state"].as_str().expect("text"))
        .collect();
    assert_eq!(states, ["retiring", "active", "next"]);
    let listed = done(&folder, &["list"]);
    assert!(listed.contains("decrypts older data"), "{listed}");
    assert!(!keys(&folder, &["rotate", "--data", "--mac"]).success);
}

#[test]
fn what_is_too_early_or_unknown_is_refused_with_a_sentence() {
    let folder = Folder::with_keys();
    let early = keys(&folder, &["rotate"]);
    assert!(!early.success);
    assert!(
        early.stderr.contains("; possible from 2"),
        "{}",
        early.stderr
    );
    let early = keys(&folder, &["rotate", "--json"]);
    let document: Value = serde_json::from_str(&early.stdout).expect("JSON");
    assert_eq!(document["code"], "refused");
    done(&folder, &["rotate", "--now"]);
    assert!(!keys(&folder, &["retire"]).success);
    let unknown = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    let unknown = keys(&folder, &["revoke", unknown]);
    assert_eq!(unknown.stderr, "signet: the ring has no such key\n");
    assert!(!keys(&folder, &["revoke", "-x"]).success);
}

#[tokio::test]
async fn private_keys_are_nowhere_but_in_files_that_only_their_owner_can_read() {
    let folder = Arc::new(Folder::with_keys());
    let issuer = Server::within(Arc::clone(&folder), &[("SIGNET_LOG", "trace")]);
    issuer.api().register().await;
    let mut printed = done(&folder, &["rotate", "--now"]);
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["check"],
        &["export", "--pem"],
    ] {
        printed.push_str(&done(&folder, arguments));
    }
    taken_up(issuer.api(), &folder).await;
    printed.push_str(&issuer.api().get("/.well-known/jwks.json").await.text());
    printed.push_str(&issuer.logs());
    for entry in fs::read_dir(folder.keys()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
    let secrets = secrets(&folder);
    assert_eq!(secrets.len(), 6);
    for secret in secrets {
        assert!(!printed.contains(&secret));
    }
}

/// The last line of each private key, which no other has.
fn secrets(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.keys()).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let pems = paths.filter(|path| path.extension().is_some_and(|end| end == "pem"));
    let last = |path| {
        let text = fs::read_to_string(path).expect("text");
        let mut lines = text.lines().filter(|line| !line.starts_with('-'));
        lines.next_back().expect("a line").to_owned()
    };
    pems.map(last).collect()
}
