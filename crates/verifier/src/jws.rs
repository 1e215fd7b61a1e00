//! The outer layer of a token: three parts, a header that is allowed, a signature (RFC 7515).
//! Knows nothing of claims or of time.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Error;
use crate::json::{Object, ObjectError};
use crate::keys::{Key, Keys};
use crate::policy::Policy;

/// A token of the right shape, taken apart. Nothing in it can be trusted before
/// [`verify_signature`](Self::verify_signature).
pub(crate) struct UnverifiedToken<'a> {
    header: Guard<Arc<Header>>,
    parts: Parts<'a>,
}

/// A header that was checked, as it was written in the token.
#[derive(Debug, Default)]
struct Header {
    written: Box<str>,
    kid: String,
}

/// The header of the latest token that was accepted. Most have the same one, letter by letter,
/// and are spared reading it again. For one policy, and without a lock.
#[derive(Debug, Default)]
pub(crate) struct KnownHeader(ArcSwap<Header>);

impl<'a> UnverifiedToken<'a> {
    /// Takes a token apart and checks its header against `policy`.
    pub(crate) fn parse(
        token: &'a str,
        policy: &Policy,
        known: &KnownHeader,
    ) -> Result<Self, Error> {
        let parts = Parts::split(token)?;
        let mut header = known.0.load();
        if *header.written != *parts.header {
            let (written, kid) = (parts.header.into(), check_header(parts.header, policy)?);
            header = Guard::from_inner(Arc::new(Header { written, kid }));
        }
        Ok(Self { header, parts })
    }

    /// The name of the key that is said to have signed.
    pub(crate) fn kid(&self) -> &str {
        &self.header.kid
    }

    /// To be called once the token is accepted.
    pub(crate) fn make_header_known(&self, known: &KnownHeader) {
        if !Arc::ptr_eq(&self.header, &known.0.load()) {
            known.0.store(Arc::clone(&self.header));
        }
    }

    /// The claims as the token has them, verified or not.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.parts.payload
    }

    /// Whether the key named in the header signed exactly this.
    pub(crate) fn verify_signature(&self, keys: &Keys) -> Result<(), Error> {
        let key = keys.find(self.kid()).ok_or(Error::UnknownKey)?;
        self.parts.verify_signature(key)
    }
}

/// Checks that a compact JWS is signed with RS256 by one of `keys`, and nothing else, for test
/// vectors whose payload is no claims set. Returns the payload. Never admit anybody by it.
#[doc(hidden)]
pub fn verify_signature_layer_only(token: &str, keys: &Keys) -> Result<Vec<u8>, Error> {
    let parts = Parts::split(token)?;
    check_algorithm(&mut read_header(&decode(parts.header)?)?)?;
    let is_signer = |key: &Key| parts.verify_signature(key).is_ok();
    if keys.admitted.iter().any(is_signer) {
        Ok(parts.payload)
    } else {
        Err(Error::SignatureInvalid)
    }
}

/// The three parts of a token, the header as it is written, and the bytes that were signed.
pub(crate) struct Parts<'a> {
    header: &'a str,
    pub(crate) payload: Vec<u8>,
    signature: Vec<u8>,
    signed: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(crate) fn split(token: &'a str) -> Result<Self, Error> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(Error::TokenTooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Error::NotThreeParts)?;
        let (header, payload) = signed.split_once('.').ok_or(Error::NotThreeParts)?;
        let has_empty = header.is_empty() || payload.is_empty() || signature.is_empty();
        if has_empty || payload.contains('.') {
            return Err(Error::NotThreeParts);
        }
        Ok(Self {
            header,
            payload: decode(payload)?,
            signature: decode(signature)?,
            signed: signed.as_bytes(),
        })
    }

    fn verify_signature(&self, key: &Key) -> Result<(), Error> {
        let outcome = key.public.verify_sig(self.signed, &self.signature);
        outcome.map_err(|_| Error::SignatureInvalid)
    }
}

/// This alphabet, no padding, no stray bits at the end: one value has one spelling.
fn decode(part: &str) -> Result<Vec<u8>, Error> {
    let decoded = URL_SAFE_NO_PAD.decode(part);
    decoded.map_err(|_| Error::NotBase64url)
}

/// Checks `alg`, `typ`, `crit` and `b64` and returns `kid`. A key that comes with the token (`jwk`,
/// `jku`, `x5u`, `x5c`) is never looked at.
fn check_header(written: &str, policy: &Policy) -> Result<String, Error> {
    let header = decode(written)?;
    let mut header = read_header(&header)?;
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
