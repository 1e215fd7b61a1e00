//! Strict parsing of signed texts other than access tokens, such as client assertions. Must not
//! verify anything.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::jws::{TokenParts, decode, read_claims, read_header};

/// A compact JWS (RFC 7515) that is split and decoded strictly, for formats other than access
/// tokens. Nothing in it is verified: the caller must check header, signature and claims.
pub struct UnverifiedJws<'a> {
    parts: TokenParts<'a>,
    header: Vec<u8>,
}

impl<'a> UnverifiedJws<'a> {
    /// Splits and decodes a text of at most 8 KiB.
    ///
    /// # Errors
    /// [`Error`] if the text is too long or does not have three parts of canonical base64url.
    pub fn split(text: &'a str) -> Result<Self, Error> {
        let parts = TokenParts::split(text)?;
        let header = decode(parts.header)?;
        Ok(Self { parts, header })
    }

    /// Parses the header.
    ///
    /// # Errors
    /// [`Error`] if the header is not a JSON object without duplicate names, or does not match `T`.
    pub fn header<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let header = read_header(&self.header)?;
        header.into_rest().map_err(|_| Error::HeaderMalformed)
    }

    /// Parses the payload as claims.
    ///
    /// # Errors
    /// [`Error`] if the payload is not a JSON object without duplicate names, or does not match `T`.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let claims = read_claims(&self.parts.payload)?;
        claims.into_rest().map_err(|_| Error::ClaimsMalformed)
    }

    /// Returns the signed bytes: the encoded header and payload.
    pub fn signed(&self) -> &'a [u8] {
        self.parts.signed
    }

    /// Returns the signature.
    pub fn signature(&self) -> &[u8] {
        &self.parts.signature
    }
}

/// Says nothing about the content.
impl fmt::Debug for UnverifiedJws<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UnverifiedJws(..)")
    }
}
