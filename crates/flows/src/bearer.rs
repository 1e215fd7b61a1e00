//! The bearer of an access token that opens `/auth`: one of ours, of a session, not denied.

use serde::Deserialize;
use serde::de::IgnoredAny;
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::{ACCOUNT_SCOPE, OPENID_SCOPE};
use signet_store::StoreError;
use signet_verifier::Error;

use crate::flows::Flows;
use crate::own_token::OwnToken;

/// A person who signed in and holds an access token of that session, or the cookie of a browser
/// sign-in. Only the check makes one.
#[derive(Clone, Copy, Debug)]
pub struct SessionBearer {
    account_id: AccountId,
    session_id: SessionId,
}

/// The same bearer, to end every session of the account: the one request that is also
/// served while the deny list cannot be read.
///
/// Ending is the safe direction, and a session store that is down must not keep a person from it:
/// the epoch is in the database, so the ending can be made durable without that store, and the
/// records and denials follow when it is back. While the store answers, a denied token is refused
/// as everywhere. While it does not, a token that was denied within its last minutes can do this
/// much: end the sessions of its own account. A new password and the deletion of the account ask
/// for the password besides, and they do not keep a session that was over (see
/// [`KeptSession::since`](signet_core::account::KeptSession::since)).
#[derive(Clone, Copy, Debug)]
pub struct EndingBearer(SessionBearer);

/// Why a bearer token is refused.
#[derive(Debug, thiserror::Error)]
pub enum BearerError {
    /// The token is not valid.
    #[error(transparent)]
    Token(#[from] Error),
    /// The token is valid, but is not for this: it is a program's where a person's is required, or
    /// the other way round.
    #[error("the access token is not for this")]
    WrongKind,
    /// The token, its session, its client or its account is on the deny list.
    #[error("the session has ended")]
    Denied,
    /// The deny list cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SessionBearer {
    /// The account of the token.
    pub fn account_id(self) -> AccountId {
        self.account_id
    }

    /// The session of the token.
    pub fn session_id(self) -> SessionId {
        self.session_id
    }

    /// The bearer of a session whose cookie was checked.
    pub(crate) fn of_browser(account_id: AccountId, session_id: SessionId) -> Self {
        Self {
            account_id,
            session_id,
        }
    }

    fn of(token: &OwnToken) -> Result<Self, BearerError> {
        token.claims.require_scope(ACCOUNT_SCOPE)?;
        Self::of_person(token)
    }

    fn of_person(token: &OwnToken) -> Result<Self, BearerError> {
        match (token.account_id, token.session_id, &token.claims.act) {
            (Some(account_id), Some(session_id), None) => Ok(Self {
                account_id,
                session_id,
            }),
            _ => Err(BearerError::WrongKind),
        }
    }
}

/// An access token of ours that has expired, as far as it names the session that it was issued for.
#[derive(Deserialize)]
struct ExpiredToken {
    sub: String,
    sid: String,
    scope: String,
    /// Services that act for the person do not sign them out.
    act: Option<IgnoredAny>,
}

impl ExpiredToken {
    fn bearer(&self) -> Option<SessionBearer> {
        let mut scopes = self.scope.split(' ');
        let is_own = self.act.is_none() && scopes.any(|scope| scope == ACCOUNT_SCOPE);
        is_own.then_some(SessionBearer {
            account_id: self.sub.parse().ok()?,
            session_id: self.sid.parse().ok()?,
        })
    }
}

impl EndingBearer {
    /// The bearer of a session whose cookie was checked.
    pub(crate) fn of_browser(bearer: SessionBearer) -> Self {
        Self(bearer)
    }

    /// The bearer.
    pub fn bearer(self) -> SessionBearer {
        self.0
    }
}

/// What an access token lets its holder read about the person.
#[derive(Clone, Copy, Debug)]
pub struct ProfileBearer {
    /// The person.
    pub bearer: SessionBearer,
    /// Whether the name may be read.
    pub profile: bool,
    /// Whether the address may be read.
    pub email: bool,
}

impl Flows {
    /// Verifies a token that may read about the person: one with the scope `openid`, or one that
    /// opens `/auth`.
    ///
    /// # Errors
    ///
    /// [`BearerError`]
    pub async fn authenticate_profile_bearer(
        &self,
        token: &str,
    ) -> Result<ProfileBearer, BearerError> {
        let token = OwnToken::verify(self, token)?;
        let claims = &token.claims;
        let everything = claims.has_scope(ACCOUNT_SCOPE);
        if !everything {
            claims.require_scope(OPENID_SCOPE)?;
        }
        let bearer = SessionBearer::of_person(&token)?;
        let profile = ProfileBearer {
            bearer,
            profile: everything || claims.has_scope("profile"),
            email: everything || claims.has_scope("email"),
        };
        if token.is_denied(self).await? {
            return Err(BearerError::Denied);
        }
        Ok(profile)
    }

    /// Verifies a token and looks it up on the deny list.
    ///
    /// # Errors
    ///
    /// [`BearerError`]
    pub async fn authenticate_bearer(&self, token: &str) -> Result<SessionBearer, BearerError> {
        let token = OwnToken::verify(self, token)?;
        let bearer = SessionBearer::of(&token)?;
        if token.is_denied(self).await? {
            return Err(BearerError::Denied);
        }
        Ok(bearer)
    }

    /// Verifies a token for the end of its session: the token may have expired, as long as its key is
    /// published.
    ///
    /// # Errors
    ///
    /// [`BearerError`]
    pub(crate) async fn authenticate_sign_out(
        &self,
        token: &str,
    ) -> Result<SessionBearer, BearerError> {
        let refused = match self.authenticate_bearer(token).await {
            Err(BearerError::Token(expired @ Error::Expired)) => expired,
            otherwise => return otherwise,
        };
        // The type and the issuer were found right before the times were looked at.
        let payload = self.keys.signed_payload(token, self.clock.now());
        let expired = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
        let bearer = expired.and_then(|expired: ExpiredToken| expired.bearer());
        Ok(bearer.ok_or(refused)?)
    }

    /// Verifies a token, and looks it up on the deny list if that can be read.
    ///
    /// # Errors
    ///
    /// [`BearerError`]
    pub async fn authenticate_ending_bearer(
        &self,
        token: &str,
    ) -> Result<EndingBearer, BearerError> {
        let token = OwnToken::verify(self, token)?;
        let bearer = SessionBearer::of(&token)?;
        match token.is_denied(self).await {
            Ok(true) => return Err(BearerError::Denied),
            Ok(false) => {}
            Err(error) => tracing::warn!(
                %error, account.id = %bearer.account_id,
                "everything of an account is to end, and the deny list cannot be read"
            ),
        }
        Ok(EndingBearer(bearer))
    }
}
