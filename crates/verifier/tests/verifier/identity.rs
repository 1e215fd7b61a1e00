//! What a gateway passes on, well and badly.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use signet_verifier::{Error, GatewayIdentity, Timestamp};

use crate::support::{NOW, Token, verifier};

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let header = |(name, value): &(&str, &str)| {
        (
            name.parse::<HeaderName>().unwrap(),
            value.parse::<HeaderValue>().unwrap(),
        )
    };
    let mut headers = HeaderMap::new();
    for (name, value) in pairs.iter().map(header) {
        headers.append(name, value);
    }
    headers
}

/// What the issuer says about the good token.
fn good() -> Vec<(&'static str, &'static str)> {
    vec![
        ("x-auth-issuer", "https://auth.example.com"),
        ("x-auth-subject", "7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11"),
        ("x-auth-client", "signet"),
        ("x-auth-session", "BBBBBBBBBBBBBBBBBBBBBB"),
        ("x-auth-scope", "account orders:read"),
        ("x-auth-roles", "staff,a%2Cb,50%25"),
        ("x-auth-audience", "orders"),
        ("x-auth-token-id", "AAAAAAAAAAAAAAAAAAAAAA"),
        ("x-auth-expires", "1800000600"),
    ]
}

#[test]
fn an_identity_is_read_and_decoded() {
    let identity = GatewayIdentity::from_headers(&headers(&good())).unwrap();
    assert_eq!(identity.subject, "7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11");
    assert_eq!(identity.issuer.as_deref(), Some("https://auth.example.com"));
    assert_eq!(identity.scopes, ["account", "orders:read"]);
    assert_eq!(identity.roles, ["staff", "a,b", "50%"]);
    assert_eq!(
        identity.expires_at,
        Some(Timestamp::from_seconds(NOW + 600))
    );
}

#[test]
fn a_dash_is_nothing() {
    let pairs = [
        ("x-auth-subject", "billing"),
        ("x-auth-session", "-"),
        ("x-auth-roles", "-"),
    ];
    let identity = GatewayIdentity::from_headers(&headers(&pairs)).unwrap();
    assert_eq!((identity.session_id, identity.roles.len()), (None, 0));
}

#[test]
fn without_exactly_one_subject_nobody_comes_in() {
    let one = ("x-auth-subject", "a");
    for pairs in [
        &[][..],
        &[("x-auth-subject", "-")],
        &[("x-auth-subject", "")],
        &[("x_auth_subject", "a")],
        &[one, one],
        &[one, ("x-auth-subject", "root")],
        &[one, ("x-auth-roles", "staff"), ("x-auth-roles", "admin")],
        &[("x-auth-subject", "%zz")],
        &[("x-auth-subject", "%f")],
        &[("x-auth-subject", "%+f")],
        &[("x-auth-subject", "%ff")],
        &[one, ("x-auth-expires", "soon")],
    ] {
        let outcome = GatewayIdentity::from_headers(&headers(pairs));
        assert_eq!(outcome, Err(Error::IdentityMissing), "{pairs:?}");
    }
    assert_eq!(Error::IdentityMissing.http_status(), 401);
}

#[test]
fn a_token_has_to_say_the_same() {
    let claims = verifier().verify(&Token::good().sign()).unwrap();
    let identity = GatewayIdentity::from_headers(&headers(&good())).unwrap();
    assert_eq!(identity.require_same(&claims), Ok(()));
    for (name, value) in [
        ("x-auth-subject", "root"),
        ("x-auth-session", "-"),
        ("x-auth-client", "other"),
        ("x-auth-token-id", "CCCC"),
    ] {
        let mut headers = headers(&good());
        headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        let identity = GatewayIdentity::from_headers(&headers).unwrap();
        assert_eq!(
            identity.require_same(&claims),
            Err(Error::IdentityMismatch),
            "{name}"
        );
    }
}
