//! Every ending sets the bits of what it ends, and of nothing else.

use std::time::Duration;

use serde_json::json;
use signet_core::client::ClientStatus;
use signet_core::names::ClientId;
use signet_flows::clients::{Rotate, rotate_secret, set_status};
use signet_flows::origin::Caller;

use super::{PASSWORD, app, ask, is_revoked, log_in, log_out, refresh, register, status};
use crate::admin::Admin;
use crate::oauth::Program;
use crate::support::{Answer, TestApp};

#[tokio::test]
async fn a_logout_revokes_the_session_and_no_other() {
    let app = app().await;
    let first = register(&app, "ada").await;
    let second = log_in(&app, "ada").await;
    let other = register(&app, "grace").await;
    let refreshed = refresh(&app, &first).await;
    assert_eq!(status(&refreshed), status(&first));
    log_out(&app, &refreshed).await;
    assert!(is_revoked(&app, &first).await);
    assert!(!is_revoked(&app, &second).await);
    assert!(!is_revoked(&app, &other).await);
}

#[tokio::test]
async fn a_reused_refresh_token_revokes_the_session() {
    let app = app().await;
    let first = register(&app, "ada").await;
    let second = refresh(&app, &first).await;
    app.clock.advance(Duration::from_mins(1));
    let third = refresh(&app, &second).await;
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(refresh(&app, &first).await.problem().0, 401);
    assert!(is_revoked(&app, &third).await);
}

#[tokio::test]
async fn endings_of_an_account_revoke_its_sessions() {
    let change = json!({"current_password": PASSWORD, "new_password": "steam engine no. 10"});
    let change = change.to_string();
    let delete = json!({"password": PASSWORD}).to_string();
    let endings = [
        ("POST", "/auth/logout-all", "", true),
        ("POST", "/auth/password", change.as_str(), false),
        ("DELETE", "/auth/account", delete.as_str(), true),
    ];
    for (method, path, body, ends_itself) in endings {
        let app = app().await;
        let own = register(&app, "ada").await;
        let others = log_in(&app, "ada").await;
        let foreign = register(&app, "grace").await;
        let ended = ask(&app, &own, (method, path), body).await;
        assert!(ended.status.is_success(), "{path}: {}", ended.text);
        assert!(is_revoked(&app, &others).await, "{path}");
        assert_eq!(is_revoked(&app, &own).await, ends_itself, "{path}");
        assert!(!is_revoked(&app, &foreign).await, "{path}");
    }
}

#[tokio::test]
async fn an_administrator_revokes_sessions_and_accounts() {
    let app = app().await;
    let tokens = register(&app, "ada").await;
    let other = log_in(&app, "ada").await;
    let account = tokens.claims()["sub"].as_str().unwrap().to_owned();
    let session = tokens.claims()["sid"].as_str().unwrap().to_owned();
    let path = format!("/admin/accounts/{account}/sessions/{session}");
    assert_eq!(Admin::of(&app).ask("DELETE", &path, "").await.status, 204);
    assert!(is_revoked(&app, &tokens).await);
    assert!(!is_revoked(&app, &other).await);
    let path = format!("/admin/accounts/{account}/disable");
    assert!(
        Admin::of(&app)
            .ask("POST", &path, "")
            .await
            .status
            .is_success()
    );
    assert!(is_revoked(&app, &other).await);
}

