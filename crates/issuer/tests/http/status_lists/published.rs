//! The documents: lists, their index, and discovery.

use std::time::Duration;

use serde_json::json;
use signet_core::keys::{KeyRing, KeyState, SigningEntry};
use signet_flows::random::system_rng;
use signet_store::{ChangeOptions, InitOptions, KeysFolder};
use signet_verifier::{Clock as _, Timestamp};

use super::{List, app, is_revoked, log_out, refresh, register, status};
use crate::support::{TestApp, request};

#[tokio::test]
async fn a_token_names_a_list_that_verifiers_can_fetch() {
    let app = app().await;
    let tokens = register(&app, "ada").await;
    let (path, index) = status(&tokens);
    let answer = app.get(&path).await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=5"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let list = List::fetch(&app, &path).await;
    assert_eq!(list.header["typ"], "statuslist+jwt");
    assert_eq!(list.header["alg"], "RS256");
    let now = app.clock.now().as_seconds();
    assert_eq!(list.claims["iss"], "http://127.0.0.1:8080");
    assert_eq!(list.claims["sub"], format!("http://127.0.0.1:8080{path}"));
    assert_eq!(list.claims["iat"], now);
    assert_eq!(list.claims["exp"], now + 60);
    assert_eq!(list.claims["ttl"], 5);
    let key_set = app.get("/.well-known/jwks.json").await.json();
    let kids = key_set["keys"].as_array().unwrap().iter();
    let kids: Vec<_> = kids.map(|key| key["kid"].clone()).collect();
    assert_eq!(list.claims["kids"], json!(kids));
    assert_eq!(list.claims["status_list"]["bits"], 1);
    assert_eq!(list.bits.len(), 16_384);
    assert!(index < 131_072);
    assert_eq!(list.count(), 0);
}

#[tokio::test]
async fn a_list_is_signed_again_when_it_changes_or_after_thirty_seconds() {
    let app = app().await;
    let tokens = register(&app, "ada").await;
    let (path, _) = status(&tokens);
    let first = app.get(&path).await;
    app.clock.advance(Duration::from_secs(29));
    assert_eq!(app.get(&path).await.text, first.text);
    let etag = first.header("etag").unwrap();
    let headers = [("if-none-match", etag)];
    let known = app.send(request("GET", &path, &headers, "")).await;
    assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));
    assert_eq!(known.header("etag"), Some(etag));
    app.clock.advance(Duration::from_secs(1));
    let second = app.send(request("GET", &path, &headers, "")).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.text, first.text);
    log_out(&app, &tokens).await;
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(List::read(&app.get(&path).await.text).count(), 1);
}

