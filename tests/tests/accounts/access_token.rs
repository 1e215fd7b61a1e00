//! The access token: exactly the promised claims, and good for every library that reads our keys.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use signet_tests::{Api, StoreChoice, read_token};

pub(crate) async fn it_holds_exactly_the_promised_claims(stores: StoreChoice) {
    let server = stores.serve();
    let account = server.api().register().await;
    let (header, claims) = read_token(&account.access_token);
    assert_eq!(
        header,
        json!({"alg": "RS256", "typ": "at+jwt", "kid": only_text(&header, "kid", 43)})
    );
    let issued_at = claims["iat"].as_u64().unwrap();
    // The password was checked in the same second or in the one before.
    let signed_in_at = claims["auth_time"].as_u64().unwrap();
    assert!(
        signed_in_at <= issued_at,
        "{signed_in_at} after {issued_at}"
    );
    assert_eq!(
        claims,
        json!({
            "iss": "http://127.0.0.1:8080",
            "sub": account.id,
            "aud": "api",
            "iat": issued_at,
            "exp": issued_at + 600,
            "jti": only_text(&claims, "jti", 22),
            "client_id": "signet",
            "sid": account.session_id,
            "scope": "account",
            "auth_time": signed_in_at,
            "amr": ["pwd"],
        })
    );
}

pub(crate) async fn jsonwebtoken_accepts_it_with_our_published_keys(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let refreshed = api.refresh(&account.refresh_token).await.expect(200);
    for token in [account.access_token, refreshed.member("access_token")] {
        let claims = judged_by_jsonwebtoken(api, &token).await;
        assert_eq!(claims["sub"], account.id.as_str());
        assert_eq!(claims["sid"], account.session_id.as_str());
    }
}

pub(crate) async fn a_refreshed_token_keeps_the_session_and_the_time_of_sign_in(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let refreshed = api.refresh(&account.refresh_token).await.expect(200);
    let (_, before) = read_token(&account.access_token);
    let (_, after) = read_token(&refreshed.member("access_token"));
    for same in [
        "iss",
        "sub",
        "aud",
        "client_id",
        "sid",
        "scope",
        "auth_time",
        "amr",
    ] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert_ne!(before["jti"], after["jti"]);
}

pub(crate) async fn lifetime_audience_and_issuer_come_from_the_settings(stores: StoreChoice) {
    let server = stores.serve_with(&[
        ("SIGNET_ACCESS_TOKEN_TTL", "5m"),
        ("SIGNET_AUDIENCE", "billing,orders"),
        ("SIGNET_PUBLIC_URL", "https://auth.example.com"),
    ]);
    let account = server.api().register().await;
    let (_, claims) = read_token(&account.access_token);
    assert_eq!(claims["iss"], "https://auth.example.com");
    assert_eq!(claims["aud"], json!(["billing", "orders"]));
    assert_eq!(
        claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
        300
    );
    server.api().me(&account.access_token).await.expect(200);
}

/// The text of this member, if it has this length.
#[track_caller]
fn only_text<'v>(object: &'v Value, name: &str, length: usize) -> &'v str {
    let text = object[name].as_str().expect("a text");
    assert_eq!(text.len(), length, "{name}");
    text
}

async fn judged_by_jsonwebtoken(api: &Api, token: &str) -> Value {
    let jwks = api.get("/.well-known/jwks.json").await.expect(200);
    let jwks: JwkSet = serde_json::from_slice(&jwks.body).expect("a JWK set");
    let header = jsonwebtoken::decode_header(token).expect("a header");
    let jwk = jwks
        .find(&header.kid.expect("a kid"))
        .expect("a published key");
    let key = DecodingKey::from_jwk(jwk).expect("a usable key");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&["http://127.0.0.1:8080"]);
    validation.set_audience(&["api"]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    decode(token, &key, &validation)
        .expect("a good token")
        .claims
}
