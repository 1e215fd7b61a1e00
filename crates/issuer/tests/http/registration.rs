//! Who may register and sign in.

use std::time::Duration;

use serde_json::json;
use signet_core::client::SignInRules;
use signet_core::ids::AccountId;
use signet_store::Updated;

use crate::attacks::{Calls, Fault};
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
async fn a_registration_that_was_answered_cannot_be_repeated() {
    let app = TestApp::start().await;
    let first = app.post("/auth/register", NEW).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(app.post("/auth/register", NEW).await.problem(), taken());
    let token = json!({"refresh_token": first.json()["refresh_token"]});
    let ended = app.post("/auth/logout", &token.to_string()).await;
    assert_eq!(ended.status, 204);
    assert_eq!(app.post("/auth/register", NEW).await.problem(), taken());
}

#[tokio::test]
async fn a_registration_that_was_interrupted_can_be_repeated_for_10_minutes() {
    let (app, id) = interrupted().await;
    // The first request may still be in progress.
    assert_eq!(app.post("/auth/register", NEW).await.problem(), taken());
    app.clock.advance(Duration::from_mins(10));
    let repeated = app.post("/auth/register", NEW).await;
    assert_eq!(repeated.status, 201, "{}", repeated.text);
    assert_eq!(repeated.json()["account"]["id"], id.to_string());
    assert_eq!(app.post("/auth/register", NEW).await.problem(), taken());

    let (app, _) = interrupted().await;
    app.clock.advance(Duration::from_secs(601));
    assert_eq!(app.post("/auth/register", NEW).await.problem(), taken());
}

#[tokio::test]
async fn a_registration_with_other_fields_is_no_repetition() {
    let (app, _) = interrupted().await;
    app.clock.advance(AFTER_503);
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
    let (app, _) = interrupted().await;
    app.clock.advance(AFTER_503);
    give(&app, "ada@example.com", &["guest"]).await;
    assert_eq!(app.post("/auth/register", NEW).await.problem(), taken());
}

/// When clients repeat what was answered by 503.
const AFTER_503: Duration = Duration::from_secs(5);

/// A registration that an outage has interrupted after it made the account.
async fn interrupted() -> (TestApp, AccountId) {
    let calls = Calls::default();
    let settings = [("SIGNET_LIMITS_ENABLED", "false")];
    let app = TestApp::around(&settings, |stores| calls.count(stores)).await;
    let email = "ada@example.com".parse().unwrap();
    for at in 0.. {
        calls.fail_after(at, Fault::Refused);
        let answer = app.post("/auth/register", NEW).await;
        calls.recover();
        assert_eq!(answer.status, 503, "{}", answer.text);
        let found = app.app.flows.stores.accounts.by_email(&email).await;
        if let Some(found) = found.unwrap() {
            return (app, found.account.id);
        }
    }
    unreachable!("one of the calls makes the account");
}

fn taken() -> (u16, String) {
    (409, "email_taken".to_owned())
}
