//! Accounts that an operator disables in the database, past Signet: no session has ended and no token
//! is denied.

use serde_json::json;
use signet_core::account::AccountStatus;
use signet_store::Updated;

use crate::admin::Admin;
use crate::oauth::{Program, sign_in};
use crate::support::{Answer, JSON, TestApp, request};

/// Gives the account of the client `app` this status and leaves everything else as it is.
async fn set_status(test: &TestApp, status: AccountStatus) {
    let stores = &test.app.flows.stores;
    let found = stores.accounts.by_email(&EMAIL.parse().unwrap()).await;
    let account = found.unwrap().unwrap().account;
    let next = account
        .clone()
        .changed(|account| account.standing.status = status);
    let updated = stores.profiles.update(&account, &next).await;
    assert!(matches!(updated, Ok(Updated::Done(_))));
}

async fn ask(test: &TestApp, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    test.send(request("GET", path, &headers, "")).await
}

async fn refresh(test: &TestApp, token: &str) -> Answer {
    let body = json!({ "refresh_token": token }).to_string();
    test.post("/auth/refresh", &body).await
}

async fn log_in(test: &TestApp) -> Answer {
    let body = json!({"email": EMAIL, "password": "engine no. 9 steams"});
    test.post("/auth/login", &body.to_string()).await
}

const EMAIL: &str = "app@example.com";

#[tokio::test]
async fn an_account_that_is_disabled_in_the_store_is_refused_where_it_is_read() {
    let test = TestApp::start().await;
    Program::public(&test, "app").await;
    let person = sign_in(&test, "app").await;
    let token = person.member("access_token");
    set_status(&test, AccountStatus::Disabled).await;
    for path in ["/auth/me", "/auth/sessions", "/auth/export"] {
        let refused = ask(&test, &token, path).await.problem();
        assert_eq!(refused, (401, "session_ended".to_owned()), "{path}");
    }
    let renamed = [("authorization", &*format!("Bearer {token}")), JSON];
    let renamed = request("PATCH", "/auth/me", &renamed, r#"{"name":"Ada"}"#);
    let renamed = test.send(renamed).await.problem();
    assert_eq!(renamed, (401, "session_ended".to_owned()));
    assert_eq!(ask(&test, &token, "/oauth/userinfo").await.status, 401);
    let refused = refresh(&test, &person.member("refresh_token")).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
    let refused = log_in(&test).await.problem();
    assert_eq!(refused, (401, "invalid_credentials".to_owned()));
}

#[tokio::test]
async fn where_the_account_is_not_read_its_tokens_work_until_an_administrator_ends_its_sessions() {
    let test = TestApp::start().await;
    Program::public(&test, "app").await;
    let service = Program::register(&test, "service", "api", "api").await;
    let token = sign_in(&test, "app").await.member("access_token");
    set_status(&test, AccountStatus::Disabled).await;
    let passes = async || {
        let asked = ask(&test, &token, "/forward-auth/default").await;
        let form = format!("token={token}");
        let told = service.ask(&test, "/oauth/introspect", &form).await;
        (asked.status.as_u16(), told.json()["active"].clone())
    };
    assert_eq!(passes().await, (200, json!(true)));
    let admin = Admin::of(&test);
    let listed = admin.get(&format!("/admin/accounts?email={EMAIL}")).await;
    let id = listed["accounts"][0]["id"].as_str().unwrap();
    let sessions = format!("/admin/accounts/{id}/sessions");
    let ended = admin.ask("DELETE", &sessions, "").await;
    assert!(ended.status.is_success(), "{}", ended.text);
    assert_eq!(passes().await, (401, json!(false)));
}
