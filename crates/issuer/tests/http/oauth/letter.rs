//! Errors to the letter: the whole body and all headers, for each error of RFC 6749 section 5.2 and
//! of RFC 8693 section 2.2.2.

use axum::http::HeaderName;
use serde_json::json;
use signet_core::client::{Authentication, ClientSecret, ClientSecrets, GrantType, Permissions};
use signet_flows::random::system_rng;

use super::{FORM, Program, parsed, sign_in, store};
use crate::support::{Answer, TestApp, request};

const TOKEN: &str = "/oauth/token";

/// The answer is this and nothing else.
fn is_exactly(answer: &Answer, status: u16, error: &str, description: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    let body = json!({"error": error, "error_description": description});
    assert_eq!(answer.json(), body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    let challenge = "Basic realm=\"signet\", charset=\"UTF-8\"";
    let expected = (status == 401).then_some(challenge);
    assert_eq!(answer.header("www-authenticate"), expected);
    let mut names: Vec<_> = answer.headers.keys().map(HeaderName::as_str).collect();
    names.retain(|name| *name != "www-authenticate");
    names.sort_unstable();
    let always = [
        "cache-control",
        "content-length",
        "content-type",
        "pragma",
        "x-content-type-options",
        "x-request-id",
    ];
    assert_eq!(names, always);
}

async fn start() -> TestApp {
    TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await
}

#[tokio::test]
async fn each_error_of_the_token_endpoint() {
    let app = start().await;
    let billing = Program::register(&app, "billing", "orders", "").await;
    let scope = "a requested scope is malformed or not allowed to this client";
    let target = "a requested resource or audience is malformed or not allowed to this client";
    let worthless = "the refresh token is invalid, expired, revoked or issued to another client";
    let repeated = "a parameter appears more than once; send it once";
    let unknown = "must be authorization_code, client_credentials, refresh_token, \
        urn:ietf:params:oauth:grant-type:device_code or \
        urn:ietf:params:oauth:grant-type:token-exchange";
    for (form, error, description) in [
        ("", "invalid_request", "grant_type is required"),
        ("grant_type=", "invalid_request", "grant_type is required"),
        ("grant_type=a&grant_type=a", "invalid_request", repeated),
        (
            "grant_type=refresh_token",
            "invalid_request",
            "refresh_token is required",
        ),
        (
            "grant_type=refresh_token&refresh_token=x",
            "invalid_grant",
            worthless,
        ),
        ("grant_type=password", "unsupported_grant_type", unknown),
        (
            "grant_type=authorization_code&code=x",
            "unauthorized_client",
            "the client may not use this grant type",
        ),
        (
            "grant_type=client_credentials&scope=x",
            "invalid_scope",
            scope,
        ),
        (
            "grant_type=client_credentials&audience=x",
            "invalid_target",
            target,
        ),
        (
            "grant_type=client_credentials&resource=x",
            "invalid_target",
            target,
        ),
    ] {
        let answer = billing.ask(&app, TOKEN, form).await;
        is_exactly(&answer, 400, error, description);
    }
}

#[tokio::test]
async fn each_error_about_the_client_itself() {
    let app = start().await;
    let billing = Program::register(&app, "billing", "orders", "").await;
    let wrong = Program {
        id: "billing",
        secret: Some("wrong".to_owned()),
    };
    let form = "grant_type=client_credentials";
    for path in [TOKEN, "/oauth/revoke", "/oauth/introspect"] {
        let form = format!("{form}&token=x");
        let answer = wrong.ask(&app, path, &form).await;
        is_exactly(
            &answer,
            401,
            "invalid_client",
            "client authentication failed",
        );
        let nobody = app.send(request("POST", path, &[FORM], &form)).await;
        is_exactly(
            &nobody,
            401,
            "invalid_client",
            "client authentication failed",
        );
        let form = format!("{form}&client_secret=x");
        let twice = billing.ask(&app, path, &form).await;
        let several = "the client authenticates in more than one way; send one proof";
        is_exactly(&twice, 400, "invalid_request", several);
    }
    for path in ["/oauth/revoke", "/oauth/introspect"] {
        let answer = billing.ask(&app, path, "").await;
        is_exactly(&answer, 400, "invalid_request", "token is required");
    }
    let limited = limited(&app).await;
    for form in [
        "grant_type=client_credentials",
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=x",
    ] {
        let answer = limited.ask(&app, TOKEN, form).await;
        let may_not = "the client may not use this grant type";
        is_exactly(&answer, 400, "unauthorized_client", may_not);
    }
}

#[tokio::test]
async fn each_error_of_an_exchange() {
    let app = start().await;
    Program::public(&app, "app").await;
    let orders = Program::register(&app, "orders", "stock", "orders").await;
    let stranger = Program::register(&app, "stranger", "stock", "stranger").await;
    let token = sign_in(&app, "app").await.member("access_token");
    let good = format!("{EXCHANGE}&subject_token_type={ACCESS_TOKEN}&subject_token={token}");
    let target = "a requested resource or audience is malformed or not allowed to this client";
    let scope = "a requested scope is malformed or not allowed to this client";
    let actor = "actor_token is not supported; the client itself is the actor";
    let other = "requested_token_type must be that of an access token";
    for (rest, error, description) in [
        ("&requested_token_type=x", "invalid_request", other),
        ("&actor_token=x", "invalid_request", actor),
        ("&actor_token_type=x", "invalid_request", actor),
        ("&audience=orders", "invalid_target", target),
        ("&resource=https://x", "invalid_target", target),
        ("&scope=account", "invalid_scope", scope),
        ("&scope=orders:write", "invalid_scope", scope),
    ] {
        let answer = orders.ask(&app, TOKEN, &format!("{good}{rest}")).await;
        is_exactly(&answer, 400, error, description);
    }
    let answer = stranger.ask(&app, TOKEN, &good).await;
    let not_meant = "the subject token is not meant for this client";
    is_exactly(&answer, 400, "invalid_request", not_meant);
}

#[tokio::test]
async fn each_error_about_the_subject_of_an_exchange() {
    let app = start().await;
    let orders = Program::register(&app, "orders", "stock", "orders").await;
    let kind = "subject_token_type must be that of an access token";
    let typed = format!("&subject_token_type={ACCESS_TOKEN}");
    for (rest, description) in [
        ("", "subject_token is required"),
        ("&subject_token=x", "subject_token_type is required"),
        ("&subject_token=x&subject_token_type=x", kind),
        (
            &format!("{typed}&subject_token=x"),
            "the subject token is not good here",
        ),
    ] {
        let answer = orders.ask(&app, TOKEN, &format!("{EXCHANGE}{rest}")).await;
        is_exactly(&answer, 400, "invalid_request", description);
    }
}

/// A client that may ask for nothing but the next token of a session.
async fn limited(app: &TestApp) -> Program {
    let secret = ClientSecret::random(&mut system_rng());
    let permissions = Permissions {
        grants: vec![GrantType::RefreshToken],
        audiences: parsed("orders"),
        ..Permissions::default()
    };
    let authentication = Authentication::Secret(ClientSecrets::new(&secret));
    store(app, "limited", permissions, authentication).await;
    Program {
        id: "limited",
        secret: Some(secret.text().expose().to_owned()),
    }
}

const EXCHANGE: &str = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
