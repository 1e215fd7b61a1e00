//! Who may register and sign in.

use std::time::Duration;

use serde_json::json;
use signet_core::client::SignInRules;
use signet_store::Updated;

use crate::oauth::{Program, sign_in};
use crate::support::{Answer, TestApp};

const NEW: &str = r#"{"email":"ada@example.com","password":"engine no. 9 steams",
                      "token_delivery":"body"}"#;

#[tokio::test]
async fn registration_that_is_not_open_is_403_and_makes_no_account() {
    for mode in ["closed", "invite"] {
        let app = TestApp::with(&[("SIGNET_REGISTRATION", mode)]).await;
        let refused = app.post("/auth/register", NEW).await;
        let expected = (403, "registration_closed".to_owned());
        assert_eq!(refused.problem(), expected, "{mode}");
        let login = app.post("/auth/login", NEW).await;
        assert_eq!(login.problem(), (401, "invalid_credentials".to_owned()));
    }
}

/// Gives the account of this address these roles.
async fn give(app: &TestApp, email: &str, roles: &[&str]) {
    let stores = &app.app.flows.stores;
    let found = stores.accounts.by_email(&email.parse().unwrap()).await;
    let previous = found.unwrap().unwrap().account;
    let mut next = previous.clone();
    next.roles = roles.iter().map(|role| role.parse().unwrap()).collect();
    let updated = stores.profiles.update(&previous, &next).await.unwrap();
    assert!(matches!(updated, Updated::Done(_)));
}

async fn login(app: &TestApp, client_id: &str) -> Answer {
    let body = json!({
        "email": "ada@example.com",
        "password": "engine no. 9 steams",
        "token_delivery": "body",
        "client_id": client_id,
    });
    app.post("/auth/login", &body.to_string()).await
}

fn for_staff() -> SignInRules {
    SignInRules {
        required_roles: vec!["staff".parse().unwrap(), "admin".parse().unwrap()],
        ..SignInRules::default()
    }
}

#[tokio::test]
async fn a_client_admits_people_with_one_of_its_roles_at_sign_in_and_at_each_refresh() {
    let app = TestApp::start().await;
    let program = Program::public_with(&app, "app", for_staff()).await;
    assert_eq!(app.post("/auth/register", NEW).await.status, 201);
    let required = (403, "role_required".to_owned());
    assert_eq!(login(&app, "app").await.problem(), required);
    give(&app, "ada@example.com", &["guest", "admin"]).await;
    let signed_in = login(&app, "app").await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);

    let token = signed_in.member("refresh_token");
    give(&app, "ada@example.com", &["guest"]).await;
    let refresh = json!({"refresh_token": token}).to_string();
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(
        app.post("/auth/refresh", &refresh).await.problem(),
        required
    );
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    let refused = program.ask(&app, "/oauth/token", &form).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));

    // Nothing was changed: the token is the newest still.
    give(&app, "ada@example.com", &["staff"]).await;
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(app.post("/auth/refresh", &refresh).await.status, 200);
}

#[tokio::test]
async fn nobody_registers_with_a_client_that_would_not_admit_them() {
    let app = TestApp::start().await;
    Program::public_with(&app, "app", for_staff()).await;
    let refused = sign_in(&app, "app").await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
    let accounts = &app.app.flows.stores.accounts;
    let email = "app@example.com".parse().unwrap();
    assert!(accounts.by_email(&email).await.unwrap().is_none());
}

#[tokio::test]
async fn a_registration_that_is_repeated_within_10_minutes_signs_in_to_the_same_account() {
    let app = TestApp::start().await;
    let first = app.post("/auth/register", NEW).await;
    app.clock.advance(Duration::from_mins(10));
    let repeated = app.post("/auth/register", NEW).await;
    assert_eq!(repeated.status, 201, "{}", repeated.text);
    let ids = [&first, &repeated].map(|answer| answer.json()["account"]["id"].clone());
    assert_eq!(ids[0], ids[1]);
    assert!(ids[0].is_string());

    app.clock.advance(Duration::from_secs(1));
    let late = app.post("/auth/register", NEW).await;
    assert_eq!(late.problem(), taken());
}

#[tokio::test]
async fn a_registration_with_other_fields_is_no_repetition() {
    let app = TestApp::start().await;
    assert_eq!(app.post("/auth/register", NEW).await.status, 201);
    for (member, value) in [
        ("password", "engine no. 8 steams"),
        ("name", "Ada"),
        ("email", "Ada@example.com"),
    ] {
        let mut other: serde_json::Value = serde_json::from_str(NEW).unwrap();
        other[member] = value.into();
        let refused = app.post("/auth/register", &other.to_string()).await;
        assert_eq!(refused.problem(), taken(), "{member}");
    }
}

#[tokio::test]
async fn an_account_that_was_changed_is_not_registered_again() {
    let app = TestApp::start().await;
    assert_eq!(app.post("/auth/register", NEW).await.status, 201);
    give(&app, "ada@example.com", &["guest"]).await;
    assert_eq!(app.post("/auth/register", NEW).await.problem(), taken());
}

fn taken() -> (u16, String) {
    (409, "email_taken".to_owned())
}
