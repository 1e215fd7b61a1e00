//! The periods of lists, and replicas that share them.

use std::collections::HashSet;
use std::time::Duration;

use super::{app, is_revoked, log_in, log_out, refresh, register, status};
use crate::oauth::Program;

/// The default lifetime of access tokens, in seconds.
const TTL: u64 = 600;

#[tokio::test]
async fn a_refresh_in_the_next_period_names_another_list_and_the_end_revokes_both() {
    let app = app().await;
    let first = register(&app, "ada").await;
    app.clock.advance(Duration::from_secs(TTL));
    let second = refresh(&app, &first).await;
    assert_ne!(status(&second).0, status(&first).0);
    assert!(!is_revoked(&app, &first).await);
    log_out(&app, &second).await;
    assert!(is_revoked(&app, &first).await);
    assert!(is_revoked(&app, &second).await);
}

#[tokio::test]
async fn a_replay_after_the_end_of_a_period_names_the_bit_of_its_session() {
    let app = app().await;
    let first = register(&app, "ada").await;
    app.clock.advance(Duration::from_secs(TTL - 5));
    let second = refresh(&app, &first).await;
    app.clock.advance(Duration::from_secs(8));
    let replayed = refresh(&app, &first).await;
    assert_eq!(status(&replayed), status(&second));
    // The list was opened at the first second, and its tokens expire two lifetimes later.
    let opened_at = first.claims()["iat"].as_u64().unwrap();
    let end = opened_at + 2 * TTL;
    assert_eq!(replayed.claims()["exp"], end);
    assert_eq!(replayed.json()["expires_in"], TTL - 3);
}

#[tokio::test]
async fn a_list_is_gone_when_no_verifier_accepts_its_tokens() {
    let app = app().await;
    let (path, _) = status(&register(&app, "ada").await);
    let leeway = 120;
    app.clock.advance(Duration::from_secs(2 * TTL + leeway - 1));
    assert_eq!(app.get(&path).await.status, 200);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(
        app.get(&path).await.problem(),
        (404, "not_found".to_owned())
    );
}

#[tokio::test]
async fn replicas_share_lists_and_see_endings_of_each_other() {
    let first = app().await;
    let second = first.replica().await;
    let ada = register(&first, "ada").await;
    let own = log_in(&second, "ada").await;
    assert_eq!(status(&own).0, status(&ada).0);
    assert_ne!(status(&own).1, status(&ada).1);
    log_out(&second, &ada).await;
    assert!(is_revoked(&first, &ada).await);
    assert!(!is_revoked(&first, &own).await);
}

#[tokio::test]
async fn a_list_that_another_replica_has_just_opened_is_found() {
    let first = app().await;
    let second = first.replica().await;
    assert_eq!(second.get("/status").await.status, 200);
    let (path, _) = status(&register(&first, "ada").await);
    assert_eq!(second.get(&path).await.status, 200);
}

#[tokio::test]
async fn no_bit_is_given_twice_by_replicas_that_start_and_die() {
    let app = app().await;
    let reports = Program::register(&app, "reports", "api", "").await;
    let mut named = HashSet::new();
    for _ in 0..4 {
        let replica = app.replica().await;
        for _ in 0..70 {
            let form = "grant_type=client_credentials";
            let token = reports.ask(&replica, "/oauth/token", form).await;
            assert!(named.insert(status(&token)));
        }
    }
    assert_eq!(named.len(), 280);
}
