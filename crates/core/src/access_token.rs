//! Access tokens: their claims and their encoding (RFC 7519, RFC 9068).
//!
//! Claims borrow their values, the header is encoded once per key, and the text is built in place.
//! So a token costs little more than its signature. This module must not decide who gets a token.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use signet_verifier::Timestamp;

use crate::ids::{AccountId, SessionId, TokenId};
use crate::keys::SigningKey;
use crate::keys::signing_key::{MAX_SIGNATURE_BYTES, SigningError};
use crate::names::{Audience, ClaimName, ClientId, Role, Scope};
use crate::secret::SecretText;
use crate::session::Session;
use crate::status_list::StatusClaim;

/// The claims of an access token, without its times and its id.
#[derive(Clone, Copy, Debug)]
pub struct AccessTokenClaims<'a> {
    /// The public URL of the issuer, without a trailing slash.
    pub issuer: &'a str,
    /// The account or client that the token represents.
    pub subject: Subject<'a>,
    /// The services that the token is for. A single audience is written as a string.
    pub audience: &'a [Audience],
    /// The client that the token is issued to.
    pub client_id: &'a ClientId,
    /// The session that the token belongs to. `None` if a program requested it for itself.
    pub session: Option<SessionClaims<'a>>,
    /// The scopes. The claim is omitted if there are none.
    pub scope: &'a [Scope],
    /// The roles. The claim is omitted if there are none.
    pub roles: &'a [Role],
    /// The clients that act for the subject in an exchanged token, newest first; RFC 8693 section
    /// 4.1.
    pub actors: &'a [ClientId],
    /// The custom claims of the account that the client requests.
    pub extra: &'a [(&'a ClaimName, &'a Value)],
    /// Its bit of a revocation list. `None` if there are no lists.
    pub status: Option<StatusClaim<'a>>,
}

/// The custom claims of a token that was verified.
pub type CustomClaims = Map<String, Value>;

/// The `sub` of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject<'a> {
    /// A person.
    Account(AccountId),
    /// A program that acts for itself.
    Client(&'a ClientId),
}

/// The claims about a token's session.
#[derive(Clone, Copy, Debug)]
pub struct SessionClaims<'a> {
    /// `sid`.
    pub id: SessionId,
    /// `auth_time`: when the person last signed in.
    pub authenticated_at: Timestamp,
    /// `amr`: the methods of that sign-in; RFC 8176.
    pub amr: &'a [String],
}

impl<'a> AccessTokenClaims<'a> {
    /// Returns the claims of a session's own tokens. `roles` are the account's current roles.
    pub fn of_session(issuer: &'a str, session: &'a Session, roles: &'a [Role]) -> Self {
        Self {
            issuer,
            subject: Subject::Account(session.account_id),
            audience: &session.grant.audience,
            client_id: &session.grant.client_id,
            session: Some(SessionClaims {
                id: session.id,
                authenticated_at: session.lifetime.authenticated_at,
                amr: &session.grant.amr,
            }),
            scope: &session.grant.scope,
            roles,
            actors: &[],
            extra: &[],
            status: None,
        }
    }
}

/// The period in which a token is valid, in whole seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Validity {
    issued_at_seconds: u64,
    expires_at_seconds: u64,
}

impl Validity {
    /// Returns a period that begins at the second of `now` and lasts `ttl`.
    pub fn starting(now: Timestamp, ttl: Duration) -> Self {
        Self {
            issued_at_seconds: now.as_seconds(),
            expires_at_seconds: now.as_seconds().saturating_add(ttl.as_secs()),
        }
    }

    /// Shortens the period so that it ends at `end` at the latest. An exchanged token uses this.
    #[must_use]
    pub fn ending_by(self, end: Timestamp) -> Self {
        Self {
            expires_at_seconds: self.expires_at_seconds.min(end.as_seconds()),
            ..self
        }
    }
}

