//! Key sets and PEM files that must not be admitted, or not whole.

use serde_json::{Value, json};
use signet_verifier::{Keys, KeysError, KidRule, thumbprint};

use crate::support::{SIGNER_PRIVATE, SIGNER_PUBLIC, Signer, encode, jwks, other, signer};

/// A signer's JWK with one member changed.
fn changed(member: &str, value: impl Into<Value>) -> Value {
    let mut jwk = signer().jwk();
    jwk[member] = value.into();
    jwk
}

/// A key of these numbers, well named.
fn of_numbers(n: &[u8], e: &[u8]) -> Value {
    json!({ "kty": "RSA", "kid": thumbprint(n, e), "n": encode(n), "e": encode(e) })
}

#[test]
fn a_bad_entry_is_skipped_and_counted() {
    let signer = signer();
    let (n, e) = (signer.n(), signer.e());
    let mut even = n.clone();
    *even.last_mut().unwrap() &= 0xfe;
    let bad = [
        json!({ "kty": "oct", "kid": "a", "k": "c2VjcmV0" }),
        json!({ "kty": "EC", "kid": "a", "crv": "P-256", "x": "AA", "y": "AA" }),
        json!({ "kty": "AKP", "kid": "a", "alg": "ML-DSA-44", "pub": "AA" }),
        json!({}),
        json!(null),
        json!("key"),
        json!([]),
        changed("kty", "rsa"),
        changed("kty", Value::Null),
        changed("use", "enc"),
        changed("alg", "RS512"),
        changed("alg", "PS256"),
        changed("alg", Value::Null),
        changed("key_ops", json!(["encrypt"])),
        changed("key_ops", "verify"),
        changed("kid", "not-the-thumbprint"),
        changed("kid", other().kid()),
        changed("kid", ""),
        changed("kid", 1),
        changed("kid", Value::Null),
        changed("d", "AQAB"),
        changed("p", Value::Null),
        changed("qi", ""),
        changed("k", "c2VjcmV0"),
        changed("n", ""),
        changed("n", "AA"),
        changed("n", "not base64url!"),
        changed("n", format!("{}=", encode(&n))),
        changed("e", 65_537),
        of_numbers(&n, &[1]),
        of_numbers(&n, &[2]),
        of_numbers(&n, &[1, 0, 0]),
        of_numbers(&n, &[]),
        of_numbers(&n, &[0, 1, 0, 1]),
        of_numbers(&n, &[3, 0, 0, 0, 1]),
        of_numbers(&n, &n),
        of_numbers(&even, &e),
        of_numbers(&n[..128], &e),
        of_numbers(&n[..255], &e),
        of_numbers(&[&n[..], &[1; 800]].concat(), &e),
        of_numbers(&[&[0], &n[..]].concat(), &e),
    ];
    for entry in bad {
        let alone = Keys::from_jwks(jwks(std::slice::from_ref(&entry)));
        assert_eq!(
            alone.unwrap_err(),
            KeysError::NoUsableKey { skipped: 1 },
            "{entry}"
        );
        let beside = Keys::from_jwks(jwks(&[entry.clone(), other().jwk()])).unwrap();
        assert_eq!((beside.len(), beside.skipped()), (1, 1), "{entry}");
    }
}

#[test]
fn an_entry_with_a_name_twice_is_skipped() {
    let jwk = signer().jwk().to_string();
    let twice = jwk.replacen('{', r#"{"e":"Aw","#, 1);
    let set = format!(r#"{{"keys":[{twice}]}}"#);
    assert_eq!(
        Keys::from_jwks(set).unwrap_err(),
        KeysError::NoUsableKey { skipped: 1 }
    );
}

#[test]
fn of_two_keys_with_one_kid_the_first_counts() {
    let mut imposter = other().jwk();
    imposter["kid"] = signer().kid().into();
    let set = jwks(&[signer().jwk(), imposter, signer().jwk()]);
    let keys = Keys::from_jwks_with(&set, KidRule::Any).unwrap();
    assert_eq!((keys.len(), keys.skipped()), (1, 2));
    let token = crate::support::Token::good();
    let forged = other().sign(&token.header_json(), &token.claims_json());
    assert!(signet_verifier::verify_signature_layer_only(&token.sign(), &keys).is_ok());
    assert!(signet_verifier::verify_signature_layer_only(&forged, &keys).is_err());
}

#[test]
fn members_that_a_key_may_lack_may_be_lacking() {
    let mut bare = signer().jwk();
    for member in ["use", "alg"] {
        bare.as_object_mut().unwrap().remove(member);
    }
    assert_eq!(Keys::from_jwks(jwks(&[bare])).unwrap().len(), 1);
    let any = Keys::from_jwks_with(jwks(&[changed("kid", "2026-11")]), KidRule::Any).unwrap();
    assert_eq!(any.kids().collect::<Vec<_>>(), ["2026-11"]);
}

#[test]
fn what_is_no_key_set_is_no_key_set() {
    for text in [
        "",
        "[]",
        "null",
        "{}",
        "<html>",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":1}"#,
        r#"{"keys":[]"#,
        r#"{"keys":[],"keys":[]}"#,
        "{\"keys\":[]}\0",
    ] {
        assert_eq!(
            Keys::from_jwks(text).unwrap_err(),
            KeysError::NotAJwks,
            "{text}"
        );
    }
    let empty = Keys::from_jwks(r#"{"keys":[]}"#).unwrap_err();
    assert_eq!(empty, KeysError::NoUsableKey { skipped: 0 });
}

#[test]
fn a_key_set_has_bounds() {
    let many = vec![json!({}); 33];
    assert_eq!(
        Keys::from_jwks(jwks(&many)).unwrap_err(),
        KeysError::TooManyKeys
    );
    let long = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(65_536));
    assert_eq!(Keys::from_jwks(long).unwrap_err(), KeysError::TooLong);
}

#[test]
fn a_pem_holds_public_keys_under_their_thumbprints() {
    let exponent_3 = include_str!("../keys/exponent3.public.pem");
    let large = include_str!("../keys/large.public.pem");
    let keys = Keys::from_pem(format!("a comment\n{SIGNER_PUBLIC}{exponent_3}\n{large}")).unwrap();
    assert_eq!((keys.len(), keys.skipped()), (3, 0));
    assert_eq!(keys.kids().next(), Some(signer().kid().as_str()));
    let exponent_3 = Signer::from_pem(include_str!("../keys/exponent3.private.pem"));
    assert_eq!(exponent_3.e(), [3]);
    assert!(keys.kids().any(|kid| kid == exponent_3.kid()));
}

#[test]
fn a_pem_that_is_private_weak_or_broken_is_refused() {
    let weak = include_str!("../keys/weak.public.pem");
    let elliptic = include_str!("../keys/elliptic.public.pem");
    let cut = &SIGNER_PUBLIC[..200];
    for (pem, expected) in [
        (SIGNER_PRIVATE, KeysError::PrivateKey),
        (weak, KeysError::NoUsableKey { skipped: 1 }),
        (elliptic, KeysError::BadPem),
        (cut, KeysError::BadPem),
        ("", KeysError::NoUsableKey { skipped: 0 }),
        (
            "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
            KeysError::BadPem,
        ),
        (
            "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----",
            KeysError::BadPem,
        ),
        (
            "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
            KeysError::BadPem,
        ),
    ] {
        assert_eq!(Keys::from_pem(pem).unwrap_err(), expected, "{pem}");
    }
    let both = format!("{SIGNER_PUBLIC}{SIGNER_PRIVATE}");
    assert_eq!(Keys::from_pem(both).unwrap_err(), KeysError::PrivateKey);
}
