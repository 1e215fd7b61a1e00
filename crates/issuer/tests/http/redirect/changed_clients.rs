//! What a client gets for a code from before an operator changed its registration.

use serde_json::{Value, json};

use super::browser::{Browser, PASSWORD, register};
use super::client::{CALLBACK, Web};
use super::device::Device;
use crate::admin::Admin;
use crate::support::{TestApp, request};

const ADA: &str = "ada@example.com";

async fn change(app: &TestApp, id: &str, fields: &Value) {
    let (admin, path) = (Admin::of(app), format!("/admin/clients/{id}"));
    let changed = admin.ask("PATCH", &path, &fields.to_string()).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

/// Signs in with a client of the operator, and returns the code.
async fn code(app: &TestApp, wiki: &Web, scope: &str) -> String {
    register(app, ADA).await;
    let mut browser = Browser::default();
    let address = wiki.authorize(&[("scope", scope)]);
    let page = browser.visit(app, &address).await;
    let sent = browser.sign_in(app, &page, ADA).await;
    sent.to_client(CALLBACK)["code"].clone()
}

/// The clients that have sessions of Ada.
async fn clients_with_sessions(app: &TestApp) -> Vec<String> {
    let body = json!({"email": ADA, "password": PASSWORD, "token_delivery": "body"});
    let own = app.post("/auth/login", &body.to_string()).await;
    let bearer = format!("Bearer {}", own.member("access_token"));
    let headers = [("authorization", bearer.as_str())];
    let listed = app.send(request("GET", "/auth/sessions", &headers, ""));
    let listed = listed.await.json();
    let sessions = listed["sessions"].as_array().unwrap().iter();
    let clients = sessions.map(|session| session["client_id"].as_str().unwrap().to_owned());
    clients.collect()
}

#[tokio::test]
async fn a_client_that_may_call_none_of_the_services_gets_no_token_and_no_session() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let code = code(&app, &wiki, "openid pages:read").await;
    change(&app, "wiki", &json!({"audiences": ["other"]})).await;
    let refused = wiki.redeem(&app, &code).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));
    let clients = clients_with_sessions(&app).await;
    assert!(!clients.contains(&wiki.id), "{clients:?}");
}

#[tokio::test]
async fn a_device_whose_client_may_call_none_of_the_services_gets_no_token_and_no_session() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    device.decide(&mut Browser::default(), "allow").await;
    change(&app, "tool", &json!({"audiences": ["other"]})).await;
    assert_eq!(device.error().await, (400, "invalid_grant".to_owned()));
    let clients = clients_with_sessions(&app).await;
    assert!(!clients.contains(&device.client.id), "{clients:?}");
    // The device goes on once the operator has corrected the mistake.
    change(&app, "tool", &json!({"audiences": ["wiki"]})).await;
    assert_eq!(device.poll().await.claims()["aud"], "wiki");
}

#[tokio::test]
async fn a_client_that_may_not_refresh_any_more_gets_no_refresh_token() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let code = code(&app, &wiki, "openid offline_access pages:read").await;
    change(&app, "wiki", &json!({"grants": []})).await;
    let tokens = wiki.redeem(&app, &code).await.json();
    assert_eq!(tokens["refresh_token"], Value::Null);
    // As if it had not been registered for it when it asked.
    assert_eq!(tokens["scope"], "openid pages:read");
}
