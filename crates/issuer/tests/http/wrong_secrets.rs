//! What guessing costs: wrong passwords and wrong proofs of clients, on every route that checks one.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use signet_store::{Denied, DenyList, StoreError, Stores, TokenFacts};
use signet_verifier::Timestamp;

use crate::oauth::Program;
use crate::support::{Answer, JSON, TestApp, from, request};

const REGISTER: &str = r#"{"email":"ada@example.com","password":"engine no. 9 steams",
                           "token_delivery":"body"}"#;
const CHANGE: &str = r#"{"current_password":"guess no. 1 fails","new_password":"engine no. 10"}"#;
const DELETE: &str = r#"{"password":"guess no. 1 fails"}"#;
const RIGHT: &str = r#"{"password":"engine no. 9 steams"}"#;

async fn ask(app: &TestApp, bearer: &str, (method, path): (&str, &str), body: &str) -> Answer {
    let headers = [JSON, ("authorization", bearer)];
    app.send(request(method, path, &headers, body)).await
}

async fn registered(app: &TestApp) -> (String, String) {
    let answer = app.post("/auth/register", REGISTER).await;
    let bearer = format!("Bearer {}", answer.member("access_token"));
    (bearer, answer.member("refresh_token"))
}

const PASSWORD_CHANGE: (&str, &str) = ("POST", "/auth/password");
const DELETION: (&str, &str) = ("DELETE", "/auth/account");

#[tokio::test]
async fn five_wrong_passwords_in_a_row_end_the_session() {
    let app = TestApp::start().await;
    let (bearer, refresh_token) = registered(&app).await;
    for (route, body) in [
        (PASSWORD_CHANGE, CHANGE),
        (DELETION, DELETE),
        (PASSWORD_CHANGE, CHANGE),
        (DELETION, DELETE),
        (DELETION, DELETE),
    ] {
        let wrong = ask(&app, &bearer, route, body).await;
        assert_eq!(wrong.problem(), (401, "invalid_credentials".to_owned()));
    }
    let ended = ask(&app, &bearer, DELETION, RIGHT).await;
    assert_eq!(ended.problem(), (401, "session_ended".to_owned()));
    let body = format!(r#"{{"refresh_token":"{refresh_token}"}}"#);
    let refused = app.post("/auth/refresh", &body).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
}

#[tokio::test]
async fn a_right_password_forgives_the_wrong_ones_before_it() {
    let app = TestApp::start().await;
    let (bearer, _) = registered(&app).await;
    let same = r#"{"current_password":"engine no. 9 steams","new_password":"engine no. 9 steams"}"#;
    for _ in 0..2 {
        for _ in 0..4 {
            assert_eq!(ask(&app, &bearer, DELETION, DELETE).await.status, 401);
        }
        app.clock.advance(Duration::from_secs(10));
        assert_eq!(ask(&app, &bearer, PASSWORD_CHANGE, same).await.status, 204);
    }
}

#[tokio::test]
async fn a_denied_token_guesses_five_times_at_most_while_the_deny_list_cannot_be_read() {
    let app = TestApp::around(&[], |stores| Stores {
        deny_list: Arc::new(Unreachable),
        ..stores
    })
    .await;
    let (bearer, _) = registered(&app).await;
    for _ in 0..5 {
        let wrong = ask(&app, &bearer, DELETION, DELETE).await;
        assert_eq!(wrong.problem(), (401, "invalid_credentials".to_owned()));
    }
    for body in [DELETE, RIGHT] {
        let refused = ask(&app, &bearer, DELETION, body).await;
        assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
    }
}

#[tokio::test]
async fn guesses_at_one_account_are_limited_on_all_routes_together() {
    let app = TestApp::start().await;
    let (bearer, _) = registered(&app).await;
    let headers = [JSON, ("authorization", bearer.as_str())];
    let guess = r#"{"email":"ADA@example.com","password":"guess no. 1 fails"}"#;
    let login = |body: &str| request("POST", "/auth/login", &[JSON], body);
    for _ in 0..3 {
        let wrong = app.send(from("192.0.2.1", login(guess))).await;
        assert_eq!(wrong.status, 401);
    }
    let delete = || request("DELETE", "/auth/account", &headers, DELETE);
    assert_eq!(app.send(from("192.0.2.1", delete())).await.status, 401);
    assert_eq!(app.send(from("192.0.2.1", delete())).await.status, 401);
    for refused in [
        app.send(from("192.0.2.1", delete())).await,
        app.send(from("192.0.2.1", login(guess))).await,
        // The right password tells nothing either.
        app.send(from("192.0.2.1", login(REGISTER))).await,
    ] {
        assert_eq!(refused.problem(), (429, "rate_limited".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("3"));
    }
    let elsewhere = app.send(from("192.0.2.2", login(REGISTER))).await;
    assert_eq!(elsewhere.status, 200);
    let unknown = guess.replace("ADA", "bob");
    for status in [401, 401, 401, 401, 401, 429] {
        let answer = app.send(from("192.0.2.3", login(&unknown))).await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn right_passwords_use_up_no_budget_of_the_account() {
    let app = TestApp::start().await;
    registered(&app).await;
    for _ in 0..20 {
        assert_eq!(app.post("/auth/login", REGISTER).await.status, 200);
    }
}

#[tokio::test]
async fn changes_that_ask_for_the_password_are_limited_by_address() {
    let app = TestApp::with(&[("SIGNET_LIMITS_PASSWORD_PER_MINUTE", "2")]).await;
    for (method, path) in [PASSWORD_CHANGE, DELETION] {
        let address = format!("192.0.2.{}", path.len());
        for status in [401, 401, 429] {
            let asked = from(&address, request(method, path, &[JSON], "{}"));
            assert_eq!(app.send(asked).await.status, status, "{path}");
        }
    }
}

#[tokio::test]
async fn failed_client_authentication_has_a_small_budget_that_good_proofs_do_not_use() {
    let app = TestApp::start().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let program = Program::register(&app, "billing", "orders", "orders").await;
    let headers = [form[0], ("authorization", &program.basic())];
    let wrong = "token=x&client_id=billing&client_secret=wrong";
    let guess = |address| from(address, request("POST", "/oauth/introspect", &form, wrong));
    for _ in 0..50 {
        let good = request("POST", "/oauth/introspect", &headers, "token=x");
        assert_eq!(app.send(from("192.0.2.1", good)).await.status, 200);
    }
    for status in [401, 401, 401, 401, 401, 429] {
        assert_eq!(app.send(guess("192.0.2.1")).await.status, status);
    }
    assert_eq!(app.send(guess("192.0.2.2")).await.status, 401);
    let other = wrong.replace("billing", "orders");
    let other = request("POST", "/oauth/introspect", &form, &other);
    assert_eq!(app.send(from("192.0.2.1", other)).await.status, 401);
}

/// A deny list behind a store that is down.
struct Unreachable;

#[async_trait]
impl DenyList for Unreachable {
    async fn deny(&self, _: &Denied, _: Timestamp) -> Result<(), StoreError> {
        Err(down())
    }

    async fn is_denied(&self, _: TokenFacts<'_>, _: Timestamp) -> Result<bool, StoreError> {
        Err(down())
    }

    async fn purge(&self, _: Timestamp, _: usize) -> Result<usize, StoreError> {
        Err(down())
    }
}

fn down() -> StoreError {
    StoreError::Unavailable {
        store: "deny list",
        cause: "it is down".into(),
    }
}
