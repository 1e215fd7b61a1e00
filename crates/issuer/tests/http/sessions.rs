//! `GET /auth/sessions`: what the owner sees of a session.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, JSON, TestApp, from, request};

const IN_BODY: &str =
    r#"{"email":"ada@example.com","password":"engine no. 9 steams","token_delivery":"body"}"#;

async fn post(app: &TestApp, origin: (&str, &str), path: &str, body: &str) -> Answer {
    let (address, user_agent) = origin;
    let headers = [JSON, ("user-agent", user_agent)];
    app.send(from(address, request("POST", path, &headers, body)))
        .await
}

#[tokio::test]
async fn a_token_of_a_clock_ahead_is_refreshed_and_costs_nobody_the_session() {
    let ahead = TestApp::start().await;
    ahead.clock.advance(Duration::from_hours(1));
    let app = ahead.replica_at(TestApp::beginning()).await;
    let registered = ahead.post("/auth/register", IN_BODY).await.json();
    let me = async |tokens: &Value| {
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        let headers = [("authorization", bearer.as_str())];
        app.send(request("GET", "/auth/me", &headers, "")).await
    };
    let refused = me(&registered).await;
    assert_eq!(refused.problem(), (401, "token_expired".to_owned()));
    let body = json!({"refresh_token": registered["refresh_token"]}).to_string();
    let refreshed = app.post("/auth/refresh", &body).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    assert_eq!(me(&refreshed.json()).await.status, 200);
}

#[tokio::test]
async fn a_session_shows_where_it_began_and_where_it_was_refreshed_last() {
    let app = TestApp::start().await;
    let own = ("192.0.2.7", "Telephone/1.0");
    let stranger = (
        "198.51.100.9",
        "Mozilla/5.0 (X11) Gecko/20100101 Firefox/145.0",
    );
    let registered = post(&app, own, "/auth/register", IN_BODY).await.json();
    let bearer = format!("Bearer {}", registered["access_token"].as_str().unwrap());
    let shown = async || {
        let headers = [("authorization", bearer.as_str())];
        let listed = app
            .send(request("GET", "/auth/sessions", &headers, ""))
            .await;
        let session = listed.json()["sessions"][0].clone();
        ["user_agent", "ip", "last_used_user_agent", "last_used_ip"]
            .map(|name| session[name].clone())
    };
    assert_eq!(shown().await, [own.1, own.0, own.1, own.0]);
    let body = json!({"refresh_token": registered["refresh_token"]}).to_string();
    let refreshed = post(&app, stranger, "/auth/refresh", &body).await;
    assert_eq!(refreshed.status, 200);
    assert_eq!(
        shown().await,
        [own.1, own.0, "(X11) Firefox/145.0", stranger.0]
    );
    // The same token again changes nothing, so it moves nothing.
    let replayed = post(&app, own, "/auth/refresh", &body).await;
    assert_eq!(replayed.status, 200);
    assert_eq!(
        shown().await,
        [own.1, own.0, "(X11) Firefox/145.0", stranger.0]
    );
}
