//! The bearer of an access token that opens `/auth`: one of ours, of a session, not denied.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::ACCOUNT_SCOPE;
use signet_store::{Credentials, TokenFacts};
use signet_verifier::Claims;

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code, REALM};
use crate::extract::BearerToken;

/// Whoever signed in and holds an access token of that session. Only the check makes one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionBearer {
    /// Whose token it is.
    pub(super) account_id: AccountId,
    /// The session that the token belongs to.
    pub(super) session_id: SessionId,
}

impl SessionBearer {
    /// Verifies a token and looks it up on the deny list.
    ///
    /// # Errors
    ///
    /// `token_expired` or `token_invalid`; `forbidden` for a good token that is not a person's
    /// own; `session_ended` for a denied one.
    pub(super) async fn verify(app: &App, token: &BearerToken) -> ApiResult<Self> {
        let claims = app.keys.verify(token.0.expose(), app.clock.now())?;
        let bearer = Self::of_claims(&claims)?;
        if is_denied(app, &claims, bearer).await? {
            return Err(Code::SessionEnded.into());
        }
        Ok(bearer)
    }

    /// The account behind the token, with its password hash.
    ///
    /// # Errors
    ///
    /// `session_ended` when there is no such account any more.
    pub(super) async fn account(self, app: &App) -> ApiResult<Credentials> {
        let found = app.stores.accounts.by_id(self.account_id).await?;
        found.ok_or_else(|| Code::SessionEnded.into())
    }

    fn of_claims(claims: &Claims) -> ApiResult<Self> {
        claims.require_scope(ACCOUNT_SCOPE)?;
        let account_id = claims.sub.parse().ok();
        let session_id = claims.sid.as_deref().and_then(|sid| sid.parse().ok());
        match (account_id, session_id, &claims.act) {
            (Some(account_id), Some(session_id), None) => Ok(Self {
                account_id,
                session_id,
            }),
            _ => Err(not_a_persons_own()),
        }
    }
}

/// A good token that opens no account, answered as RFC 6750 section 3.1 says.
fn not_a_persons_own() -> ApiError {
    let challenge = format!("Bearer realm=\"{REALM}\", error=\"insufficient_scope\"");
    ApiError::from(Code::Forbidden).challenge(challenge)
}

async fn is_denied(app: &App, claims: &Claims, bearer: SessionBearer) -> ApiResult<bool> {
    let client_id = claims
        .client_id
        .as_deref()
        .and_then(|text| text.parse().ok());
    let id = claims.jti.as_deref().and_then(|text| text.parse().ok());
    let (Some(client_id), Some(id)) = (client_id, id) else {
        return Err(Code::TokenInvalid.into());
    };
    let facts = TokenFacts {
        account_id: Some(bearer.account_id),
        session_id: Some(bearer.session_id),
        client_id: &client_id,
        id,
        issued_at: claims.iat,
    };
    Ok(app
        .stores
        .deny_list
        .is_denied(facts, app.clock.now())
        .await?)
}

impl FromRequestParts<App> for SessionBearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let token = BearerToken::read(&parts.headers)?.ok_or(Code::TokenMissing)?;
        Self::verify(app, &token).await
    }
}
