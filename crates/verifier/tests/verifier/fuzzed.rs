//! What must hold for any input: the fuzz targets in `tests/fuzz` and the
//! replay of their seeds go through these functions. jsonwebtoken is the judge: whatever we
//! accept, it accepts too.
#![expect(
    clippy::unwrap_used,
    reason = "a test helper that fails has to stop the test"
)]

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;
use signet_verifier::{Claims, Keys, KidRule, Verifier, Verifiers, bearer_token};

use crate::support::{
    AUDIENCE, ISSUER, NOW, SIGNER_PUBLIC, Token, encode, jwks as key_set, keys, policy, signer,
    verifier,
};

/// One for all inputs, since it remembers the header of the latest good token.
static VERIFIER: LazyLock<Verifier> = LazyLock::new(verifier);

/// Whether jsonwebtoken accepts the token. It takes no clock, so times are left to us.
pub(crate) fn judge_accepts(token: &str) -> bool {
    let key = DecodingKey::from_rsa_pem(SIGNER_PUBLIC.as_bytes()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    jsonwebtoken::decode::<IgnoredAny>(token, &key, &validation).is_ok()
}

/// Any bytes as a token.
pub(crate) fn verify(data: &[u8]) {
    let _ = bearer_token([data]).is_ok();
    let Ok(token) = std::str::from_utf8(data) else {
        return;
    };
    let accepted = accept(token).is_some();
    let several = Verifiers::new([verifier(), verifier()]);
    assert_eq!(several.verify(token).is_ok(), accepted);
    let is_signed = signet_verifier::verify_signature_layer_only(token, &keys()).is_ok();
    assert!(is_signed || !accepted);
}

/// Any bytes as the header of a token that is signed.
pub(crate) fn header(data: &[u8]) {
    let token = sign(data, Token::good().claims_json().as_bytes());
    if accept(&token).is_none() {
        return;
    }
    let header: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(data).unwrap();
    let text = |name| serde_json::from_str::<String>(header[name].get()).unwrap();
    let typ = text("typ").to_ascii_lowercase();
    assert!(["at+jwt", "application/at+jwt"].contains(&typ.as_str()));
    assert_eq!(
        (text("alg"), text("kid")),
        ("RS256".to_owned(), signer().kid())
    );
    assert!(!header.contains_key("crit"));
}

/// Any bytes as the claims of a token that is signed.
pub(crate) fn claims(data: &[u8]) {
    let token = sign(Token::good().header_json().as_bytes(), data);
    let accepted = accept(&token).is_some();
    assert!(!accepted || judge_accepts(&token));
    let rest = VERIFIER.verify_as::<BTreeMap<String, Box<RawValue>>>(&token);
    assert_eq!(rest.is_ok(), accepted);
}

/// Any bytes as a key set, in either form.
pub(crate) fn jwks(data: &[u8]) {
    let strict = Keys::from_jwks(data);
    let relaxed = Keys::from_jwks_with(data, KidRule::Any);
    for keys in strict.iter().chain(&relaxed) {
        let kids: HashSet<_> = keys.kids().collect();
        assert_eq!(kids.len(), keys.len());
        assert!((1..=32).contains(&keys.len()) && !kids.contains(""));
    }
    if let Ok(strict) = strict {
        assert!(strict.kids().all(|kid| kid.len() == 43));
        assert!(relaxed.unwrap().len() >= strict.len());
    }
    let _ = Keys::from_pem(data).is_ok();
    // Whatever stands beside it, a good key is admitted, or the set as a whole is none.
    if let Ok(entry) = serde_json::from_slice::<Value>(data) {
        assert!(Keys::from_jwks(key_set(&[entry, signer().jwk()])).is_ok());
    }
}

/// What the verifier makes of a token; what it accepts is checked once more.
fn accept(token: &str) -> Option<Claims> {
    let claims = VERIFIER.verify(token).ok()?;
    assert_eq!(claims.iss, ISSUER);
    assert!(claims.aud.iter().any(|one| one == AUDIENCE) && !claims.sub.is_empty());
    assert!(claims.exp.as_seconds() > NOW - 31 && claims.iat.as_seconds() <= NOW + 30);
    assert_eq!(
        Verifier::with_clock(policy(), keys(), crate::support::clock()).verify(token),
        Ok(claims.clone())
    );
    Some(claims)
}

fn sign(header: &[u8], claims: &[u8]) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    signer().sign_parts(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &signed)
}
