//! What must never open anything, and never be answered with more than 401, 403 and 503.

use axum::http::HeaderValue;
use serde_json::json;

use super::{DEFAULT, ask, invalid_token, refusal, signed_in, unavailable};
use crate::support::{TestApp, request};

#[tokio::test]
async fn a_profile_that_is_not_configured_is_a_503() {
    let app = TestApp::start().await;
    let token = signed_in(&app).await.member("access_token");
    for path in [
        "/forward-auth",
        "/forward-auth/",
        "/forward-auth//",
        "/forward-auth//default",
        "/forward-auth/Default",
        "/forward-auth/%64efault",
        "/forward-auth/default%2f",
        "/forward-auth/default%00",
        "/forward-auth/default;x=y",
        "/forward-auth/default.",
        "/forward-auth/../forward-auth/default",
        "/forward-auth/./default",
        "/forward-auth/%ff",
        "/forward-auth/orders?/forward-auth/default",
    ] {
        let answer = ask(&app, path, &token).await;
        assert_eq!(refusal(&answer), unavailable("unknown_profile"), "{path}");
    }
}

#[tokio::test]
async fn no_bearer_token_is_a_401_without_an_error() {
    let app = TestApp::start().await;
    let missing = || {
        (
            401,
            json!({"error": "token_missing", "reason": "token_missing"}),
        )
    };
    let answer = app.get(DEFAULT).await;
    assert_eq!(refusal(&answer), missing());
    assert_eq!(
        answer.header("www-authenticate"),
        Some("Bearer realm=\"signet\"")
    );
    let token = signed_in(&app).await.member("access_token");
    for value in [
        String::new(),
        "Bearer".to_owned(),
        format!("Bearer{token}"),
        format!("Bearer\t{token}"),
        format!("Basic {token}"),
        format!("DPoP {token}"),
        format!("Token {token}"),
        token.clone(),
        format!("\"Bearer\" {token}"),
        format!("Bearer:{token}"),
        format!("xBearer {token}"),
    ] {
        let answer = app
            .send(request("GET", DEFAULT, &[("authorization", &value)], ""))
            .await;
        assert_eq!(refusal(&answer), missing(), "{value}");
    }
    // Nor is a token anywhere else.
    let elsewhere = [
        ("proxy-authorization", format!("Bearer {token}")),
        ("x-forwarded-authorization", format!("Bearer {token}")),
        ("x-access-token", token.clone()),
        (
            "cookie",
            format!("access_token={token}; Authorization=Bearer {token}"),
        ),
    ];
    for (name, value) in &elsewhere {
        let answer = app
            .send(request("GET", DEFAULT, &[(name, value)], ""))
            .await;
        assert_eq!(refusal(&answer), missing(), "{name}");
    }
    let query = format!("{DEFAULT}?access_token={token}");
    let form = format!("access_token={token}");
    let form_type = [("content-type", "application/x-www-form-urlencoded")];
    let answer = app.send(request("POST", &query, &form_type, &form)).await;
    assert_eq!(refusal(&answer), missing());
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case_and_with_several_spaces() {
    let app = TestApp::start().await;
    let token = signed_in(&app).await.member("access_token");
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer "] {
        let value = format!("{scheme} {token}");
        let answer = app
            .send(request("GET", DEFAULT, &[("authorization", &value)], ""))
            .await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn two_credentials_are_none() {
    let app = TestApp::start().await;
    let token = signed_in(&app).await.member("access_token");
    let good = format!("Bearer {token}");
    for other in [good.as_str(), "Bearer garbage", "Basic YTpi", ""] {
        for pair in [[good.as_str(), other], [other, good.as_str()]] {
            let headers = pair.map(|value| ("authorization", value));
            let answer = app.send(request("GET", DEFAULT, &headers, "")).await;
            assert_eq!(
                refusal(&answer),
                invalid_token("several_credentials"),
                "{other}"
            );
        }
    }
    for joined in [
        format!("{good}, {good}"),
        format!("{good},{good}"),
        format!("Bearer garbage, {good}"),
        format!("{good}, Basic YTpi"),
        format!("{good} "),
        format!("{good}\t"),
        format!("Bearer \"{token}\""),
        format!("Bearer realm=\"x\", {token}"),
    ] {
        let answer = app
            .send(request("GET", DEFAULT, &[("authorization", &joined)], ""))
            .await;
        let (status, body) = refusal(&answer);
        assert_eq!(
            (status, &body["error"]),
            (401, &json!("invalid_token")),
            "{joined}"
        );
    }
}

#[tokio::test]
async fn garbage_of_any_size_is_a_401() {
    let app = TestApp::start().await;
    let token = signed_in(&app).await.member("access_token");
    let (message, signature) = token.rsplit_once('.').unwrap();
    for (token, reason) in [
        ("x".repeat(8 * 1_024 + 1), "token_too_long"),
        ("x".repeat(64 * 1_024), "token_too_long"),
        (".".repeat(4_000), "not_three_parts"),
        (format!("{message}."), "not_three_parts"),
        (format!("{message}.{signature}="), "not_base64url"),
        (
            format!("{message}.{}", "A".repeat(signature.len())),
            "signature_invalid",
        ),
    ] {
        let answer = ask(&app, DEFAULT, &token).await;
        assert_eq!(refusal(&answer), invalid_token(reason));
    }
    let bytes = HeaderValue::from_bytes(b"Bearer \xff\xfe.\x80.x").unwrap();
    let mut binary = request("GET", DEFAULT, &[], "");
    binary.headers_mut().insert("authorization", bytes);
    let answer = app.send(binary).await;
    assert_eq!(refusal(&answer), invalid_token("not_base64url"));
}

#[tokio::test]
async fn a_body_is_not_read_however_long_or_broken() {
    let app = TestApp::start().await;
    let token = signed_in(&app).await.member("access_token");
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("content-length", "99999999"),
    ];
    let long = "{".repeat(1_024 * 1_024);
    let answer = app.send(request("POST", DEFAULT, &headers, &long)).await;
    assert_eq!(answer.status, 200);
    let answer = app
        .send(request("POST", DEFAULT, &headers[1..], &long))
        .await;
    assert_eq!(answer.status, 401);
}
