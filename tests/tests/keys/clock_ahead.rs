//! A ring that was rotated while the clock was two hours ahead, after the clock was set right.

use std::fs;
use std::sync::Arc;

use serde_json::Value;
use signet_tests::{Folder, Server};

use crate::{done, kid_of, published, taken_up};

/// Rotates every kind of key, and moves the times of that to two hours ahead.
fn rotate_two_hours_ahead(folder: &Folder) {
    let before = ring(folder)["changed_at"].as_u64().expect("a time");
    for kind in [&["--now"][..], &["--mac", "--now"], &["--data", "--now"]] {
        done(folder, &[&["rotate"], kind].concat());
    }
    let mut ring = ring(folder);
    move_ahead(&mut ring, before + 1);
    fs::write(folder.keys().join("keyring.json"), ring.to_string()).expect("a file");
}

fn ring(folder: &Folder) -> Value {
    let text = fs::read_to_string(folder.keys().join("keyring.json")).expect("a ring");
    serde_json::from_str(&text).expect("JSON")
}

/// Moves every time from `first` on.
fn move_ahead(value: &mut Value, first: u64) {
    match value {
        Value::Object(members) => members
            .values_mut()
            .for_each(|value| move_ahead(value, first)),
        Value::Array(values) => values.iter_mut().for_each(|value| move_ahead(value, first)),
        Value::Number(number) => {
            let is_of_now = |at: &u64| (first..first.saturating_add(HOUR)).contains(at);
            if let Some(at) = number.as_u64().filter(is_of_now) {
                *value = (at + 2 * HOUR).into();
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_key_is_revoked_now_whatever_times_the_ring_holds() {
    let folder = Arc::new(Folder::with_keys());
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let account = issuer.api().register().await;
    let kid = kid_of(&account.access_token);
    rotate_two_hours_ahead(&folder);
    let printed = done(&folder, &["revoke", &kid]);
    assert!(printed.contains(&format!("revoked {kid}")), "{printed}");
    taken_up(issuer.api(), &folder).await;
    assert!(!published(issuer.api()).await.contains(&kid));
    let refused = issuer.api().me(&account.access_token).await;
    refused.problem(401, "token_invalid");
    let reply = issuer.api().refresh(&account.refresh_token).await;
    assert_ne!(kid_of(&reply.expect(200).member("access_token")), kid);
}

#[tokio::test]
async fn all_keys_are_revoked_now_whatever_times_the_ring_holds() {
    let folder = Arc::new(Folder::with_keys());
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let account = issuer.api().register().await;
    rotate_two_hours_ahead(&folder);
    done(&folder, &["revoke", "--all"]);
    taken_up(issuer.api(), &folder).await;
    let refused = issuer.api().me(&account.access_token).await;
    refused.problem(401, "token_invalid");
    let refused = issuer.api().refresh(&account.refresh_token).await;
    refused.problem(401, "session_ended");
}

#[tokio::test]
async fn the_keys_of_refresh_tokens_are_revoked_now_whatever_times_the_ring_holds() {
    let folder = Arc::new(Folder::with_keys());
    let account = Server::within(Arc::clone(&folder), &[])
        .api()
        .register()
        .await;
    rotate_two_hours_ahead(&folder);
    done(&folder, &["revoke", "--mac"]);
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let refused = issuer.api().refresh(&account.refresh_token).await;
    refused.problem(401, "session_ended");
}

#[test]
fn times_ahead_of_the_clock_are_named_and_a_rotation_is_the_way_out() {
    let folder = Folder::with_keys();
    rotate_two_hours_ahead(&folder);
    let listed = done(&folder, &["list"]);
    assert!(listed.contains(" s ahead of this clock"), "{listed}");
    let checked = done(&folder, &["check"]);
    assert!(checked.contains(" s ahead of this clock"), "{checked}");
    done(&folder, &["rotate", "--now"]);
    let checked = done(&folder, &["check"]);
    assert!(!checked.contains("ahead of this clock"), "{checked}");
}

#[tokio::test]
async fn a_server_starts_without_a_backup_after_a_clock_ahead_has_deleted_the_active_key() {
    let folder = Arc::new(Folder::with_keys());
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let account = issuer.api().register().await;
    let old = kid_of(&account.access_token);
    rotate_two_hours_ahead(&folder);
    drop(issuer);
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let reply = issuer.api().refresh(&account.refresh_token).await;
    assert_ne!(kid_of(&reply.expect(200).member("access_token")), old);
    issuer.api().me(&account.access_token).await.expect(200);
    let report = issuer.operations().get("/readyz").await.expect(200).json();
    assert_eq!(report["checks"]["keys_folder"]["status"], "degraded");
}

#[tokio::test]
async fn readiness_names_times_that_lie_ahead_of_the_clock() {
    let folder = Arc::new(Folder::with_keys());
    let mut ahead = ring(&folder);
    let changed_at = ahead["changed_at"].as_u64().expect("a time");
    ahead["changed_at"] = (changed_at + 2 * HOUR).into();
    fs::write(folder.keys().join("keyring.json"), ahead.to_string()).expect("a file");
    let issuer = Server::within(Arc::clone(&folder), &[]);
    let report = issuer.operations().get("/readyz").await.expect(200).json();
    let check = &report["checks"]["keys_folder"];
    assert_eq!(check["status"], "degraded");
    let detail = check["detail"].as_str().expect("a sentence");
    assert!(detail.contains(" s ahead of this clock"), "{detail}");
}

/// An hour in milliseconds.
const HOUR: u64 = 60 * 60 * 1_000;
