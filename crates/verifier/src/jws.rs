//! The outer layer of a token (RFC 7515): three parts, a header, a signature. Must not know claims
//! or time.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Error;
use crate::json::{Object, ObjectError};
use crate::key_set::{AdmittedKey, Keys};
use crate::policy::Policy;

/// A token that is split into parts and whose header is acceptable. Trust nothing in it before
/// [`verify_signature`](Self::verify_signature).
pub(crate) struct UnverifiedToken<'a> {
    header: Guard<Arc<Header>>,
    parts: TokenParts<'a>,
}

/// A checked header, and its text in the token.
#[derive(Debug, Default)]
struct Header {
    written: Box<str>,
    kid: String,
}

/// A cache of the header of the latest accepted token. Most tokens have the same header, so most
/// headers need not be parsed again. Belongs to one policy and takes no lock.
#[derive(Debug, Default)]
pub(crate) struct KnownHeader(ArcSwap<Header>);

impl<'a> UnverifiedToken<'a> {
    /// Splits a token and checks its header against `policy`.
    pub(crate) fn parse(
        token: &'a str,
        policy: &Policy,
        known: &KnownHeader,
    ) -> Result<Self, Error> {
        let parts = TokenParts::split(token)?;
        let mut header = known.0.load();
        if *header.written != *parts.header {
            let (written, kid) = (
                parts.header.into(),
                check_header(parts.header, |typ| policy.accepts_typ(typ))?,
            );
            header = Guard::from_inner(Arc::new(Header { written, kid }));
        }
        Ok(Self { header, parts })
    }

    /// Returns the `kid`, unverified.
    pub(crate) fn kid(&self) -> &str {
        &self.header.kid
    }

    /// Caches the header. Call this only after the token was accepted.
    pub(crate) fn make_header_known(&self, known: &KnownHeader) {
        if !Arc::ptr_eq(&self.header, &known.0.load()) {
            known.0.store(Arc::clone(&self.header));
        }
    }

    /// Returns the decoded claims, which may be unverified.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.parts.payload
    }

    /// Checks the signature with the key that the header names.
    pub(crate) fn verify_signature(&self, keys: &Keys) -> Result<(), Error> {
        let key = keys.find(self.kid()).ok_or(Error::UnknownKey)?;
        self.parts.verify_signature(key)
    }
}

/// Checks only that one of `keys` signed a compact JWS with RS256, and returns the payload. It is
/// for test vectors whose payload is not a claims set, and for the issuer, which reads its own ID
/// tokens after they have expired. Never authenticate a request with it.
#[doc(hidden)]
pub fn verify_signature_layer_only(token: &str, keys: &Keys) -> Result<Vec<u8>, Error> {
    let parts = TokenParts::split(token)?;
    check_algorithm(&mut read_header(&decode(parts.header)?)?)?;
    let is_signer = |key: &AdmittedKey| parts.verify_signature(key).is_ok();
    if keys.admitted.iter().any(is_signer) {
        Ok(parts.payload)
    } else {
        Err(Error::SignatureInvalid)
    }
}

/// The three parts of a token, the header still encoded, and the signed bytes.
pub(crate) struct TokenParts<'a> {
    pub(crate) header: &'a str,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) signed: &'a [u8],
}

impl<'a> TokenParts<'a> {
    pub(crate) fn split(token: &'a str) -> Result<Self, Error> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(Error::TokenTooLong);
        }
        Self::split_of_any_length(token)
    }

    /// Splits a JWS whose length was limited before.
    pub(crate) fn split_of_any_length(token: &'a str) -> Result<Self, Error> {
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

    pub(crate) fn verify_signature(&self, key: &AdmittedKey) -> Result<(), Error> {
        let outcome = key.public.verify_sig(self.signed, &self.signature);
        outcome.map_err(|_| Error::SignatureInvalid)
    }
}

/// Decodes canonical base64url: no padding and no nonzero trailing bits, so each value has exactly
/// one encoding.
pub(crate) fn decode(part: &str) -> Result<Vec<u8>, Error> {
    let decoded = URL_SAFE_NO_PAD.decode(part);
    decoded.map_err(|_| Error::NotBase64url)
}

/// Checks `alg`, `typ`, `crit` and `b64`, and returns `kid`. Keys inside the token (`jwk`, `jku`,
/// `x5u`, `x5c`) are ignored.
pub(crate) fn check_header(
    written: &str,
    accepts_typ: impl FnOnce(&str) -> bool,
) -> Result<String, Error> {
    let header = decode(written)?;
    let mut header = read_header(&header)?;
    check_algorithm(&mut header)?;
    let typ: Option<String> = header.take("typ").map_err(|_| Error::TypeRefused)?;
    if !accepts_typ(&typ.unwrap_or_default()) {
        return Err(Error::TypeRefused);
    }
    // RFC 7797 section 7 forbids `b64` in tokens, and libraries interpret it differently.
    if header.contains("crit") || header.contains("b64") {
        return Err(Error::CriticalHeader);
    }
    match header.take::<String>("kid") {
        Ok(Some(kid)) if !kid.is_empty() => Ok(kid),
        _ => Err(Error::KeyIdMissing),
    }
}

pub(crate) fn read_header(header: &[u8]) -> Result<Object<'_>, Error> {
    Object::parse(header).map_err(|error| match error {
        ObjectError::NotAnObject => Error::HeaderMalformed,
        ObjectError::DuplicateName => Error::HeaderDuplicateName,
    })
}

pub(crate) fn read_claims(payload: &[u8]) -> Result<Object<'_>, Error> {
    Object::parse(payload).map_err(|error| match error {
        ObjectError::NotAnObject => Error::ClaimsMalformed,
        ObjectError::DuplicateName => Error::ClaimsDuplicateName,
    })
}

fn check_algorithm(header: &mut Object<'_>) -> Result<(), Error> {
    match header.take::<String>("alg") {
        Ok(Some(algorithm)) if algorithm == ALGORITHM => Ok(()),
        _ => Err(Error::AlgorithmRefused),
    }
}

/// The only algorithm. The token does not choose it.
const ALGORITHM: &str = "RS256";

/// Longer tokens exceed the header limits of common gateways.
const TOKEN_MAX_BYTES: usize = 8 * 1_024;
