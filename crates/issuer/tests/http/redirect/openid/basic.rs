//! The basic and the config plan: what a client gets.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::client::{CALLBACK, VERIFIER, header, userinfo};
use super::{ADA, Plan, identity};
use crate::oauth::FORM;
use crate::support::request;

async fn claims_of_userinfo(plan: &Plan, tokens: &Value) -> Value {
    let shown = userinfo(&plan.app, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    shown.json()
}

/// The same request, with the secret in the header.
async fn redeemed_by_header(plan: &mut Plan) -> Value {
    let code = plan.code(&[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let pair = format!("{}:{}", plan.client.id, plan.client.secret);
    let basic = format!(
        "Basic {}",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair)
    );
    let headers = [("authorization", basic.as_str()), FORM];
    let tokens = plan
        .app
        .send(request("POST", "/oauth/token", &headers, &body));
    let tokens = tokens.await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    tokens.json()
}

#[tokio::test]
async fn oidcc_server() {
    let mut plan = Plan::begin().await;
    let tokens = redeemed_by_header(&mut plan).await;
    assert_eq!(tokens["token_type"], "Bearer");
    let identity = identity(&tokens);
    assert_eq!(
        (&identity["aud"], &identity["nonce"]),
        (&json!("wiki"), &json!("n-1"))
    );
    assert_eq!(
        claims_of_userinfo(&plan, &tokens).await["sub"],
        identity["sub"]
    );
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let mut plan = Plan::begin().await;
    assert_eq!(plan.tokens(&[]).await["token_type"], "Bearer");
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let mut plan = Plan::begin().await;
    let told = plan
        .ask(&[("response_type", "-")])
        .await
        .to_client(CALLBACK);
    assert_eq!(told["error"], "invalid_request");
    assert_eq!(told["state"], "st&te=1");
}

#[tokio::test]
async fn oidcc_idtoken_signature_and_idtoken_unsigned() {
    let mut plan = Plan::begin().await;
    let token = plan.tokens(&[]).await["id_token"].clone();
    let header = header(token.as_str().unwrap());
    assert_eq!(header["alg"], "RS256");
    let keys = plan.app.get("/.well-known/jwks.json").await.json();
    let mut kids = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["kid"]);
    assert!(kids.any(|kid| *kid == header["kid"]));
    let discovered = plan
        .app
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        discovered["id_token_signing_alg_values_supported"],
        json!(["RS256"])
    );
}

#[tokio::test]
async fn oidcc_userinfo_get_and_userinfo_post_header() {
    let mut plan = Plan::begin().await;
    let access = plan.tokens(&[]).await["access_token"].clone();
    let bearer = format!("Bearer {}", access.as_str().unwrap());
    for method in ["GET", "POST"] {
        let headers = [("authorization", bearer.as_str())];
        let shown = plan
            .app
            .send(request(method, "/oauth/userinfo", &headers, ""));
        assert_eq!(shown.await.json()["email"], ADA, "{method}");
    }
}

/// RFC 6750 section 2.2 is optional, and this server does without it.
#[tokio::test]
async fn oidcc_userinfo_post_body() {
    let mut plan = Plan::begin().await;
    let access = plan.tokens(&[]).await["access_token"].clone();
    let body = format!("access_token={}", access.as_str().unwrap());
    let refused = plan
        .app
        .send(request("POST", "/oauth/userinfo", &[FORM], &body));
    assert_eq!(refused.await.status, 401);
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let mut plan = Plan::begin().await;
    assert_eq!(plan.identity(&[("nonce", "-")]).await.get("nonce"), None);
}

#[tokio::test]
async fn oidcc_scope_profile_and_scope_email() {
    let mut plan = Plan::begin().await;
    let tokens = plan.tokens(&[("scope", "openid profile")]).await;
    let shown = claims_of_userinfo(&plan, &tokens).await;
    assert_eq!((&shown["name"], shown.get("email")), (&json!("Ada"), None));
    let tokens = plan.tokens(&[("scope", "openid email")]).await;
    let shown = claims_of_userinfo(&plan, &tokens).await;
    assert_eq!(shown["email"], ADA);
    assert_eq!(
        (&shown["email_verified"], shown.get("name")),
        (&json!(false), None)
    );
}

