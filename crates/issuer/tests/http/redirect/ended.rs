//! Sessions that end because a refresh finds that their client or their consent is gone: each ending is
//! one event.

use futures::future::join_all;
use serde_json::{Value, json};

use super::browser::{Browser, register};
use super::client::{CALLBACK, OFFLINE, Web, claims};
use super::recreated::{direct, login, refresh_directly, refused, remove};
use crate::admin::Admin;
use crate::support::{Answer, TestApp};

const ADA: &str = "ada@example.com";
const TABLE: (&str, &str) = ("SIGNET_AUDIT_TABLE", "true");

/// The sessions that have ended, the first one first: the reason, the client and the id.
async fn ended(app: &TestApp) -> Vec<Value> {
    let page = Admin::of(app).get("/admin/events?type=session.ended").await;
    let events = page["events"].as_array().unwrap().iter();
    events
        .map(|event| json!([event["reason"], event["client"], event["session"]]))
        .collect()
}

/// What is said of the session of these tokens.
fn told(reason: &str, client: &Web, tokens: &Answer) -> Value {
    let session = &claims(&tokens.member("access_token"))["sid"];
    json!([reason, client.id, session])
}

#[tokio::test]
async fn a_session_of_a_removed_client_ends_once_at_its_refresh() {
    let app = TestApp::with(&[TABLE]).await;
    register(&app, ADA).await;
    let first = direct(&app).await;
    let before = [login(&app, &first).await, login(&app, &first).await];
    remove(&app, &first).await;
    assert_eq!(ended(&app).await, [Value::Null; 0]);

    let replica = app.replica().await;
    let at_once = (0..10).map(|turn| {
        let app = if turn % 2 == 0 { &app } else { &replica };
        refresh_directly(app, &before[0])
    });
    for gone in join_all(at_once).await {
        assert_eq!(gone.problem(), (401, "session_ended".to_owned()));
    }
    let mut expected = vec![told("client_gone", &first, &before[0])];
    assert_eq!(ended(&app).await, expected);

    let second = direct(&app).await;
    for tokens in &before {
        refused(&second.refresh(&app, tokens).await);
    }
    expected.push(told("client_gone", &first, &before[1]));
    assert_eq!(ended(&app).await, expected);
}

#[tokio::test]
async fn a_session_of_a_disabled_client_does_not_end() {
    let app = TestApp::with(&[TABLE]).await;
    register(&app, ADA).await;
    let client = direct(&app).await;
    let tokens = login(&app, &client).await;
    let admin = Admin::of(&app);
    let disabled = admin.ask("POST", "/admin/clients/app/disable", "").await;
    assert_eq!(disabled.status, 200, "{}", disabled.text);
    let refused = refresh_directly(&app, &tokens).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
    assert_eq!(ended(&app).await, [Value::Null; 0]);
}

#[tokio::test]
async fn a_session_without_a_consent_ends_once_at_its_refresh() {
    let app = TestApp::with(&[TABLE]).await;
    register(&app, ADA).await;
    let (wiki, mut browser) = (Web::own(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&OFFLINE)).await;
    let sent = browser.sign_in(&app, &page, ADA).await;
    let tokens = wiki.redeem(&app, &sent.to_client(CALLBACK)["code"]).await;
    let change = json!({"first_party": false}).to_string();
    let admin = Admin::of(&app);
    let changed = admin.ask("PATCH", "/admin/clients/wiki", &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);

    let replica = app.replica().await;
    let at_once = (0..10).map(|turn| {
        let app = if turn % 2 == 0 { &app } else { &replica };
        wiki.refresh(app, &tokens)
    });
    for gone in join_all(at_once).await {
        refused(&gone);
    }
    let expected = [told("consent_gone", &wiki, &tokens)];
    assert_eq!(ended(&app).await, expected);
}
