//! Which keys are admitted into a set. Knows JWK and RSA; knows nothing of tokens.

use std::ops::RangeInclusive;

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, RsaSubjectPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;

use super::{Key, KeysError, KidRule};
use crate::json::{Object, WrongType};
use crate::thumbprint::thumbprint;

/// An RSA public key, big-endian and not checked yet.
pub(super) type RsaKey = RsaPublicKeyComponents<Vec<u8>>;

/// The entries of a JWKS, unread.
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

/// Reads one entry of a JWKS; `None` if it is not for us or not admitted.
pub(super) fn read_entry(entry: &RawValue, rule: KidRule) -> Option<Key> {
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

/// Members that say what a key is for may be missing, but must not say otherwise.
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

/// Reads a `SubjectPublicKeyInfo` (RFC 5280) or an `RSAPublicKey` (RFC 8017).
pub(super) fn read_der(der: &[u8]) -> Option<RsaKey> {
    let public = RsaSubjectPublicKey::from_der(der).ok()?;
    let n = public.modulus().big_endian_without_leading_zero().to_vec();
    let e = public.exponent().big_endian_without_leading_zero().to_vec();
    Some(RsaKey { n, e })
}

pub(super) fn admit_under_its_thumbprint(key: &RsaKey) -> Option<Key> {
    admit(key, thumbprint(&key.n, &key.e))
}

/// The rules of admission. aws-lc-rs checks the size only when it verifies, so it is checked
/// here.
fn admit(key: &RsaKey, kid: String) -> Option<Key> {
    let has_good_size = BITS.contains(&bits(&key.n)) && EXPONENT.contains(&bits(&key.e));
    if !has_good_size || !is_odd(&key.n) || !is_odd(&key.e) {
        return None;
    }
    let public = key.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
    let (kid, public) = (kid.into_boxed_str(), public.ok()?);
    Some(Key { kid, public })
}

/// Length of a number in bits; 0 for one that is empty or begins with a zero byte, which RFC
/// 7518 section 2 does not allow.
fn bits(number: &[u8]) -> usize {
    match number.first() {
        None | Some(0) => 0,
        Some(first) => number.len() * 8 - first.leading_zeros() as usize,
    }
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte % 2 == 1)
}

/// Less can be factored; more makes every verification slow.
const BITS: RangeInclusive<usize> = 2_048..=8_192;

/// Two bits and odd is 3 or more; aws-lc takes no more than 33 bits.
const EXPONENT: RangeInclusive<usize> = 2..=33;

/// RFC 7518 sections 6.3.2 and 6.4: a published key with one of these is a leak, or symmetric.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// An issuer has three keys, in the middle of a rotation; 32 leave room for any other.
pub(super) const KEYS_MAX: usize = 32;

/// 32 keys of 8192 bits are 48 KiB.
const JWKS_MAX_BYTES: usize = 64 * 1_024;
