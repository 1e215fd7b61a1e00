//! Assertions as clients make them, and as attackers do.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::keys::fixtures;
use crate::keys::signing_key::MAX_SIGNATURE_BYTES;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const ISSUER: &str = "https://auth.example.com";
const ENDPOINT: &str = "https://auth.example.com/oauth/token";

/// A client with an RSA key and one on P-256.
struct Signer {
    pair: EcdsaKeyPair,
    keys: ClientKeys,
}

impl Signer {
    fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let rsa = fixtures::key(0).public();
        let jwks = json!({"keys": [
            {"kty": "EC", "crv": "P-256", "kid": "ec", "x": encode(x), "y": encode(y)},
            {"kty": "RSA", "kid": "rsa", "n": rsa.n(), "e": rsa.e()},
        ]});
        let keys = ClientKeys::from_jwks(&jwks.to_string()).unwrap();
        Self { pair, keys }
    }

    fn es256(&self, header: &Value, claims: &Value) -> String {
        let signed = signed_part(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        format!("{signed}.{}", encode(signature.unwrap().as_ref()))
    }

    fn check(&self, text: &str) -> Result<SingleUse, BadAssertion> {
        Assertion::read(text)?.check(&self.keys, &[ISSUER, ENDPOINT], NOW)
    }

    /// Checks usual claims with this change, signed with ES256.
    fn check_with(&self, change: &Value) -> Result<SingleUse, BadAssertion> {
        let mut claims = claims();
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.check(&self.es256(&json!({"alg": "ES256"}), &claims))
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn signed_part(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

fn claims() -> Value {
    json!({
        "iss": "billing",
        "sub": "billing",
        "aud": ISSUER,
        "jti": "one",
        "iat": 1_800_000_000,
        "exp": 1_800_000_300,
    })
}

#[test]
fn a_name_that_appears_twice_is_refused() {
    let signer = Signer::new();
    let usual = claims().to_string();
    let twice = usual.replacen('{', r#"{"jti":"two","#, 1);
    let header = r#"{"alg":"ES256"}"#;
    for (header, claims, accepted) in [
        (header, &usual, true),
        (header, &twice, false),
        (r#"{"alg":"ES256","alg":"ES256"}"#, &usual, false),
    ] {
        let input = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(claims.as_bytes())
        );
        let signature = signer.pair.sign(&SystemRandom::new(), input.as_bytes());
        let text = format!("{input}.{}", encode(signature.unwrap().as_ref()));
        assert_eq!(signer.check(&text).is_ok(), accepted, "{header} {claims}");
    }
}

#[test]
fn both_algorithms_and_both_names_of_the_server_are_accepted() {
    let signer = Signer::new();
    let header = json!({"alg": "ES256", "kid": "ec", "typ": "JWT"});
    let used = signer.check(&signer.es256(&header, &claims())).unwrap();
    assert_eq!(used.until, Timestamp::from_seconds(1_800_000_330));
    let message = signed_part(&json!({"alg": "RS256", "kid": "rsa"}), &claims());
    let mut buffer = [0; MAX_SIGNATURE_BYTES];
    let signature = fixtures::key(0).sign(message.as_bytes(), &mut buffer);
    let text = format!("{message}.{}", encode(signature.unwrap()));
    assert_eq!(signer.check(&text), Ok(used));
    for aud in [json!(ENDPOINT), json!([ISSUER])] {
        assert!(signer.check_with(&json!({"aud": aud})).is_ok());
    }
}

#[test]
fn one_use_is_one_client_and_one_jti() {
    let signer = Signer::new();
    let value = |change: Value| signer.check_with(&change).unwrap().value;
    let usual = value(json!({}));
    assert_eq!(value(json!({"exp": 1_800_000_200})), usual);
    assert_ne!(value(json!({"jti": "two"})), usual);
    assert_ne!(value(json!({"iss": "other", "sub": "other"})), usual);
}

#[test]
fn claims_that_are_not_right_are_refused() {
    let signer = Signer::new();
    for change in [
        json!({"iss": "other"}),
        json!({"sub": "67e55044-10b1-426f-9247-bb680e5fe0c8"}),
        json!({"aud": "https://other.example"}),
        json!({"aud": [ISSUER, ENDPOINT]}),
        json!({"aud": []}),
        json!({"aud": format!("{ISSUER}/")}),
        json!({"jti": ""}),
        json!({"jti": null}),
        json!({"jti": "x".repeat(256)}),
        json!({"exp": null}),
        json!({"exp": "1800000300"}),
        json!({"exp": -1}),
        json!({"exp": 1_799_999_970}),
        json!({"exp": 1_800_000_301}),
        json!({"exp": 1_800_000_331, "iat": null}),
        json!({"iat": 1_800_000_031}),
        json!({"nbf": 1_800_000_031}),
    ] {
        let refused = signer.check_with(&change);
        assert_eq!(refused, Err(BadAssertion), "{change}");
    }
    assert!(signer.check_with(&json!({"iat": null})).is_ok());
    assert!(signer.check_with(&json!({"exp": 1_799_999_971})).is_ok());
}

#[test]
fn headers_and_signatures_that_are_not_right_are_refused() {
    let signer = Signer::new();
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"alg": "RS256"}),
        json!({"alg": "ES384"}),
        json!({"alg": "ES256", "kid": "rsa"}),
        json!({"alg": "ES256", "kid": "other"}),
        json!({"alg": "ES256", "typ": "at+jwt"}),
        json!({"alg": "ES256", "crit": ["exp"]}),
        json!({}),
    ] {
        let refused = signer.check(&signer.es256(&header, &claims()));
        assert_eq!(refused, Err(BadAssertion), "{header}");
    }
    let good = signer.es256(&json!({"alg": "ES256"}), &claims());
    let (unsigned, _) = good.rsplit_once('.').unwrap();
    let other = Signer::new().es256(&json!({"alg": "ES256"}), &claims());
    for text in [
        "",
        "a.b",
        unsigned,
        &format!("{unsigned}."),
        &format!("{good}."),
        &format!("{good}A"),
        &other,
        &"x".repeat(9_000),
    ] {
        assert_eq!(signer.check(text), Err(BadAssertion), "{text}");
    }
}
