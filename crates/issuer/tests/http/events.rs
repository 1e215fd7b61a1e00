//! The events that operators follow: which happen, to which ids, and from which address.

use std::time::Duration;

use serde_json::{Value, json};
use signet_issuer::config::LogFormat;

use crate::logs::{Captured, capture};
use crate::oauth::{Program, sign_in};
use crate::support::{Answer, JSON, TestApp, from, request};

const ADDRESS: &str = "192.0.2.7";
const CREDENTIALS: &str = r#"{"email":"ada@example.com","password":"engine no. 9 steams"}"#;
const IN_BODY: &str =
    r#"{"email":"ada@example.com","password":"engine no. 9 steams","token_delivery":"body"}"#;

/// The lines of the log that are events.
fn events(captured: &Captured) -> Vec<Value> {
    let lines = captured.text();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|line: &Value| !line["event.name"].is_null())
        .collect()
}

fn names(events: &[Value]) -> Vec<&str> {
    let names = events.iter();
    names
        .map(|event| event["event.name"].as_str().unwrap())
        .collect()
}

async fn send(app: &TestApp, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: Vec<_> = headers.iter().copied().chain([JSON]).collect();
    app.send(from(ADDRESS, request("POST", path, &headers, body)))
        .await
}

#[tokio::test]
async fn a_failed_sign_in_names_the_address_and_the_account_and_never_the_email() {
    let (captured, guard) = capture(LogFormat::Json);
    let app = TestApp::start().await;
    let registered = send(&app, "/auth/register", &[], IN_BODY).await.json();
    for (from, to) in [("engine", "motor"), ("ada@", "bob@"), ("ada@", "Bob@")] {
        let refused = send(&app, "/auth/login", &[], &CREDENTIALS.replace(from, to)).await;
        assert_eq!(refused.status, 401);
    }
    drop(guard);
    let events = events(&captured);
    assert_eq!(
        names(&events),
        [
            "account.registered",
            "session.begun",
            "sign_in.failed",
            "sign_in.failed",
            "sign_in.failed"
        ]
    );
    assert!(
        events
            .iter()
            .all(|event| event["client.address"] == ADDRESS)
    );
    let id = &registered["account"]["id"];
    let account_ids = events.iter().map(|event| &event["account.id"]);
    let none = &Value::Null;
    assert_eq!(account_ids.collect::<Vec<_>>(), [id, id, id, none, none]);
    assert!(!captured.text().contains("@example.com"));
    // Tries of one unknown address can be told from tries of others.
    let hashes: Vec<_> = events.iter().map(|event| &event["email.hash"]).collect();
    assert_eq!(hashes[..3], [none, none, none]);
    assert_eq!(hashes[3].as_str().map(str::len), Some(32));
    assert_eq!(hashes[3], hashes[4]);
}

#[tokio::test]
async fn a_session_that_is_replaced_by_a_new_sign_in_has_ended() {
    let (captured, guard) = capture(LogFormat::Json);
    let app = TestApp::start().await;
    let registered = send(&app, "/auth/register", &[], CREDENTIALS).await;
    let cookie = registered.headers["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let signed_in = send(&app, "/auth/login", &[("cookie", cookie)], CREDENTIALS).await;
    drop(guard);
    let events = events(&captured);
    let happened: Vec<_> = events
        .iter()
        .map(|event| (&event["event.name"], &event["session.id"]))
        .skip(1)
        .collect();
    let (first, second) = (registered.json(), signed_in.json());
    assert_eq!(
        happened,
        [
            (&json!("session.begun"), &first["session_id"]),
            (&json!("session.ended"), &first["session_id"]),
            (&json!("session.begun"), &second["session_id"]),
        ]
    );
}

#[tokio::test]
async fn a_session_that_its_client_revokes_has_ended_once() {
    let (captured, guard) = capture(LogFormat::Json);
    let app = TestApp::start().await;
    let public = Program::public(&app, "app").await;
    let signed_in = sign_in(&app, "app").await;
    let form = format!("token={}", signed_in.member("refresh_token"));
    for _ in 0..2 {
        let revoked = public.ask(&app, "/oauth/revoke", &form).await;
        assert_eq!(revoked.status, 200);
    }
    drop(guard);
    let events = events(&captured);
    assert_eq!(
        names(&events),
        ["account.registered", "session.begun", "session.ended"]
    );
    assert_eq!(events[2]["actor.client_id"], "app");
    assert_eq!(events[2]["session.id"], signed_in.json()["session_id"]);
}

#[tokio::test]
async fn reuse_names_the_address_of_the_second_party() {
    let (captured, guard) = capture(LogFormat::Json);
    let app = TestApp::start().await;
    let registered = send(&app, "/auth/register", &[], IN_BODY).await;
    let first = registered.member("refresh_token");
    let refresh = |token: &str| json!({"refresh_token": token}).to_string();
    let mut newest = first.clone();
    for _ in 0..3 {
        app.clock.advance(Duration::from_mins(1));
        let refreshed = send(&app, "/auth/refresh", &[], &refresh(&newest)).await;
        newest = refreshed.member("refresh_token");
    }
    let thief = request("POST", "/auth/refresh", &[JSON], &refresh(&first));
    let refused = app.send(from("198.51.100.1", thief)).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
    drop(guard);
    let events = events(&captured);
    let reuse = events.last().unwrap();
    assert_eq!(reuse["event.name"], "session.reuse");
    assert_eq!(reuse["level"], "WARN");
    assert_eq!(reuse["reuse"], "Stale");
    assert_eq!(reuse["client.address"], "198.51.100.1");
    assert_eq!(reuse["session.id"], registered.json()["session_id"]);
}

#[tokio::test]
async fn a_recovery_names_where_the_session_was_before_and_where_it_is_now() {
    let (captured, guard) = capture(LogFormat::Json);
    let app = TestApp::start().await;
    let registered = send(&app, "/auth/register", &[], IN_BODY).await;
    let used = json!({"refresh_token": registered.member("refresh_token")}).to_string();
    let agent = |name| [("user-agent", name)];
    let rotated = send(&app, "/auth/refresh", &agent("phone/1"), &used).await;
    assert_eq!(rotated.status, 200);
    app.clock.advance(Duration::from_mins(1));
    let headers = [("user-agent", "laptop/2"), JSON];
    let later = request("POST", "/auth/refresh", &headers, &used);
    assert_eq!(app.send(from("198.51.100.1", later)).await.status, 200);
    drop(guard);
    let events = events(&captured);
    let recovered = events.last().unwrap();
    assert_eq!(recovered["event.name"], "session.recovered");
    assert_eq!(recovered["previous.address"], ADDRESS);
    assert_eq!(recovered["previous.user_agent"], "phone/1");
    assert_eq!(recovered["client.address"], "198.51.100.1");
    assert_eq!(recovered["client.user_agent"], "laptop/2");
    assert_eq!(recovered["session.id"], registered.json()["session_id"]);
}
