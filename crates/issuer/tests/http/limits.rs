//! The shield against too many requests from one address.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;

use crate::support::{JSON, TestApp, from, request};

const TWO_LOGINS: (&str, &str) = ("SIGNET_LIMITS_LOGIN_PER_MINUTE", "2");

fn login() -> Request<Body> {
    request("POST", "/auth/login", &[JSON], "{}")
}

#[tokio::test]
async fn too_many_requests_are_429_with_a_time_to_come_back() {
    let app = TestApp::with(&[TWO_LOGINS]).await;
    for remaining in ["1", "0"] {
        let answer = app.send(from("192.0.2.1", login())).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.header("ratelimit-limit"), Some("2"));
        assert_eq!(answer.header("ratelimit-remaining"), Some(remaining));
    }
    let refused = app.send(from("192.0.2.1", login())).await;
    assert_eq!(refused.problem(), (429, "rate_limited".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("30"));
    assert_eq!(refused.header("ratelimit-reset"), Some("30"));

    app.clock.advance(Duration::from_secs(30));
    assert_eq!(app.send(from("192.0.2.1", login())).await.status, 400);
}

#[tokio::test]
async fn other_addresses_and_other_routes_are_counted_apart() {
    let app = TestApp::with(&[("SIGNET_LIMITS_LOGIN_PER_MINUTE", "1")]).await;
    assert_eq!(app.send(from("192.0.2.1", login())).await.status, 400);
    assert_eq!(app.send(from("192.0.2.1", login())).await.status, 429);
    assert_eq!(app.send(from("192.0.2.2", login())).await.status, 400);
    let register = request("POST", "/auth/register", &[JSON], "{}");
    assert_eq!(app.send(from("192.0.2.1", register)).await.status, 400);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_is_counted_and_no_one_else_is_believed() {
    let proxies = ("SIGNET_TRUSTED_PROXIES", "10.0.0.0/8");
    let app = TestApp::with(&[("SIGNET_LIMITS_LOGIN_PER_MINUTE", "1"), proxies]).await;
    let forwarded = |client| {
        request(
            "POST",
            "/auth/login",
            &[JSON, ("x-forwarded-for", client)],
            "{}",
        )
    };
    assert_eq!(
        app.send(from("10.0.0.1", forwarded("192.0.2.1")))
            .await
            .status,
        400
    );
    assert_eq!(
        app.send(from("10.0.0.1", forwarded("192.0.2.1")))
            .await
            .status,
        429
    );
    assert_eq!(
        app.send(from("10.0.0.1", forwarded("192.0.2.2")))
            .await
            .status,
        400
    );
    assert_eq!(
        app.send(from("198.51.100.1", forwarded("192.0.2.3")))
            .await
            .status,
        400
    );
    assert_eq!(
        app.send(from("198.51.100.1", forwarded("192.0.2.4")))
            .await
            .status,
        429
    );
}

#[tokio::test]
async fn programs_are_refused_in_the_words_of_oauth() {
    let app = TestApp::with(&[("SIGNET_LIMITS_TOKEN_PER_MINUTE", "1")]).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let ask = || request("POST", "/oauth/token", &form, "");
    let invalid = app.send(from("192.0.2.1", ask())).await;
    assert_eq!(invalid.oauth_error(), (400, "invalid_request".to_owned()));
    let refused = app.send(from("192.0.2.1", ask())).await;
    let expected = (429, "temporarily_unavailable".to_owned());
    assert_eq!(refused.oauth_error(), expected);
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert_eq!(app.send(from("192.0.2.1", login())).await.status, 400);
    assert_eq!(app.send(from("192.0.2.2", ask())).await.status, 400);
}

#[tokio::test]
async fn who_guesses_at_revocation_and_introspection_is_slowed_down_too() {
    let app = TestApp::with(&[
        ("SIGNET_LIMITS_TOKEN_PER_MINUTE", "2"),
        ("SIGNET_LIMITS_INTROSPECT_PER_MINUTE", "3"),
    ])
    .await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let wrong = "token=x&client_id=billing&client_secret=wrong";
    for (path, allowed) in [("/oauth/revoke", 2), ("/oauth/introspect", 3)] {
        let ask = || from("192.0.2.1", request("POST", path, &form, wrong));
        for _ in 0..allowed {
            let unknown = app.send(ask()).await.oauth_error();
            assert_eq!(unknown, (401, "invalid_client".to_owned()));
        }
        let refused = app.send(ask()).await;
        let expected = (429, "temporarily_unavailable".to_owned());
        assert_eq!(refused.oauth_error(), expected, "{path}");
        assert!(refused.header("retry-after").is_some());
        let other = request("POST", path, &form, wrong);
        assert_eq!(app.send(from("192.0.2.2", other)).await.status, 401);
    }
}

#[tokio::test]
async fn without_limits_nothing_is_counted() {
    let app = TestApp::with(&[TWO_LOGINS, ("SIGNET_LIMITS_ENABLED", "false")]).await;
    for _ in 0..5 {
        let answer = app.send(from("192.0.2.1", login())).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("ratelimit-limit")),
            (400, None)
        );
    }
}
