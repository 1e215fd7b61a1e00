//! Which keys are admitted into a set. Knows JWK and RSA; knows nothing of tokens.

use std::ops::RangeInclusive;

#[cfg(feature = "cache")]
use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, RsaSubjectPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;

use super::{Key, Keys, KeysError, KidRule};
use crate::json::{Object, WrongType};
use crate::thumbprint::thumbprint;

/// A key set in the making.
#[derive(Default)]
pub(super) struct Admission {
    keys: Vec<Key>,
    skipped: usize,
}

impl Admission {
    /// Takes a key in, or counts it as skipped.
    pub(super) fn admit(&mut self, key: Option<Key>) {
        match key {
            Some(key) if self.keys.iter().all(|known| known.kid != key.kid) => self.keys.push(key),
            _ => self.skipped += 1,
        }
    }

    pub(super) fn finish(self) -> Result<Keys, KeysError> {
        let Self { keys, skipped } = self;
        match keys.len() {
            0 => Err(KeysError::NoUsableKey { skipped }),
            1..=KEYS_MAX => Ok(Keys {
                #[cfg(feature = "cache")]
                fingerprint: fingerprint(&keys),
                admitted: keys,
                skipped,
            }),
            _ => Err(KeysError::TooManyKeys),
        }
    }
}

/// Half of the SHA-256 of all names and keys.
#[cfg(feature = "cache")]
fn fingerprint(keys: &[Key]) -> u128 {
    let mut hash = digest::Context::new(&digest::SHA256);
    for key in keys {
        for part in [key.kid.as_bytes(), key.public.as_ref()] {
            hash.update(&part.len().to_le_bytes());
            hash.update(part);
        }
    }
    let hash = hash.finish();
    hash.as_ref()
        .first_chunk()
        .map_or(0, |bytes| u128::from_le_bytes(*bytes))
}

/// The entries of a JWKS, unread.
pub(super) fn read_jwks(jwks: &[u8]) -> Result<Vec<&RawValue>, KeysError> {
    if jwks.len() > JWKS_MAX_BYTES {
        return Err(KeysError::TooLong);
    }
    let mut object = Object::parse(jwks).map_err(|_| KeysError::NotAJwks)?;
    let entries: Option<Vec<&RawValue>> = object.take("keys").map_err(|_| KeysError::NotAJwks)?;
    let entries = entries.ok_or(KeysError::NotAJwks)?;
    if entries.len() > KEYS_MAX {
        return Err(KeysError::TooManyKeys);
    }
    Ok(entries)
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
    let is_well_named = match rule {
        KidRule::Thumbprint => kid == thumbprint(&key.n, &key.e),
        KidRule::Any => !kid.is_empty(),
    };
    if is_well_named {
        key.admit_as(kid)
    } else {
        None
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

/// An RSA public key, big-endian and not checked yet.
pub(super) struct RsaKey {
    n: Vec<u8>,
    e: Vec<u8>,
}

impl RsaKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280) or an `RSAPublicKey` (RFC 8017).
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let public = RsaSubjectPublicKey::from_der(der).ok()?;
        let n = public.modulus().big_endian_without_leading_zero().to_vec();
        let e = public.exponent().big_endian_without_leading_zero().to_vec();
        Some(Self { n, e })
    }

    pub(super) fn admit_under_its_thumbprint(self) -> Option<Key> {
        let kid = thumbprint(&self.n, &self.e);
        self.admit_as(kid)
    }

    /// The rules of admission. aws-lc-rs checks the size only when it verifies, so it is
    /// checked here.
    fn admit_as(self, kid: String) -> Option<Key> {
        let is_admitted = BITS.contains(&bits(&self.n))
            && is_odd(&self.n)
            && EXPONENT.contains(&bits(&self.e))
            && is_odd(&self.e);
        if !is_admitted {
            return None;
        }
        let components = RsaPublicKeyComponents {
            n: self.n,
            e: self.e,
        };
        let public = components
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .ok()?;
        Some(Key {
            kid: kid.into_boxed_str(),
            public,
        })
    }
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
const KEYS_MAX: usize = 32;

/// 32 keys of 8192 bits are 48 KiB.
const JWKS_MAX_BYTES: usize = 64 * 1_024;
