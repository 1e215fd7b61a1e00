//! A replica whose keys folder is behind: no tokens, everything else.

use std::time::Duration;

use serde_json::Value;
use signet_core::keys::{KeyRing, Lifetimes, NewestRing};
use signet_store::KeysFolder;
use signet_verifier::Clock as _;

use crate::oauth::Program;
use crate::support::{Answer, TestApp, request};

const EMAIL: &str =
    r#"{"email":"ada@example.com","password":"engine no. 9 steams","token_delivery":"body"}"#;

/// The next generation of the ring, with the same keys.
fn changed(ring: &KeyRing, app: &TestApp) -> KeyRing {
    let longer = Lifetimes {
        session: ring.longest().session * 2,
        ..ring.longest()
    };
    let change = ring.note_lifetimes(longer, app.clock.now());
    change.finish([]).unwrap()
}

/// Another replica has the next generation, and this one learns of it.
async fn another_replica_changes_keys(app: &TestApp) -> KeyRing {
    let newer = changed(&app.app.flows.keys().ring, app);
    let seen = NewestRing::of(&newer, app.clock.now());
    let notes = &app.app.flows.stores.ring_notes;
    notes.note(newer.name(), seen).await.unwrap();
    look(app).await;
    newer
}

async fn look(app: &TestApp) {
    let notes = app.app.flows.stores.ring_notes.as_ref();
    let (watch, now) = (&app.app.flows.ring_watch, app.clock.now());
    watch.look(&app.app.flows.keys, notes, now).await.unwrap();
}

fn member(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap().to_owned()
}

async fn me(app: &TestApp, access_token: &str) -> Answer {
    let bearer = format!("Bearer {access_token}");
    let headers = [("authorization", bearer.as_str())];
    app.send(request("GET", "/auth/me", &headers, "")).await
}

#[tokio::test]
async fn a_replica_that_is_behind_issues_nothing_and_verifies_on() {
    let app = TestApp::start().await;
    let program = Program::register(&app, "reports", "api", "api").await;
    let account = app.post("/auth/register", EMAIL).await;
    let refresh = format!(
        r#"{{"refresh_token":"{}"}}"#,
        member(&account, "refresh_token")
    );
    let newer = another_replica_changes_keys(&app).await;
    app.clock.advance(Duration::from_mins(2));
    let before = app.post("/auth/refresh", &refresh).await;
    assert_eq!(before.status, 200);

    app.clock.advance(Duration::from_millis(1));
    for (path, body) in [
        ("/auth/register", EMAIL),
        ("/auth/login", EMAIL),
        ("/auth/refresh", refresh.as_str()),
    ] {
        let refused = app.post(path, body).await;
        assert_eq!(refused.problem(), (503, "unavailable".to_owned()), "{path}");
        assert_eq!(refused.header("retry-after"), Some("5"));
    }
    let form = "grant_type=client_credentials";
    let refused = program.ask(&app, "/oauth/token", form).await;
    assert_eq!(refused.oauth_error().0, 503);
    assert_eq!(refused.header("retry-after"), Some("5"));
    let ready = app.operate("/readyz").await;
    assert_eq!(ready.status, 503);
    let why: Value = ready.json()["checks"]["signing_key"]["detail"].clone();
    assert_eq!(
        why,
        "the keys folder has generation 1 of the key ring, and others have had generation 2 for \
         120 s: bring it up to date, or run `signet keys restore` if it was put back on purpose"
    );

    assert_eq!(app.get("/.well-known/jwks.json").await.status, 200);
    assert_eq!(me(&app, &member(&before, "access_token")).await.status, 200);

    let folder = KeysFolder::at(&app.app.settings.keys.dir);
    let mut caught_up = folder.load(app.clock.now()).unwrap();
    caught_up.ring = newer;
    app.app
        .flows
        .keys
        .take_up(caught_up, app.clock.now())
        .unwrap();
    let next = format!(
        r#"{{"refresh_token":"{}"}}"#,
        member(&before, "refresh_token")
    );
    assert_eq!(app.post("/auth/refresh", &next).await.status, 200);
    assert_eq!(app.operate("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_refused_refresh_uses_nothing_up() {
    let app = TestApp::with(&[("SIGNET_REFRESH_GRACE", "0s")]).await;
    let account = app.post("/auth/register", EMAIL).await;
    let refresh = format!(
        r#"{{"refresh_token":"{}"}}"#,
        member(&account, "refresh_token")
    );
    let newer = another_replica_changes_keys(&app).await;
    app.clock.advance(Duration::from_secs(121));
    assert_eq!(app.post("/auth/refresh", &refresh).await.status, 503);
    let folder = KeysFolder::at(&app.app.settings.keys.dir);
    let mut caught_up = folder.load(app.clock.now()).unwrap();
    caught_up.ring = newer;
    app.app
        .flows
        .keys
        .take_up(caught_up, app.clock.now())
        .unwrap();
    assert_eq!(app.post("/auth/refresh", &refresh).await.status, 200);
}

#[tokio::test]
async fn without_the_store_what_was_known_of_other_replicas_counts() {
    let app = TestApp::start().await;
    another_replica_changes_keys(&app).await;
    app.app.flows.stores.close().await.unwrap();
    let notes = app.app.flows.stores.ring_notes.as_ref();
    let newer = changed(&changed(&app.app.flows.keys().ring, &app), &app);
    let seen = NewestRing::of(&newer, app.clock.now());
    notes.note(newer.name(), seen).await.unwrap_err();
    assert_eq!(app.app.flows.ring_lag(), None);
    app.clock.advance(Duration::from_secs(121));
    assert!(app.app.flows.ring_lag().is_some());
}
