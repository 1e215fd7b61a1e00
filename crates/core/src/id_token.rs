//! ID tokens and logout tokens: what a client learns about a sign-in and its end (OpenID Connect
//! Core 1.0 section 2, Back-Channel Logout 1.0 section 2.4).
//!
//! Their `typ` is never that of an access token. This module must not decide who gets one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::json;
use signet_verifier::Timestamp;

use crate::account::Account;
use crate::ids::{AccountId, SessionId, TokenId};
use crate::jws;
use crate::keys::SigningKey;
use crate::keys::signing_key::SigningError;
use crate::names::{ClientId, Scope};
use crate::secret::SecretText;
use crate::session::{MULTI_FACTOR, Session};
use crate::sha256::sha256;

/// What an ID token says.
#[derive(Clone, Copy, Debug)]
pub struct IdTokenClaims<'a> {
    /// The public URL of the issuer.
    pub issuer: &'a str,
    /// The session of the client.
    pub session: &'a Session,
    /// The account.
    pub account: &'a Account,
    /// The scopes that decide which claims of the person there are.
    pub scope: &'a [Scope],
    /// When the person signed in.
    pub auth_time: Option<Timestamp>,
    /// The nonce of the request.
    pub nonce: Option<&'a str>,
    /// The access token beside it.
    pub access_token: &'a str,
}

/// Signs an ID token that is valid for `ttl`.
///
/// # Errors
///
/// [`SigningError::Failed`] if the token cannot be signed. No input causes this.
pub fn issue(
    claims: IdTokenClaims<'_>,
    now: Timestamp,
    ttl: Duration,
    key: &SigningKey,
) -> Result<SecretText, SigningError> {
    let session = claims.session;
    let body = IdToken {
        iss: claims.issuer,
        sub: session.account_id,
        aud: &session.grant.client_id,
        exp: now.as_seconds().saturating_add(ttl.as_secs()),
        iat: now.as_seconds(),
        auth_time: claims.auth_time.map(Timestamp::as_seconds),
        acr: acr(&session.grant.amr),
        amr: &session.grant.amr,
        nonce: claims.nonce,
        at_hash: left_half_of_hash(claims.access_token),
        sid: session.id,
        profile: Profile::of(claims.account, claims.scope),
    };
    sign("JWT", &body, key)
}

/// Signs a logout token: the session of a client has ended.
///
/// # Errors
///
/// [`SigningError::Failed`] if the token cannot be signed. No input causes this.
pub fn issue_logout(
    issuer: &str,
    ended: &EndedSession,
    (id, now): (TokenId, Timestamp),
    key: &SigningKey,
) -> Result<SecretText, SigningError> {
    let body = json!({
        "iss": issuer,
        "sub": ended.account_id,
        "aud": ended.client_id,
        "iat": now.as_seconds(),
        "exp": now.saturating_add(LOGOUT_TTL).as_seconds(),
        "jti": id,
        "sid": ended.session_id,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    sign("logout+jwt", &body, key)
}

/// A session whose end Signet reports to a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndedSession {
    /// The account.
    pub account_id: AccountId,
    /// The session.
    pub session_id: SessionId,
    /// The client.
    pub client_id: ClientId,
}

/// The claims of a person that scopes ask for (OpenID Connect Core 1.0 section 5.4).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
struct Profile {
    /// With `profile`: the name, if the account has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// With `email`: the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// With `email`: whether its owner has confirmed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

impl Profile {
    /// The claims about an account that these scopes ask for.
    pub(crate) fn of(account: &Account, scope: &[Scope]) -> Self {
        let has = |name: &str| scope.iter().any(|scope| scope.as_str() == name);
        let name = account.name.as_ref().filter(|_| has("profile"));
        Self {
            name: name.map(|name| name.as_str().to_owned()),
            email: has("email").then(|| account.email.as_str().to_owned()),
            email_verified: has("email").then_some(account.email_verified_at.is_some()),
        }
    }
}

/// The level of a sign-in: with several factors or with one.
pub(crate) fn acr(amr: &[String]) -> &'static str {
    if amr.iter().any(|method| method == MULTI_FACTOR) {
        "urn:signet:acr:mfa"
    } else {
        "urn:signet:acr:single"
    }
}

#[derive(Serialize)]
struct IdToken<'a> {
    iss: &'a str,
    sub: AccountId,
    aud: &'a ClientId,
    exp: u64,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
    acr: &'static str,
    amr: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    at_hash: String,
    sid: SessionId,
    #[serde(flatten)]
    profile: Profile,
}

/// OpenID Connect Core 1.0 section 3.1.3.6.
fn left_half_of_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256::<16>(&[access_token.as_bytes()]))
}

fn sign(typ: &str, body: &impl Serialize, key: &SigningKey) -> Result<SecretText, SigningError> {
    jws::sign(typ, body, key).map(SecretText::new)
}

/// Back-Channel Logout 1.0 section 2.4 recommends two minutes at most.
const LOGOUT_TTL: Duration = Duration::from_mins(2);