#[tokio::test]
async fn a_removed_role_revokes_tokens_and_the_next_refresh_names_another_bit() {
    let app = app().await;
    let tokens = register(&app, "ada").await;
    let account = tokens.claims()["sub"].as_str().unwrap().to_owned();
    let path = format!("/admin/accounts/{account}");
    let admin = Admin::of(&app);
    let added = admin.ask("PATCH", &path, r#"{"roles": ["editor"]}"#).await;
    assert_eq!(added.status, 200, "{}", added.text);
    assert!(!is_revoked(&app, &tokens).await);
    let removed = admin.ask("PATCH", &path, r#"{"roles": []}"#).await;
    assert_eq!(removed.status, 200);
    // Another replica has not read the changes of the lists yet.
    let replica = app.replica().await;
    let next = refresh(&replica, &tokens).await;
    let replayed = refresh(&app, &tokens).await;
    assert!(is_revoked(&app, &tokens).await);
    for next in [&next, &replayed] {
        assert_ne!(status(next), status(&tokens));
        assert_eq!(ask(&app, next, ("GET", "/auth/me"), "").await.status, 200);
        assert!(!is_revoked(&app, next).await);
    }
    let again = admin.ask("PATCH", &path, r#"{"roles": []}"#).await;
    assert_eq!(again.status, 200);
    assert!(!is_revoked(&app, &next).await);
    log_out(&app, &next).await;
    assert!(is_revoked(&app, &next).await);
}

#[tokio::test]
async fn a_program_revokes_one_of_its_tokens() {
    let app = app().await;
    let reports = Program::register(&app, "reports", "api", "api").await;
    let (first, second) = (own(&app, &reports).await, own(&app, &reports).await);
    assert_ne!(status(&first), status(&second));
    let form = format!("token={}", first.member("access_token"));
    assert_eq!(reports.ask(&app, "/oauth/revoke", &form).await.status, 200);
    assert!(is_revoked(&app, &first).await);
    assert!(!is_revoked(&app, &second).await);
}

#[tokio::test]
async fn a_disabled_client_is_revoked_as_a_whole_and_good_again_when_enabled() {
    let app = app().await;
    let reports = Program::register(&app, "reports", "api", "api").await;
    let other = Program::register(&app, "other", "api", "").await;
    let (first, second) = (own(&app, &reports).await, own(&app, &reports).await);
    let foreign = own(&app, &other).await;
    switch(&app, "reports", ClientStatus::Disabled).await;
    assert!(is_revoked(&app, &first).await);
    assert!(is_revoked(&app, &second).await);
    assert!(!is_revoked(&app, &foreign).await);
    switch(&app, "reports", ClientStatus::Active).await;
    let next = own(&app, &reports).await;
    assert!(!is_revoked(&app, &next).await);
}

#[tokio::test]
async fn a_session_goes_on_with_another_bit_after_its_client_was_disabled() {
    let app = app().await;
    Program::public(&app, "shop").await;
    let tokens = crate::oauth::sign_in(&app, "shop").await;
    let replica = app.replica().await;
    // The replica knows of the lists, and not of what comes next.
    assert!(!is_revoked(&replica, &tokens).await);
    switch(&app, "shop", ClientStatus::Disabled).await;
    switch(&app, "shop", ClientStatus::Active).await;
    let next = refresh(&replica, &tokens).await;
    assert_eq!(next.status, 200, "{}", next.text);
    assert!(is_revoked(&app, &tokens).await);
    assert!(!is_revoked(&app, &next).await);
}

#[tokio::test]
async fn tokens_of_a_secret_that_leaked_are_revoked() {
    let app = app().await;
    let reports = Program::register(&app, "reports", "api", "api").await;
    let tokens = own(&app, &reports).await;
    let (stores, id) = (&app.app.flows.stores, "reports".parse().unwrap());
    let operator = ClientId::of_operator("ada").unwrap();
    let (rotate, caller) = (Rotate::AtOnceDenyingTokens, Caller::command_line(&operator));
    let issued = rotate_secret(stores, &id, rotate, app.clock.as_ref(), caller).await;
    let secret = issued.unwrap().secret.unwrap().text().expose().to_owned();
    let reports = Program {
        id: "reports",
        secret: Some(secret),
    };
    let next = own(&app, &reports).await;
    assert!(is_revoked(&app, &tokens).await);
    assert!(!is_revoked(&app, &next).await);
}

#[tokio::test]
async fn an_exchanged_token_is_revoked_with_its_session_its_actors_and_alone() {
    let app = app().await;
    let api = Program::register(&app, "gateway", "orders", "api").await;
    let ada = register(&app, "ada").await;
    let (first, second) = (
        exchange(&app, &api, &ada).await,
        exchange(&app, &api, &ada).await,
    );
    assert_ne!(status(&first), status(&second));
    let form = format!("token={}", first.member("access_token"));
    assert_eq!(api.ask(&app, "/oauth/revoke", &form).await.status, 200);
    assert!(is_revoked(&app, &first).await);
    assert!(!is_revoked(&app, &second).await);
    assert!(!is_revoked(&app, &ada).await);
    log_out(&app, &ada).await;
    assert!(is_revoked(&app, &second).await);

    let grace = register(&app, "grace").await;
    let orders = Program::register(&app, "orders-api", "stock", "orders").await;
    let first = exchange(&app, &api, &grace).await;
    let second = exchange(&app, &orders, &first).await;
    switch(&app, "gateway", ClientStatus::Disabled).await;
    assert!(is_revoked(&app, &first).await);
    assert!(is_revoked(&app, &second).await);
    assert!(!is_revoked(&app, &grace).await);
}

/// A token of a program for itself.
async fn own(app: &TestApp, program: &Program) -> Answer {
    let form = "grant_type=client_credentials";
    let answer = program.ask(app, "/oauth/token", form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

async fn exchange(app: &TestApp, program: &Program, subject: &Answer) -> Answer {
    let form = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange\
         &subject_token_type=urn:ietf:params:oauth:token-type:access_token&subject_token={}",
        subject.member("access_token")
    );
    let answer = program.ask(app, "/oauth/token", &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

async fn switch(app: &TestApp, id: &str, status: ClientStatus) {
    let operator = ClientId::of_operator("ada").unwrap();
    let (stores, id) = (&app.app.flows.stores, id.parse().unwrap());
    let caller = Caller::command_line(&operator);
    set_status(stores, &id, status, app.clock.as_ref(), caller)
        .await
        .unwrap();
}
