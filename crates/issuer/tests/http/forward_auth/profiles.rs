//! Profiles: what an operator may demand, and what a request cannot choose.

use serde_json::json;

use super::{ask, identity, invalid_token, refusal, signed_in};
use crate::oauth::Program;
use crate::support::{TestApp, request};

const FILE: &str = r#"
audience = ["api", "orders"]
[forward_auth.billing]
audiences = ["billing"]
[forward_auth.either]
audiences = ["billing", "orders"]
[forward_auth.readers]
scopes = ["account", "orders:read"]
[forward_auth.staff]
any_of_roles = ["clerk", "admin"]
[forward_auth.renamed]
header_prefix = "X-Shop-"
"#;

#[tokio::test]
async fn a_profile_demands_audiences_scopes_and_roles() {
    let app = TestApp::with_file(FILE).await;
    let token = signed_in(&app).await.member("access_token");
    for (profile, status) in [("default", 200), ("either", 200), ("renamed", 200)] {
        let answer = ask(&app, &format!("/forward-auth/{profile}"), &token).await;
        assert_eq!(answer.status, status, "{profile}");
    }
    let refused = ask(&app, "/forward-auth/billing", &token).await;
    assert_eq!(refusal(&refused), invalid_token("audience_mismatch"));

    let refused = ask(&app, "/forward-auth/readers", &token).await;
    let body = json!({"error": "insufficient_scope", "reason": "scope_missing"});
    assert_eq!(refusal(&refused), (403, body));
    assert_eq!(
        refused.header("www-authenticate"),
        Some(
            "Bearer realm=\"signet\", error=\"insufficient_scope\", \
             error_description=\"the token lacks a scope\", scope=\"orders:read\""
        )
    );

    let refused = ask(&app, "/forward-auth/staff", &token).await;
    let body = json!({"error": "insufficient_scope", "reason": "role_missing"});
    assert_eq!(refusal(&refused), (403, body));
}

#[tokio::test]
async fn the_headers_of_a_profile_may_be_called_otherwise() {
    let app = TestApp::with_file(FILE).await;
    let token = signed_in(&app).await.member("access_token");
    let answer = ask(&app, "/forward-auth/renamed", &token).await;
    assert_eq!(answer.header("x-shop-client"), Some("signet"));
    assert_eq!(answer.header("x-shop-token-id").unwrap().len(), 22);
    assert_eq!(identity(&answer), []);
}

#[tokio::test]
async fn nothing_that_a_client_sends_chooses_the_profile() {
    let app = TestApp::with_file(FILE).await;
    let token = signed_in(&app).await.member("access_token");
    let bearer = format!("Bearer {token}");
    let foreign = [
        ("authorization", bearer.as_str()),
        ("x-original-url", "/forward-auth/billing"),
        ("x-original-method", "OPTIONS"),
        ("x-forwarded-uri", "/forward-auth/billing?profile=billing"),
        ("x-forwarded-method", "OPTIONS"),
        ("x-rewrite-url", "/healthz"),
        ("x-http-method-override", "DELETE"),
        ("forwarded", "for=127.0.0.1;host=evil.example"),
        ("host", "evil.example"),
        ("cookie", "profile=billing; signet_refresh=x"),
        ("x-auth-subject", "admin"),
        ("x-auth-scope", "signet:admin"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    for method in [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY",
    ] {
        for path in [
            "/forward-auth/default",
            "/forward-auth/default/",
            "/forward-auth/default/orders/7?profile=billing&scope=admin",
            "/forward-auth/default?access_token=x",
            "/forward-auth/default/../billing",
            "/forward-auth/default/%2e%2e/billing",
            "/forward-auth/default//billing",
            "/forward-auth/default/%ff%00",
            "/forward-auth/default/..%2f..%2fhealthz",
        ] {
            let body = "profile=billing&access_token=x";
            let answer = app.send(request(method, path, &foreign, body)).await;
            assert_eq!(answer.status, 200, "{method} {path}");
            assert_eq!(answer.header("x-auth-audience"), Some("api,orders"));
            assert_ne!(answer.header("x-auth-subject"), Some("admin"));
            let without = app.send(request(method, path, &foreign[1..], body)).await;
            assert_eq!(without.status, 401, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_profile_without_the_deny_list_goes_by_the_token_alone() {
    let app = TestApp::with_file("[forward_auth.offline]\ndeny_list = false\n").await;
    let program = Program::register(&app, "billing", "api", "").await;
    let form = "grant_type=client_credentials";
    let token = program
        .ask(&app, "/oauth/token", form)
        .await
        .member("access_token");
    let revoke = format!("token={token}");
    assert_eq!(
        program.ask(&app, "/oauth/revoke", &revoke).await.status,
        200
    );
    let refused = ask(&app, "/forward-auth/default", &token).await;
    assert_eq!(refusal(&refused), invalid_token("session_ended"));
    assert_eq!(ask(&app, "/forward-auth/offline", &token).await.status, 200);
}