/// A new token, to be sent to its owner.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The token itself.
    pub text: SecretText,
    /// Its `jti`.
    pub id: TokenId,
    /// Its `exp`, in seconds since 1970.
    pub expires_at_seconds: u64,
    /// Its lifetime from `iat` to `exp`, in seconds; the `expires_in` of a response.
    pub expires_in_seconds: u64,
}

/// Encodes and signs a token.
///
/// # Errors
///
/// [`SigningError::Failed`] if the token cannot be signed. No input causes this.
pub fn issue(
    claims: &AccessTokenClaims<'_>,
    validity: Validity,
    id: TokenId,
    key: &SigningKey,
) -> Result<AccessToken, SigningError> {
    let payload = Payload {
        claims,
        validity,
        id,
    };
    let mut json = Vec::with_capacity(USUAL_PAYLOAD_BYTES);
    serde_json::to_writer(&mut json, &payload).map_err(|_| SigningError::Failed)?;

    let encoded_bytes = |bytes: usize| (bytes * 4).div_ceil(3);
    let mut text = String::with_capacity(
        key.header().len() + encoded_bytes(json.len()) + encoded_bytes(key.signature_length()) + 2,
    );
    text.push_str(key.header());
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(&json, &mut text);
    let mut buffer = [0; MAX_SIGNATURE_BYTES];
    let signature = key.sign(text.as_bytes(), &mut buffer)?;
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    Ok(AccessToken {
        text: SecretText::new(text),
        id,
        expires_at_seconds: validity.expires_at_seconds,
        expires_in_seconds: validity
            .expires_at_seconds
            .saturating_sub(validity.issued_at_seconds),
    })
}

/// All claims, in the order in which they appear in the token.
struct Payload<'a> {
    claims: &'a AccessTokenClaims<'a>,
    validity: Validity,
    id: TokenId,
}

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let claims = self.claims;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iss", claims.issuer)?;
        map.serialize_entry("sub", &claims.subject)?;
        match claims.audience {
            [one] => map.serialize_entry("aud", one)?,
            several => map.serialize_entry("aud", several)?,
        }
        map.serialize_entry("exp", &self.validity.expires_at_seconds)?;
        map.serialize_entry("iat", &self.validity.issued_at_seconds)?;
        map.serialize_entry("jti", &self.id)?;
        map.serialize_entry("client_id", claims.client_id)?;
        if let Some(session) = &claims.session {
            map.serialize_entry("sid", &session.id)?;
            map.serialize_entry("auth_time", &session.authenticated_at.as_seconds())?;
            map.serialize_entry("amr", session.amr)?;
        }
        if !claims.scope.is_empty() {
            map.serialize_entry("scope", &SpaceSeparated(claims.scope))?;
        }
        if !claims.roles.is_empty() {
            map.serialize_entry("roles", claims.roles)?;
        }
        if let Some(act) = Actor::newest(claims.actors) {
            map.serialize_entry("act", &act)?;
        }
        if let Some(status) = &claims.status {
            map.serialize_entry("status", status)?;
        }
        for (name, value) in claims.extra {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Subject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Account(id) => id.serialize(serializer),
            Self::Client(id) => id.serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct Actor<'a> {
    sub: &'a ClientId,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Box<Actor<'a>>>,
}

impl<'a> Actor<'a> {
    fn newest(actors: &'a [ClientId]) -> Option<Self> {
        let (sub, before) = actors.split_first()?;
        Some(Self {
            sub,
            act: Self::newest(before).map(Box::new),
        })
    }
}

/// Scopes as one string, separated by spaces (RFC 8693 section 4.2).
struct SpaceSeparated<'a>(&'a [Scope]);

impl Serialize for SpaceSeparated<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for SpaceSeparated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

/// The usual length of the claims in bytes, so that the buffer seldom grows.
const USUAL_PAYLOAD_BYTES: usize = 512;

#[cfg(test)]
mod tests;
