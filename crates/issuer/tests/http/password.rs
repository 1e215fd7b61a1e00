//! `POST /auth/password` while something else happens at the same time.

use futures::poll;
use serde_json::{Value, json};
use signet_core::ids::{AccountId, SessionId};
use signet_store::{Changed, EndingChange, PendingEnding};

use crate::support::{Answer, JSON, TestApp, request};

#[tokio::test]
async fn the_callers_session_goes_on_from_the_moment_of_the_change() {
    let test = TestApp::start().await;
    let own = register(&test).await;
    let other = sign_in(&test).await;
    let pending = set_password(&test, &own).await;
    // The password is changed, and nothing has been said to the store of sessions.
    let next = refresh(&test, &own.refresh_token).await;
    assert_eq!(next.status, 200);
    let refused = refresh(&test, &other.refresh_token).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));

    let denied_until = test.app.flows.clock.now();
    let stores = &test.app.flows.stores;
    stores.finish_ending(pending, denied_until).await.unwrap();
    let next = next.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(refresh(&test, &next).await.status, 200);
    let sessions = request("GET", "/auth/sessions", &[(BEARER, &own.bearer)], "");
    let listed = test.send(sessions).await.json();
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(listed["sessions"][0]["current"], true);
}

#[tokio::test]
async fn who_is_overtaken_by_the_own_session_is_told_that_the_password_is_not_right_any_more() {
    for (method, path, body) in ASKING_FOR_THE_PASSWORD {
        let test = TestApp::start().await;
        let own = register(&test).await;
        let headers = [JSON, (BEARER, own.bearer.as_str())];
        let mut asked = Box::pin(test.send(request(method, path, &headers, body)));
        // It has read the account by now and waits until the password has been checked.
        assert!(poll!(&mut asked).is_pending());
        set_password(&test, &own).await;
        let refused = asked.await;
        assert_eq!(refused.problem(), (401, "invalid_credentials".to_owned()));
        assert_eq!(refresh(&test, &own.refresh_token).await.status, 200);
    }
}

#[tokio::test]
async fn who_is_overtaken_by_another_session_is_told_that_the_own_one_has_ended() {
    for (method, path, body) in ASKING_FOR_THE_PASSWORD {
        let test = TestApp::start().await;
        let own = register(&test).await;
        let other = sign_in(&test).await;
        let headers = [JSON, (BEARER, own.bearer.as_str())];
        let mut asked = Box::pin(test.send(request(method, path, &headers, body)));
        assert!(poll!(&mut asked).is_pending());
        set_password(&test, &other).await;
        let refused = asked.await;
        assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
        assert_eq!(refresh(&test, &other.refresh_token).await.status, 200);
    }
}

/// A person who has signed in.
struct SignedIn {
    account: AccountId,
    session: SessionId,
    bearer: String,
    refresh_token: String,
}

impl SignedIn {
    fn read(answer: &Answer) -> Self {
        let answer = answer.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            account: text(&answer["account"]["id"]).parse().unwrap(),
            session: text(&answer["session_id"]).parse().unwrap(),
            bearer: format!("Bearer {}", text(&answer["access_token"])),
            refresh_token: text(&answer["refresh_token"]),
        }
    }
}

async fn register(test: &TestApp) -> SignedIn {
    SignedIn::read(&test.post("/auth/register", CREDENTIALS).await)
}

async fn sign_in(test: &TestApp) -> SignedIn {
    SignedIn::read(&test.post("/auth/login", CREDENTIALS).await)
}

async fn refresh(test: &TestApp, token: &str) -> Answer {
    let body = json!({"refresh_token": token}).to_string();
    test.post("/auth/refresh", &body).await
}

/// The durable half of what `caller` asks for: a new password, here the same one again.
async fn set_password(test: &TestApp, caller: &SignedIn) -> PendingEnding {
    let accounts = &test.app.flows.stores.accounts;
    let found = accounts.by_id(caller.account).await.unwrap().unwrap();
    let standing = found.account.standing;
    let change = EndingChange::Password {
        hash: found.password_hash.unwrap(),
        kept: Some(standing.keeping(caller.session)),
    };
    let changed = accounts.change(
        caller.account,
        standing
            .epoch
            .step(signet_verifier::Timestamp::from_seconds(0)),
        &change,
    );
    let Changed::Done(pending) = changed.await.unwrap() else {
        unreachable!("nobody else changes the account");
    };
    pending
}

const CREDENTIALS: &str = r#"{"email": "ada@example.com", "password": "engine no. 9 steams",
                             "token_delivery": "body"}"#;

const BEARER: &str = "authorization";

/// What asks for the password and then ends sessions.
const ASKING_FOR_THE_PASSWORD: [(&str, &str, &str); 2] = [
    (
        "POST",
        "/auth/password",
        r#"{"current_password": "engine no. 9 steams", "new_password": "engine no. 10 whistles"}"#,
    ),
    (
        "DELETE",
        "/auth/account",
        r#"{"password": "engine no. 9 steams"}"#,
    ),
];