#[tokio::test]
async fn discovery_leads_to_every_list() {
    let app = app().await;
    for path in DISCOVERY {
        let document = app.get(path).await.json();
        assert_eq!(
            document["status_list_aggregation_endpoint"],
            "http://127.0.0.1:8080/status"
        );
    }
    assert_eq!(app.get("/status").await.json(), json!({"status_lists": []}));
    let tokens = register(&app, "ada").await;
    let uri = tokens.claims()["status"]["status_list"]["uri"].clone();
    let listed = app.get("/status").await;
    assert_eq!(listed.json(), json!({"status_lists": [uri]}));
    assert_eq!(listed.header("cache-control"), Some("public, max-age=5"));
    assert_eq!(listed.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn without_the_setting_there_are_no_lists() {
    let app = TestApp::start().await;
    let tokens = register(&app, "ada").await;
    assert_eq!(tokens.claims().get("status"), None);
    for path in DISCOVERY {
        let document = app.get(path).await.json();
        assert_eq!(document.get("status_list_aggregation_endpoint"), None);
    }
    for path in ["/status", "/status/AAAAAAAAAAA"] {
        assert_eq!(app.get(path).await.problem(), (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn an_unknown_list_is_not_found() {
    let app = app().await;
    for path in ["/status/AAAAAAAAAAA", "/status/x", "/status/%ff"] {
        assert_eq!(app.get(path).await.problem(), (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn a_session_from_before_the_setting_gets_a_bit_at_once() {
    let before = TestApp::start().await;
    let tokens = register(&before, "ada").await;
    let refreshed = refresh(&before, &tokens).await;
    let after = before
        .replica_with(&[("SIGNET_STATUS_LIST_ENABLED", "true")])
        .await;
    // A replay writes no record, so the bit is attached to the session.
    let replayed = refresh(&after, &tokens).await;
    assert_eq!(replayed.status, 200);
    assert!(!is_revoked(&after, &replayed).await);
    let next = refresh(&after, &refreshed).await;
    assert!(!is_revoked(&after, &next).await);
    log_out(&after, &next).await;
    assert!(is_revoked(&after, &next).await);
    assert!(is_revoked(&after, &replayed).await);
}

#[tokio::test]
async fn lists_are_signed_by_the_next_key_as_soon_as_one_is_revoked() {
    let (before, after) = lists_around_a_revocation(KeyRing::active_at).await;
    assert_ne!(before.header["kid"], after.header["kid"]);
}

#[tokio::test]
async fn lists_do_not_name_a_revoked_key_that_signs_no_list() {
    let (before, after) = lists_around_a_revocation(|ring, now| {
        let mut published = ring.published_at(now);
        published.find(|key| key.state_at(now) == KeyState::Next)
    })
    .await;
    assert_eq!(before.header["kid"], after.header["kid"]);
    let kids = |list: &List| list.claims["kids"].as_array().unwrap().clone();
    // The next key has got a successor.
    assert_eq!((kids(&before).len(), kids(&after).len()), (2, 2));
    assert!(!kids(&after).contains(&kids(&before)[1]));
}

/// The list of a token before and after this key is revoked.
async fn lists_around_a_revocation(
    key: fn(&KeyRing, Timestamp) -> Option<&SigningEntry>,
) -> (List, List) {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let variables = [
        ("SIGNET_STATUS_LIST_ENABLED", "true"),
        ("SIGNET_KEYS_DIR", keys.to_str().unwrap()),
    ];
    let keys = KeysFolder::at(&keys);
    let now = TestApp::beginning();
    keys.init(&InitOptions::default(), now, &mut system_rng())
        .unwrap();
    let app = TestApp::with(&variables).await;
    let tokens = register(&app, "ada").await;
    let (path, _) = status(&tokens);
    let before = List::fetch(&app, &path).await;
    let options = ChangeOptions { now, size: None };
    let revoked = key(&app.app.flows.keys().ring, now).unwrap().kid().clone();
    keys.change(options, &mut system_rng(), |ring| {
        ring.revoke(&revoked, now)
    })
    .unwrap();
    let flows = &app.app.flows;
    let (keys, backends) = (&flows.keys, &flows.stores.backends);
    flows.keys_folder.look(keys, backends, now, true).await;
    let after = List::fetch(&app, &path).await;
    (before, after)
}

#[tokio::test]
async fn without_the_store_no_old_list_is_published_and_no_token_issued() {
    let app = app().await;
    let tokens = register(&app, "ada").await;
    let (path, _) = status(&tokens);
    assert_eq!(app.get(&path).await.status, 200);
    let file = app.app.settings.database_url.expose();
    std::fs::remove_file(file.strip_prefix("sqlite://").unwrap()).unwrap();
    for backend in &app.app.flows.stores.backends {
        backend.check().await.unwrap_err();
    }
    app.clock.advance(Duration::from_secs(4));
    assert_eq!(app.get(&path).await.status, 200);
    app.clock.advance(Duration::from_secs(1));
    let unavailable = (503, "unavailable".to_owned());
    assert_eq!(app.get(&path).await.problem(), unavailable);
    assert_eq!(app.get("/status").await.problem(), unavailable);
    assert_eq!(refresh(&app, &tokens).await.problem(), unavailable);
}

const DISCOVERY: [&str; 2] = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
];
