//! What programs get for themselves.

use std::sync::Arc;

use serde_json::json;
use signet_core::client::ClientStatus;

use super::{FORM, Program};
use crate::support::{TestApp, request};

const TOKEN: &str = "/oauth/token";

#[tokio::test]
async fn a_program_gets_a_token_for_itself() {
    let app = TestApp::start().await;
    let billing = Program::register(&app, "billing", "orders https://b.example", "billing").await;
    let answer = billing
        .ask(&app, TOKEN, "grant_type=client_credentials")
        .await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 600);
    assert_eq!(body["scope"], "orders:read orders:write");
    assert_eq!(body.as_object().unwrap().len(), 4);
    let mut claims = answer.claims();
    claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(
        claims,
        json!({
            "iss": "http://127.0.0.1:8080",
            "sub": "billing",
            "client_id": "billing",
            "aud": ["orders", "https://b.example"],
            "scope": "orders:read orders:write",
            "iat": 1_800_000_000,
            "exp": 1_800_000_600,
        })
    );
}

#[tokio::test]
async fn scope_and_audience_are_narrowed() {
    let app = TestApp::start().await;
    let billing = Program::register(&app, "billing", "orders https://b.example c", "").await;
    let form = "grant_type=client_credentials&scope=orders:read&audience=orders";
    let claims = billing.ask(&app, TOKEN, form).await.claims();
    assert_eq!(claims["scope"], "orders:read");
    assert_eq!(claims["aud"], "orders");
    let form = "grant_type=client_credentials&resource=https://b.example&audience=c&scope=";
    let claims = billing.ask(&app, TOKEN, form).await.claims();
    assert_eq!(claims["aud"], json!(["https://b.example", "c"]));
    assert_eq!(claims["scope"], "orders:read orders:write");
}

#[tokio::test]
async fn the_secret_goes_into_the_header_or_into_the_body() {
    let app = TestApp::start().await;
    let program = Program::register(&app, "https://billing.example/a", "orders", "").await;
    let secret = program.secret.clone().unwrap();
    let form = "grant_type=client_credentials";
    assert_eq!(program.ask(&app, TOKEN, form).await.status, 200);
    let in_body = format!("{form}&client_id=https://billing.example/a&client_secret={secret}");
    let answer = app.send(request("POST", TOKEN, &[FORM], &in_body)).await;
    assert_eq!(answer.claims()["sub"], "https://billing.example/a");
    let both = [FORM, ("authorization", &program.basic())];
    let answer = app.send(request("POST", TOKEN, &both, &in_body)).await;
    assert_eq!(answer.oauth_error(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn a_client_that_is_switched_off_is_nobody() {
    let app = TestApp::start().await;
    let billing = Program::register(&app, "billing", "orders", "").await;
    let clients = &app.app.flows.stores.clients;
    let id = "billing".parse().unwrap();
    let client = clients.find(&id).await.unwrap().unwrap();
    let disabled =
        Arc::unwrap_or_clone(client).changed(|client| client.status = ClientStatus::Disabled);
    clients.swap(&disabled).await.unwrap();
    let answer = billing
        .ask(&app, TOKEN, "grant_type=client_credentials")
        .await;
    assert_eq!(answer.oauth_error(), (401, "invalid_client".to_owned()));
}
