//! The identity that a gateway passes on in headers after it asked the issuer. Parses the headers
//! strictly; cannot know whether the gateway really asked.

use axum_core::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;

use crate::claims::Claims;
use crate::clock::Timestamp;
use crate::error::Error;

/// Extractor: the `X-Auth-*` headers of Signet's forward authentication, as a gateway passes them
/// on.
///
/// A request without exactly one subject is refused. So if a gateway does not ask the issuer, all
/// requests are refused. Clients that can bypass the gateway can forge these headers. If
/// that is possible, let the gateway pass the token on as well, and
/// [compare](Self::require_same) the two:
///
/// ```
/// use signet_verifier::{Authenticated, Error, GatewayIdentity};
///
/// async fn orders(identity: GatewayIdentity, claims: Authenticated) -> Result<String, Error> {
///     identity.require_same(&claims)?;
///     Ok(format!("orders of {}", identity.subject))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GatewayIdentity {
    /// The account, or the client if the token belongs to a program. Never empty.
    pub subject: String,
    /// The issuer of the token.
    pub issuer: Option<String>,
    /// The client that the token was issued to.
    pub client_id: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// The id of the token (`jti`).
    pub token_id: Option<String>,
    /// The scopes.
    pub scopes: Vec<String>,
    /// The account's roles.
    pub roles: Vec<String>,
    /// When the token expires.
    pub expires_at: Option<Timestamp>,
}

impl GatewayIdentity {
    /// Parses the headers. Values are percent-decoded; `-` means an absent value.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`] if there is not exactly one subject, or a header appears twice or
    /// is malformed.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Error> {
        let expires = text(headers, "x-auth-expires")?;
        let expires = expires.map(|seconds| seconds.parse()).transpose();
        Ok(Self {
            subject: text(headers, "x-auth-subject")?.ok_or(Error::IdentityMissing)?,
            issuer: text(headers, "x-auth-issuer")?,
            client_id: text(headers, "x-auth-client")?,
            session_id: text(headers, "x-auth-session")?,
            token_id: text(headers, "x-auth-token-id")?,
            scopes: list(headers, "x-auth-scope", ' ')?,
            roles: list(headers, "x-auth-roles", ',')?,
            expires_at: expires
                .map_err(|_| Error::IdentityMissing)?
                .map(Timestamp::from_seconds),
        })
    }

    /// Requires the token's subject, session, client and id to equal those of this identity.
    ///
    /// # Errors
    /// [`Error::IdentityMismatch`] if one of them differs.
    pub fn require_same<Extra>(&self, claims: &Claims<Extra>) -> Result<(), Error> {
        let is_same = self.subject == claims.sub
            && self.session_id == claims.sid
            && self.client_id == claims.client_id
            && self.token_id == claims.jti;
        if is_same {
            Ok(())
        } else {
            Err(Error::IdentityMismatch)
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for GatewayIdentity {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        Self::from_headers(&parts.headers)
    }
}

/// Returns the decoded value of a header that may appear once; `None` if it is absent or empty.
fn text(headers: &HeaderMap, name: &str) -> Result<Option<String>, Error> {
    raw(headers, name)?.map(decode).transpose()
}

/// Splits a list before its members are decoded, because a member may contain the separator.
fn list(headers: &HeaderMap, name: &str, separator: char) -> Result<Vec<String>, Error> {
    let Some(value) = raw(headers, name)? else {
        return Ok(Vec::new());
    };
    value
        .split(separator)
        .filter(|member| !member.is_empty())
        .map(decode)
        .collect()
}

fn raw<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Error> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(Error::IdentityMissing),
        (Some(value), None) => {
            let value = value.to_str().map_err(|_| Error::IdentityMissing)?;
            Ok(Some(value).filter(|value| !matches!(*value, "" | "-")))
        }
    }
}

/// Decodes percent-encoded text (RFC 3986 section 2.1).
fn decode(text: &str) -> Result<String, Error> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or(Error::IdentityMissing)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| is_hex);
        bytes.push(byte.ok_or(Error::IdentityMissing)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| Error::IdentityMissing)
}