/// The plan skips these for a server that does not announce the scopes.
#[tokio::test]
async fn oidcc_scope_address_and_scope_phone() {
    let mut plan = Plan::begin().await;
    let discovered = plan
        .app
        .get("/.well-known/openid-configuration")
        .await
        .json();
    for scope in ["address", "phone"] {
        let announced = discovered["scopes_supported"].as_array().unwrap();
        assert!(!announced.contains(&json!(scope)));
        let asked = format!("openid {scope}");
        assert_eq!(plan.error(&[("scope", &asked)]).await, "invalid_scope");
    }
}

#[tokio::test]
async fn oidcc_scope_all_and_ensure_other_scope_order_succeeds() {
    let mut plan = Plan::begin().await;
    for scope in ["openid profile email", "email openid profile"] {
        let tokens = plan.tokens(&[("scope", scope)]).await;
        let shown = claims_of_userinfo(&plan, &tokens).await;
        assert_eq!(
            (&shown["name"], &shown["email"]),
            (&json!("Ada"), &json!(ADA))
        );
    }
}

#[tokio::test]
async fn oidcc_codereuse_and_codereuse_30seconds() {
    let mut plan = Plan::begin().await;
    for seconds in [0, 30] {
        let code = plan.code(&[("prompt", "login")]).await;
        let tokens = plan.client.redeem(&plan.app, &code).await;
        plan.app.clock.advance(Duration::from_secs(seconds));
        let again = plan.client.redeem(&plan.app, &code).await;
        assert_eq!(again.oauth_error(), (400, "invalid_grant".to_owned()));
        let shown = userinfo(&plan.app, &tokens.member("access_token")).await;
        assert_eq!(shown.status, 401, "{seconds}");
        plan.app.clock.advance(Duration::from_secs(2));
    }
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let mut plan = Plan::begin().await;
    for uri in ["https://wiki.example/other", "https://wiki.example/cb?x=1"] {
        let page = plan.ask(&[("redirect_uri", uri)]).await;
        assert_eq!(
            (page.status.as_u16(), page.header("location")),
            (400, None),
            "{uri}"
        );
    }
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let mut plan = Plan::begin().await;
    let start = plan.client.authorize(&[]);
    let (path, body) = start.split_once('?').unwrap();
    let repeated = plan.browser.post(&plan.app, path, body).await;
    let page = plan.browser.visit(&plan.app, repeated.location()).await;
    let answer = plan.browser.sign_in(&plan.app, &page, ADA).await;
    assert!(answer.to_client(CALLBACK).contains_key("code"));
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let mut plan = Plan::begin().await;
    let tokens = plan.tokens(&[("scope", "openid offline_access")]).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let next = plan.client.ask(&plan.app, "/oauth/token", &form).await;
    assert_eq!(next.status, 200, "{}", next.text);
    assert_ne!(next.json()["refresh_token"], tokens["refresh_token"]);
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    let mut plan = Plan::begin().await;
    let code = plan.code(&[]).await;
    let wrong = "x".repeat(43);
    let refused = plan
        .client
        .redeem_with(&plan.app, &code, CALLBACK, &wrong)
        .await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));
    let code = plan.code(&[]).await;
    let tokens = plan.client.redeem(&plan.app, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
}

/// The config plan.
#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let plan = Plan::begin().await;
    let found = plan.app.get("/.well-known/openid-configuration").await;
    assert_eq!(found.header("content-type"), Some("application/json"));
    let document = found.json();
    assert_eq!(document["issuer"], "http://127.0.0.1:8080");
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
    ] {
        let url = document[name].as_str().unwrap();
        assert!(url.starts_with("http://127.0.0.1:8080/"), "{name}: {url}");
    }
    for (name, value) in [
        ("response_types_supported", "code"),
        ("subject_types_supported", "public"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("scopes_supported", "openid"),
        ("claims_supported", "sub"),
    ] {
        let announced = document[name].as_array().unwrap();
        assert!(announced.contains(&json!(value)), "{name}");
    }
}
