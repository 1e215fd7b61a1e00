//! The outer layer of a token: three parts, a header that is allowed, a signature (RFC 7515).
//! Knows nothing of claims or of time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Error;
use crate::json::{Object, ObjectError};
use crate::keys::{Key, Keys};
use crate::policy::Policy;

/// A token of the right shape, taken apart. Nothing in it can be trusted before
/// [`verify_signature`](Self::verify_signature).
pub(crate) struct UnverifiedToken<'a> {
    kid: String,
    signed: &'a [u8],
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a token apart and checks its header against `policy`.
    pub(crate) fn parse(token: &'a str, policy: &Policy) -> Result<Self, Error> {
        let parts = Parts::split(token)?;
        let kid = check_header(&parts.header, policy)?;
        let Parts {
            signed,
            payload,
            signature,
            ..
        } = parts;
        Ok(Self {
            kid,
            signed,
            payload,
            signature,
        })
    }

    /// The name of the key that is said to have signed.
    #[cfg(feature = "remote")]
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The claims as the token has them, verified or not.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Whether the key named in the header signed exactly this.
    pub(crate) fn verify_signature(&self, keys: &Keys) -> Result<(), Error> {
        let key = keys.find(&self.kid).ok_or(Error::UnknownKey)?;
        key.verify(self.signed, &self.signature)
            .map_err(|_| Error::SignatureInvalid)
    }
}

/// Checks that a compact JWS is signed with RS256 by one of `keys`, and nothing else, for test
/// vectors whose payload is no claims set. Returns the payload. Never admit anybody by it.
#[doc(hidden)]
pub fn verify_signature_layer_only(token: &str, keys: &Keys) -> Result<Vec<u8>, Error> {
    let parts = Parts::split(token)?;
    let mut header = read_header(&parts.header)?;
    check_algorithm(&mut header)?;
    let is_signer = |key: &&Key| key.verify(parts.signed, &parts.signature).is_ok();
    keys.iter().find(is_signer).ok_or(Error::SignatureInvalid)?;
    Ok(parts.payload)
}

/// Who the token says its issuer is. Good only for choosing who checks it.
pub(crate) fn unverified_issuer(token: &str) -> Result<Option<String>, Error> {
    let parts = Parts::split(token)?;
    let mut claims = Object::parse(&parts.payload).map_err(|_| Error::ClaimsMalformed)?;
    Ok(claims.take("iss").ok().flatten())
}

/// The three parts of a token, decoded, and the bytes that were signed.
struct Parts<'a> {
    header: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
    signed: &'a [u8],
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self, Error> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(Error::TokenTooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Error::NotThreeParts)?;
        let (header, payload) = signed.split_once('.').ok_or(Error::NotThreeParts)?;
        let parts = [header, payload, signature];
        if payload.contains('.') || parts.iter().any(|part| part.is_empty()) {
            return Err(Error::NotThreeParts);
        }
        Ok(Self {
            header: decode(header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
            signed: signed.as_bytes(),
        })
    }
}

/// This alphabet, no padding, no stray bits at the end: one value has one spelling.
fn decode(part: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| Error::NotBase64url)
}

/// Checks `alg`, `typ`, `crit` and `b64` and returns `kid`. A key that comes with the token (`jwk`,
/// `jku`, `x5u`, `x5c`) is never looked at.
fn check_header(header: &[u8], policy: &Policy) -> Result<String, Error> {
    let mut header = read_header(header)?;
    check_algorithm(&mut header)?;
    let typ: Option<String> = header.take("typ").map_err(|_| Error::TypeRefused)?;
    if !policy.accepts_typ(&typ.unwrap_or_default()) {
        return Err(Error::TypeRefused);
    }
    // RFC 7797 section 7 forbids `b64` in tokens, and libraries read one with it differently.
    if header.contains("crit") || header.contains("b64") {
        return Err(Error::CriticalHeader);
    }
    match header.take::<String>("kid") {
        Ok(Some(kid)) if !kid.is_empty() => Ok(kid),
        _ => Err(Error::KeyIdMissing),
    }
}

fn read_header(header: &[u8]) -> Result<Object<'_>, Error> {
    Object::parse(header).map_err(|error| match error {
        ObjectError::NotAnObject => Error::HeaderMalformed,
        ObjectError::DuplicateName => Error::HeaderDuplicateName,
    })
}

fn check_algorithm(header: &mut Object<'_>) -> Result<(), Error> {
    match header.take::<String>("alg") {
        Ok(Some(algorithm)) if algorithm == ALGORITHM => Ok(()),
        _ => Err(Error::AlgorithmRefused),
    }
}

/// The one algorithm. It is never taken from the token.
const ALGORITHM: &str = "RS256";

/// Longer tokens do not fit into the header limits of common gateways anyway.
const TOKEN_MAX_BYTES: usize = 8 * 1_024;
