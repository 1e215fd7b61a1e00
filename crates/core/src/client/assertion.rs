//! Signed assertions that authenticate a client: `private_key_jwt`, RFC 7523 section 3.
//!
//! This module must not know which assertions were used. It returns what the caller must store, and
//! for how long, so that each assertion is accepted once.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use signet_verifier::{Timestamp, UnverifiedJws};

use super::public_keys::{AssertionKey, ClientKeys};
use crate::names::ClientId;
use crate::sha256::sha256;

/// A parsed assertion. Only its form has been checked.
#[derive(Debug)]
pub struct Assertion<'a> {
    /// The client that the assertion names, unverified.
    pub client_id: ClientId,
    jws: UnverifiedJws<'a>,
    header: Header,
    claims: AssertionClaims,
}

/// The part of an accepted assertion to store, so that it is accepted only once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SingleUse {
    /// A hash of the client id and the `jti`.
    pub value: [u8; 32],
    /// When the assertion has expired on every server, leeway included.
    pub until: Timestamp,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: OneAudience,
    exp: f64,
    iat: Option<f64>,
    nbf: Option<f64>,
    jti: String,
}

/// One audience, as a string or in an array. If an assertion had two audiences, one server could
/// replay it at the other.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneAudience {
    Alone(String),
    InArray([String; 1]),
}

impl<'a> Assertion<'a> {
    /// Parses an assertion.
    ///
    /// # Errors
    ///
    /// [`BadAssertion`] if the text is not a JWT with the required claims.
    pub fn read(text: &'a str) -> Result<Self, BadAssertion> {
        let jws = UnverifiedJws::split(text).map_err(|_| BadAssertion)?;
        let claims: AssertionClaims = jws.claims().map_err(|_| BadAssertion)?;
        Ok(Self {
            client_id: claims.sub.parse().map_err(|_| BadAssertion)?,
            header: jws.header().map_err(|_| BadAssertion)?,
            claims,
            jws,
        })
    }

    /// Checks an assertion at `now` with the keys of its client. Its audience must be one of
    /// `expected`, the names of this server.
    ///
    /// # Errors
    ///
    /// [`BadAssertion`] if any check fails.
    pub fn check(
        &self,
        keys: &ClientKeys,
        expected: &[&str],
        now: Timestamp,
    ) -> Result<SingleUse, BadAssertion> {
        let claims = &self.claims;
        let (OneAudience::Alone(audience) | OneAudience::InArray([audience])) = &claims.aud;
        let is_meant = claims.iss == claims.sub && expected.contains(&audience.as_str());
        let has_id = (1..=MAX_JTI_BYTES).contains(&claims.jti.len());
        if is_meant && has_id && self.has_known_header() && self.is_signed(keys) {
            return Ok(SingleUse {
                value: self.single_use_value(),
                until: claims.ends_at(now)?,
            });
        }
        Err(BadAssertion)
    }

    fn has_known_header(&self) -> bool {
        let typ = self.header.typ.as_deref().unwrap_or("JWT");
        let is_known = TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known));
        is_known && self.header.crit.is_none()
    }

    fn is_signed(&self, keys: &ClientKeys) -> bool {
        let mut candidates = keys.candidates(self.header.kid.as_deref());
        candidates.any(|key| {
            let fits = match key {
                AssertionKey::Rsa { .. } => self.header.alg == "RS256",
                AssertionKey::P256(_) => self.header.alg == "ES256",
            };
            fits && key.verify(self.jws.signed(), self.jws.signature())
        })
    }

    fn single_use_value(&self) -> [u8; 32] {
        let (client_id, jti) = (self.client_id.as_str(), &self.claims.jti);
        // Only the last part can contain this byte, so the parts cannot be confused.
        let end = &[0];
        sha256(&[
            LABEL.as_bytes(),
            end,
            client_id.as_bytes(),
            end,
            jti.as_bytes(),
            end,
        ])
    }
}

impl AssertionClaims {
    /// Returns when every server has stopped accepting the assertion.
    fn ends_at(&self, now: Timestamp) -> Result<Timestamp, BadAssertion> {
        let ends_at = moment(self.exp)?;
        let leeway_ends = ends_at.saturating_add(LEEWAY);
        let is_over = leeway_ends <= now;
        let is_long = ends_at > now.saturating_add(MAX_LIFETIME + LEEWAY);
        if is_over || is_long {
            return Err(BadAssertion);
        }
        for begins_at in [self.iat, self.nbf].into_iter().flatten() {
            let begins_at = moment(begins_at)?;
            let is_early = begins_at > now.saturating_add(LEEWAY);
            let is_long = ends_at > begins_at.saturating_add(MAX_LIFETIME);
            if is_early || is_long {
                return Err(BadAssertion);
            }
        }
        Ok(leeway_ends)
    }
}

/// The assertion is invalid. The reason is not stated, because it would help an attacker.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the client assertion is invalid")]
pub struct BadAssertion;

fn moment(seconds: f64) -> Result<Timestamp, BadAssertion> {
    Timestamp::from_numeric_date(seconds).ok_or(BadAssertion)
}

const LABEL: &str = "signet client assertion v1";
/// RFC 7519 section 5.1, and draft-ietf-oauth-rfc7523bis section 3.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];
/// An assertion is for one request. A long-lived one would be a password.
const MAX_LIFETIME: Duration = Duration::from_mins(5);
/// How far the clocks of client and server may differ.
const LEEWAY: Duration = Duration::from_secs(30);
/// A UUID has 36.
const MAX_JTI_BYTES: usize = 255;

#[cfg(test)]
mod tests;
