//! Exact claim sets, and what the independent judge says of the tokens.

use std::collections::HashSet;
use std::sync::Arc;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use signet_verifier::{Keys, ManualClock, Policy, Verifier};

use super::*;
use crate::account::Epoch;
use crate::keys::Jwks;
use crate::keys::fixtures::{key, large_keys, ring_of};
use crate::session::{Grant, SessionPolicy};

fn session() -> Session {
    let grant = Grant {
        client_id: "signet".parse().unwrap(),
        scope: vec!["account".parse().unwrap()],
        audience: vec!["api".parse().unwrap()],
        amr: vec!["pwd".to_owned()],
        epoch: Epoch::default(),
        cnf: None,
    };
    let mut session = Session::begin(
        SessionId::from_bytes([2; 16]),
        AccountId::from_bytes([1; 16]),
        grant,
        NOW,
        &SessionPolicy::default(),
    );
    session.lifetime.authenticated_at = Timestamp::from_seconds(1_799_999_000);
    session
}

fn issue_claims(claims: &AccessTokenClaims<'_>) -> AccessToken {
    let validity = Validity::starting(NOW, Duration::from_mins(10));
    issue(claims, validity, TokenId::from_bytes([3; 16]), key(0)).unwrap()
}

fn part(token: &AccessToken, index: usize) -> Vec<u8> {
    let part = token.text.expose().split('.').nth(index).unwrap();
    URL_SAFE_NO_PAD.decode(part).unwrap()
}

fn payload(token: &AccessToken) -> Value {
    serde_json::from_slice(&part(token, 1)).unwrap()
}

#[test]
fn the_token_of_a_session_says_exactly_this() {
    let session = session();
    let roles = ["admin".parse().unwrap(), "ops".parse().unwrap()];
    let token = issue_claims(&AccessTokenClaims::of_session(ISSUER, &session, &roles));
    let header = format!(
        r#"{{"alg":"RS256","typ":"at+jwt","kid":"{}"}}"#,
        key(0).kid()
    );
    assert_eq!(part(&token, 0), header.as_bytes());
    assert_eq!(
        payload(&token),
        json!({
            "iss": ISSUER,
            "sub": "01010101-0101-0101-0101-010101010101",
            "aud": "api",
            "exp": 1_800_000_600,
            "iat": 1_800_000_000,
            "jti": "AwMDAwMDAwMDAwMDAwMDAw",
            "client_id": "signet",
            "sid": "AgICAgICAgICAgICAgICAg",
            "auth_time": 1_799_999_000,
            "amr": ["pwd"],
            "scope": "account",
            "roles": ["admin", "ops"],
        })
    );
    assert_eq!(token.expires_at_seconds, 1_800_000_600);
    assert_eq!(token.expires_in_seconds, 600);
}

#[test]
fn the_token_of_a_program_says_exactly_this() {
    let client: ClientId = "billing".parse().unwrap();
    let claims = AccessTokenClaims {
        issuer: ISSUER,
        subject: Subject::Client(&client),
        audience: &["api".parse().unwrap(), "https://b.example".parse().unwrap()],
        client_id: &client,
        session: None,
        scope: &[
            "orders:read".parse().unwrap(),
            "orders:write".parse().unwrap(),
        ],
        roles: &[],
        actors: &[],
        extra: &[],
        status: None,
    };
    assert_eq!(
        payload(&issue_claims(&claims)),
        json!({
            "iss": ISSUER,
            "sub": "billing",
            "aud": ["api", "https://b.example"],
            "exp": 1_800_000_600,
            "iat": 1_800_000_000,
            "jti": "AwMDAwMDAwMDAwMDAwMDAw",
            "client_id": "billing",
            "scope": "orders:read orders:write",
        })
    );
}

#[test]
fn an_exchanged_token_names_its_actor_and_never_outlives_its_subject() {
    let (session, actors) = (
        session(),
        ["orders".parse().unwrap(), "web".parse().unwrap()],
    );
    let claims = AccessTokenClaims {
        scope: &[],
        actors: &actors,
        extra: &[],
        status: None,
        ..AccessTokenClaims::of_session(ISSUER, &session, &[])
    };
    let validity = Validity::starting(NOW, Duration::from_mins(10))
        .ending_by(Timestamp::from_seconds(1_800_000_060));
    let token = issue(&claims, validity, TokenId::from_bytes([3; 16]), key(0)).unwrap();
    let payload = payload(&token);
    assert_eq!(
        payload["act"],
        json!({"sub": "orders", "act": {"sub": "web"}})
    );
    assert_eq!(payload["exp"], 1_800_000_060);
    assert_eq!(token.expires_in_seconds, 60);
    assert_eq!(payload.get("scope"), None);
    assert_eq!(payload.get("roles"), None);
}

#[test]
fn text_that_json_must_escape_is_escaped() {
    let session = Session {
        grant: Grant {
            amr: vec!["\"\\\n".to_owned()],
            ..session().grant
        },
        ..session()
    };
    let token = issue_claims(&AccessTokenClaims::of_session(ISSUER, &session, &[]));
    assert_eq!(payload(&token)["amr"], json!(["\"\\\n"]));
}

#[test]
fn jsonwebtoken_accepts_the_token_from_our_jwks() {
    let ring = ring_of(key(0).public().clone(), NOW);
    let set: JwkSet = serde_json::from_str(&Jwks::of(&ring, NOW).body).unwrap();
    let session = session();
    let token = issue_claims(&AccessTokenClaims::of_session(ISSUER, &session, &[]));
    let judged = |audience: &str| {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[audience]);
        validation.required_spec_claims =
            HashSet::from(["iss", "aud", "sub", "exp"].map(str::to_owned));
        let jwk = set.find(key(0).kid().as_str()).unwrap();
        let key = DecodingKey::from_jwk(jwk).unwrap();
        jsonwebtoken::decode::<Value>(token.text.expose(), &key, &validation)
    };
    let accepted = judged("api").unwrap();
    assert_eq!(accepted.header.kid.as_deref(), Some(key(0).kid().as_str()));
    assert_eq!(accepted.header.typ.as_deref(), Some("at+jwt"));
    assert!(judged("another").is_err());
}

#[test]
fn the_verifier_accepts_the_token_from_our_jwks() {
    let ring = ring_of(key(0).public().clone(), NOW);
    let keys = Keys::from_jwks(Jwks::of(&ring, NOW).body).unwrap();
    assert_eq!((keys.len(), keys.skipped()), (2, 0));
    let clock = Arc::new(ManualClock::new(NOW));
    let verifier = Verifier::with_clock(Policy::new(ISSUER, "api"), keys, clock);
    let (session, roles) = (session(), ["admin".parse().unwrap()]);
    let token = issue_claims(&AccessTokenClaims::of_session(ISSUER, &session, &roles));
    let claims = verifier.verify(token.text.expose()).unwrap();
    assert!(claims.has_scope("account"));
    assert!(claims.has_any_role(["admin"]));
}

#[test]
fn every_key_size_signs() {
    for key in large_keys() {
        let validity = Validity::starting(NOW, Duration::from_mins(1));
        let session = session();
        let claims = AccessTokenClaims::of_session(ISSUER, &session, &[]);
        let token = issue(&claims, validity, TokenId::from_bytes([3; 16]), &key).unwrap();
        assert_eq!(
            part(&token, 2).len() * 8,
            usize::from(key.public().size().bits())
        );
    }
}

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_999);
const ISSUER: &str = "http://127.0.0.1:8080";
