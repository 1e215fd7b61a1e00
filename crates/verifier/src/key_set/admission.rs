//! The rules for admitting a key to a set. Knows JWK and RSA; must not know tokens.

use std::ops::RangeInclusive;

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, RsaSubjectPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;

use super::{AdmittedKey, KeysError, KidRule};
use crate::json::{Object, WrongType};
use crate::thumbprint::thumbprint;

/// An unchecked RSA public key, big-endian.
pub(super) type RsaKey = RsaPublicKeyComponents<Vec<u8>>;

/// Returns the unparsed entries of a JWKS.
pub(super) fn read_jwks(jwks: &[u8]) -> Result<Vec<&RawValue>, KeysError> {
    if jwks.len() > JWKS_MAX_BYTES {
        return Err(KeysError::TooLong);
    }
    let mut object = Object::parse(jwks).map_err(|_| KeysError::NotAJwks)?;
    match object.take::<Vec<&RawValue>>("keys") {
        Ok(Some(entries)) if entries.len() > KEYS_MAX => Err(KeysError::TooManyKeys),
        Ok(Some(entries)) => Ok(entries),
        _ => Err(KeysError::NotAJwks),
    }
}

/// Parses one entry of a JWKS. Returns `None` if it is not admitted.
pub(super) fn read_entry(entry: &RawValue, rule: KidRule) -> Option<AdmittedKey> {
    let mut jwk = Object::parse(entry.get().as_bytes()).ok()?;
    if PRIVATE_MEMBERS.iter().any(|member| jwk.contains(member)) || !is_for_rs256(&mut jwk).ok()? {
        return None;
    }
    let kid: String = jwk.take("kid").ok()??;
    let key = RsaKey {
        n: take_number(&mut jwk, "n")?,
        e: take_number(&mut jwk, "e")?,
    };
    match rule {
        KidRule::Thumbprint if kid != thumbprint(&key.n, &key.e) => None,
        _ if kid.is_empty() => None,
        _ => admit(&key, kid),
    }
}

/// Returns whether a key is for RS256 signatures. Optional members may be absent, but must not
/// contradict.
fn is_for_rs256(jwk: &mut Object<'_>) -> Result<bool, WrongType> {
    let key_type: Option<String> = jwk.take("kty")?;
    let algorithm: Option<String> = jwk.take("alg")?;
    let public_use: Option<String> = jwk.take("use")?;
    let operations: Option<Vec<String>> = jwk.take("key_ops")?;
    Ok(key_type.as_deref() == Some("RSA")
        && algorithm.is_none_or(|algorithm| algorithm == "RS256")
        && public_use.is_none_or(|public_use| public_use == "sig")
        && operations.is_none_or(|operations| operations.iter().any(|one| one == "verify")))
}

fn take_number(jwk: &mut Object<'_>, name: &str) -> Option<Vec<u8>> {
    let written: String = jwk.take(name).ok()??;
    URL_SAFE_NO_PAD.decode(written).ok()
}

/// Parses a `SubjectPublicKeyInfo` (RFC 5280) or an `RSAPublicKey` (RFC 8017).
pub(super) fn read_der(der: &[u8]) -> Option<RsaKey> {
    let public = RsaSubjectPublicKey::from_der(der).ok()?;
    let n = public.modulus().big_endian_without_leading_zero().to_vec();
    let e = public.exponent().big_endian_without_leading_zero().to_vec();
    Some(RsaKey { n, e })
}

pub(super) fn admit_under_its_thumbprint(key: &RsaKey) -> Option<AdmittedKey> {
    admit(key, thumbprint(&key.n, &key.e))
}

/// Admits a key. aws-lc-rs checks the size only during verification, so it is checked here.
fn admit(key: &RsaKey, kid: String) -> Option<AdmittedKey> {
    let bits = rsa_key_bits(&key.n, &key.e)?;
    if !BITS.contains(&bits) {
        return None;
    }
    let public = key.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
    let (kid, public) = (kid.into_boxed_str(), public.ok()?);
    Some(AdmittedKey { kid, public })
}

/// Returns the size in bits of an RSA public key. Returns `None` if the modulus or the exponent
/// cannot be sound: both must be odd and without leading zeros, and the exponent must
/// be 3 or more with at most 33 bits.
///
/// `n` (modulus) and `e` (public exponent) are big-endian (RFC 7518 section 6.3.1).
pub fn rsa_key_bits(n: &[u8], e: &[u8]) -> Option<usize> {
    let is_sound = is_odd(n) && is_odd(e) && bits(n) > 0 && EXPONENT.contains(&bits(e));
    is_sound.then(|| bits(n))
}

/// Returns the length of a number in bits. Returns 0 if the number is empty or begins with a zero
/// byte, which RFC 7518 section 2 does not allow.
fn bits(number: &[u8]) -> usize {
    match number.first() {
        None | Some(0) => 0,
        Some(first) => number.len() * 8 - first.leading_zeros() as usize,
    }
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte % 2 == 1)
}

/// Smaller keys can be factored. Larger keys make every verification slow.
const BITS: RangeInclusive<usize> = 2_048..=8_192;

/// An odd number of at least two bits is 3 or more. aws-lc accepts at most 33 bits.
const EXPONENT: RangeInclusive<usize> = 2..=33;

/// A published key with one of these members is a leaked private key or a symmetric key (RFC 7518
/// sections 6.3.2 and 6.4).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Signet publishes at most three keys. 32 leave room for other issuers.
pub(super) const KEYS_MAX: usize = 32;

/// 32 keys of 8192 bits need 48 KiB.
const JWKS_MAX_BYTES: usize = 64 * 1_024;
