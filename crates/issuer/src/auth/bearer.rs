//! The bearer of an access token that opens `/auth`: one of ours, of a session, not denied.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::ACCOUNT_SCOPE;
use signet_flows::OwnToken;
use signet_store::Credentials;

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
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
    pub(crate) async fn verify(app: &App, token: &BearerToken) -> ApiResult<Self> {
        let token = OwnToken::verify(&app.flows, token.0.expose())?;
        let bearer = Self::of(&token)?;
        if token.is_denied(&app.flows).await? {
            return Err(Code::SessionEnded.into());
        }
        Ok(bearer)
    }

    /// The account behind the token, with its password hash.
    ///
    /// # Errors
    ///
    /// `session_ended` when there is no such account any more.
    pub(crate) async fn account(self, app: &App) -> ApiResult<Credentials> {
        let found = app.flows.stores.accounts.by_id(self.account_id).await?;
        found.ok_or_else(|| Code::SessionEnded.into())
    }

    fn of(token: &OwnToken) -> ApiResult<Self> {
        token.claims.require_scope(ACCOUNT_SCOPE)?;
        match (token.account_id, token.session_id, &token.claims.act) {
            (Some(account_id), Some(session_id), None) => Ok(Self {
                account_id,
                session_id,
            }),
            _ => Err(ApiError::insufficient_scope()),
        }
    }
}

/// The same bearer, who wants everything of the account to end: the one request that is served
/// too while nobody can say whether the token is denied.
///
/// Ending is the safe direction, and a session store that is down must not keep a person from it:
/// the epoch is in the database, so the ending can be made durable without that store, and the
/// records and denials follow when it is back. While the store answers, a denied token is refused
/// as everywhere. While it does not, a token that was denied within its last minutes can do this
/// much: end the sessions of its own account. A new password and the deletion of the account ask
/// for the password besides, and a session that was over is not kept by it (see
/// [`KeptSession::since`](signet_core::account::KeptSession::since)).
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndingBearer(pub(super) SessionBearer);

impl FromRequestParts<App> for SessionBearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let token = BearerToken::demand(&parts.headers)?;
        Self::verify(app, &token).await
    }
}

impl FromRequestParts<App> for EndingBearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let token = BearerToken::demand(&parts.headers)?;
        let token = OwnToken::verify(&app.flows, token.0.expose())?;
        let bearer = SessionBearer::of(&token)?;
        match token.is_denied(&app.flows).await {
            Ok(true) => return Err(Code::SessionEnded.into()),
            Ok(false) => {}
            Err(error) => tracing::warn!(
                %error, account.id = %bearer.account_id,
                "everything of an account is to end, and the deny list cannot be read"
            ),
        }
        Ok(Self(bearer))
    }
}
