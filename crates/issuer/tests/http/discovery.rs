//! What verifiers and clients find out by themselves.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{TestApp, request};

const JWKS: &str = "/.well-known/jwks.json";

#[tokio::test]
async fn the_key_set_holds_active_and_next_and_nothing_private() {
    let app = TestApp::start().await;
    let answer = app.get(JWKS).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.header("cache-control"),
        Some("public, max-age=300, stale-if-error=3600")
    );
    let keys = answer.json()["keys"].clone();
    let keys = keys.as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let members: Vec<_> = key
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!(
            (&key["kty"], &key["alg"], &key["use"], &key["e"]),
            (
                &"RSA".into(),
                &"RS256".into(),
                &"sig".into(),
                &"AQAB".into()
            )
        );
        // 2,048 bits in base64url
        assert_eq!(key["n"].as_str().unwrap().len(), 342);
    }
    let person = r#"{"email":"ada@example.com","password":"engine no. 9 steams"}"#;
    let token = app.post("/auth/register", person).await.json()["access_token"].clone();
    let header = token.as_str().unwrap().split('.').next().unwrap();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert!(keys.iter().any(|key| key["kid"] == header["kid"]));
}

#[tokio::test]
async fn every_page_may_read_all_of_it_without_credentials() {
    let app = TestApp::start().await;
    for path in [
        JWKS,
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let headers = [("origin", "https://any.example")];
        let answer = app.send(request("GET", path, &headers, "")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("*"),
            "{path}"
        );
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            None,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_known_key_set_is_not_sent_again() {
    let app = TestApp::start().await;
    let etag = app.get(JWKS).await.header("etag").unwrap().to_owned();
    assert!(
        etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2,
        "a strong tag: {etag}"
    );
    for known in [
        etag.clone(),
        format!("W/{etag}"),
        format!("\"x\", {etag}"),
        "*".to_owned(),
    ] {
        let answer = app
            .send(request("GET", JWKS, &[("if-none-match", &known)], ""))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (304, ""),
            "{known}"
        );
        assert_eq!(answer.header("etag"), Some(etag.as_str()));
        assert!(
            answer
                .header("cache-control")
                .unwrap()
                .starts_with("public, max-age=")
        );
    }
    let other = app
        .send(request("GET", JWKS, &[("if-none-match", "\"x\"")], ""))
        .await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let app = TestApp::start().await;
    for path in [JWKS, "/.well-known/openid-configuration", "/healthz"] {
        let got = app.get(path).await;
        let headed = app.send(request("HEAD", path, &[], "")).await;
        assert_eq!((headed.status, headed.text.as_str()), (got.status, ""));
        let length = got.text.len().to_string();
        assert_eq!(
            headed.header("content-length"),
            Some(length.as_str()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn only_what_works_is_announced() {
    let public_url = ("SIGNET_PUBLIC_URL", "https://auth.example.com");
    let app = TestApp::with(&[public_url]).await;
    let proving = json!([
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt"
    ]);
    let mut all = proving.clone();
    all.as_array_mut().unwrap().push(json!("none"));
    let expected = with_openid_connect(json!({
        "issuer": "https://auth.example.com",
        "jwks_uri": "https://auth.example.com/.well-known/jwks.json",
        "authorization_endpoint": "https://auth.example.com/oauth/authorize",
        "pushed_authorization_request_endpoint": "https://auth.example.com/oauth/par",
        "device_authorization_endpoint": "https://auth.example.com/oauth/device_authorization",
        "scopes_supported": ["account", "openid", "profile", "email", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "token_endpoint": "https://auth.example.com/oauth/token",
        "revocation_endpoint": "https://auth.example.com/oauth/revoke",
        "introspection_endpoint": "https://auth.example.com/oauth/introspect",
        "grant_types_supported": [
            "authorization_code",
            "urn:ietf:params:oauth:grant-type:device_code",
            "client_credentials",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "token_endpoint_auth_methods_supported": all,
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
        "revocation_endpoint_auth_methods_supported": all,
        "revocation_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
        "introspection_endpoint_auth_methods_supported": proving,
        "introspection_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
    }));
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        assert_eq!(app.get(path).await.json(), expected, "{path}");
    }
}

/// The metadata of OpenID Connect: that of OAuth, and more.
fn with_openid_connect(mut expected: Value) -> Value {
    expected["userinfo_endpoint"] = json!("https://auth.example.com/oauth/userinfo");
    expected["end_session_endpoint"] = json!("https://auth.example.com/oauth/logout");
    expected["backchannel_logout_supported"] = json!(true);
    expected["backchannel_logout_session_supported"] = json!(true);
    expected["prompt_values_supported"] = json!(["none", "login", "consent", "select_account"]);
    expected["ui_locales_supported"] = json!(["en", "de"]);
    expected["acr_values_supported"] = json!(["urn:signet:acr:single", "urn:signet:acr:mfa"]);
    expected["claims_supported"] = json!([
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "acr",
        "amr",
        "nonce",
        "at_hash",
        "sid",
        "name",
        "email",
        "email_verified",
    ]);
    expected["subject_types_supported"] = json!(["public"]);
    expected["id_token_signing_alg_values_supported"] = json!(["RS256"]);
    expected
}

#[tokio::test]
async fn a_key_set_that_stands_still_keeps_its_tag() {
    let app = TestApp::start().await;
    let before = app.get(JWKS).await;
    app.clock.advance(Duration::from_hours(24 * 30));
    let after = app.get(JWKS).await;
    assert_eq!(before.header("etag"), after.header("etag"));
    assert_eq!(before.text, after.text);
}

#[tokio::test]
async fn the_modules_for_browsers_are_for_every_page_and_are_not_sent_twice() {
    let app = TestApp::start().await;
    for (path, source) in [
        ("/client.js", include_str!("../../web/client.js")),
        ("/redirect.js", include_str!("../../web/redirect.js")),
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200);
        let headers = [
            ("content-type", "text/javascript; charset=utf-8"),
            ("cache-control", "public, max-age=300"),
            ("x-content-type-options", "nosniff"),
            ("access-control-allow-origin", "*"),
        ];
        for (name, value) in headers {
            assert_eq!(answer.header(name), Some(value), "{path} {name}");
        }
        assert_eq!(answer.text, source);

        let etag = answer.header("etag").unwrap();
        let known = [("if-none-match", etag)];
        let again = app.send(request("GET", path, &known, "")).await;
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
        assert_eq!(again.header("etag"), Some(etag));
        let other = [("if-none-match", "\"0123456789abcdef\"")];
        let other = app.send(request("GET", path, &other, "")).await;
        assert_eq!(other.status, 200);
    }
}
