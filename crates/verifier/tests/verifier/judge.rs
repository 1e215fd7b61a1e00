//! jsonwebtoken as the independent judge, and random inputs: nothing panics, and
//! whatever we accept, the judge accepts too.

use jsonwebtoken::Algorithm;
use proptest::prelude::*;
use serde_json::Value;
use signet_verifier::{Keys, Verifier};

use crate::fuzzed::judge_accepts;
use crate::support::{
    AUDIENCE, NOW, SIGNER_PUBLIC, Token, clock, encode, keys, policy, reason, signer, verifier,
};

fn judge_token(claims: &Token) -> String {
    let key = jsonwebtoken::EncodingKey::from_rsa_pem(crate::support::SIGNER_PRIVATE.as_bytes());
    let mut header = jsonwebtoken::Header::new(Algorithm::RS256);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(signer().kid());
    jsonwebtoken::encode(&header, &claims.claims, &key.unwrap()).unwrap()
}

#[test]
fn each_accepts_what_the_other_signs() {
    assert!(judge_accepts(&Token::good().sign()));
    assert_eq!(
        reason(verifier().verify(&judge_token(&Token::good()))),
        "accepted"
    );
}

#[test]
fn a_pem_and_a_jwks_of_one_key_are_the_same() {
    let token = Token::good().sign();
    for keys in [keys(), Keys::from_pem(SIGNER_PUBLIC).unwrap()] {
        let verifier = Verifier::with_clock(policy(), keys, clock());
        assert_eq!(reason(verifier.verify(&token)), "accepted");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_text_makes_it_panic(text in ".{0,300}") {
        prop_assert_ne!(reason(verifier().verify(&text)), "accepted");
    }

    #[test]
    fn no_three_parts_make_it_panic(
        header in "\\{.{0,80}\\}",
        payload in prop::collection::vec(any::<u8>(), 1..200),
        signature in prop::collection::vec(any::<u8>(), 1..300),
    ) {
        let token = format!("{}.{}.{}", encode(header), encode(payload), encode(signature));
        prop_assert_ne!(reason(verifier().verify(&token)), "accepted");
    }

    #[test]
    fn no_signed_claims_make_it_panic(
        name in prop::sample::select(vec!["iss", "sub", "aud", "exp", "iat", "nbf", "cnf", "act",
            "scope", "roles", "auth_time", "amr", "jti", "sid", "client_id", "else"]),
        value in json_value(),
    ) {
        let token = Token::good().claim(name, value).sign();
        if reason(verifier().verify(&token)) == "accepted" {
            prop_assert!(judge_accepts(&token));
        }
    }

    #[test]
    fn no_changed_byte_is_accepted(position in any::<prop::sample::Index>(), to in any::<u8>()) {
        let good = Token::good().sign();
        let mut changed = good.clone().into_bytes();
        let position = position.index(changed.len());
        changed[position] = to;
        let Ok(changed) = String::from_utf8(changed) else { return Ok(()) };
        let outcome = reason(verifier().verify(&changed));
        prop_assert_eq!(outcome == "accepted", changed == good);
    }

    #[test]
    fn no_key_set_makes_it_panic(entry in json_value(), text in ".{0,200}") {
        let _ = Keys::from_jwks(format!(r#"{{"keys":[{entry}]}}"#)).is_ok();
        let _ = Keys::from_jwks(&text).is_ok();
        let _ = Keys::from_pem(format!("-----BEGIN PUBLIC KEY-----{text}")).is_ok();
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (NOW - 100..NOW + 100).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from(AUDIENCE)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,5}", inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}
