//! The answer to a sign-in and to a refresh: an access token, and a refresh token one way or
//! the other.

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use signet_core::access_token::{self, AccessToken, AccessTokenClaims, Validity};
use signet_core::account::Account;
use signet_core::ids::{SessionId, TokenId};
use signet_core::keys::SigningKey;
use signet_core::names::{Audience, Scope};
use signet_core::secret::SecretText;
use signet_core::session::{RefreshToken, Session, SessionHandle};
use signet_flows::random::system_rng;
use signet_verifier::Timestamp;
use utoipa::ToSchema;

use super::account_view::AccountView;
use super::delivery::Delivery;
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::openapi::shapes;

/// The *token response* of the HTTP contract.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenResponse<'a> {
    #[schema(value_type = shapes::AccessToken)]
    access_token: &'a str,
    /// `Bearer`
    token_type: &'static str,
    /// Lifetime of the access token, in seconds.
    expires_in: u64,
    /// Left out when it is in the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::RefreshToken>, nullable = false)]
    refresh_token: Option<&'a str>,
    /// Until the session ends if it is not refreshed, in seconds.
    refresh_expires_in: u64,
    #[schema(value_type = shapes::SessionId)]
    session_id: SessionId,
    account: AccountView,
}

/// A session whose newest tokens are to be handed out at `now`.
#[derive(Debug)]
pub(crate) struct SignedIn {
    /// The record as it stands in the store.
    pub(crate) session: Session,
    /// What only the holders of its tokens know.
    pub(super) handle: SessionHandle,
    /// The account as it was read beside the session.
    pub(super) account: Account,
    /// The time that the session was begun or decided at.
    pub(super) now: Timestamp,
    /// How long the access token lives.
    pub(super) ttl: Duration,
}

/// The tokens of a session, to be handed out.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// The access token.
    pub(crate) access: AccessToken,
    /// The newest refresh token.
    pub(crate) refresh: SecretText,
}

impl SignedIn {
    /// Signs an access token with these scopes and audiences and writes the refresh token.
    pub(crate) fn tokens(
        &self,
        app: &App,
        scope: &[Scope],
        audience: &[Audience],
    ) -> ApiResult<Tokens> {
        let keys = app.flows.keys();
        let issuer = app.settings.public_url.as_str();
        let claims = AccessTokenClaims {
            scope,
            audience,
            ..AccessTokenClaims::of_session(issuer, &self.session, &self.account.roles)
        };
        let refresh = RefreshToken {
            account_id: self.session.account_id,
            handle: self.handle.clone(),
            generation: self.session.rotation.generation,
        };
        Ok(Tokens {
            access: self.issue(&claims, keys.signing.active_at(self.now))?,
            refresh: refresh.write(&keys.mac, self.session.rotation.rotated_at),
        })
    }

    /// Signs an access token, writes the refresh token and renders both.
    pub(super) fn respond(
        self,
        app: &App,
        status: StatusCode,
        delivery: Delivery,
    ) -> ApiResult<Response> {
        let grant = &self.session.grant;
        let tokens = self.tokens(app, &grant.scope, &grant.audience)?;
        let (access, refresh_token) = (tokens.access, tokens.refresh);
        let remaining = self
            .session
            .lifetime
            .expires_at()
            .saturating_since(self.now);
        let cookie = delivery.set_cookie(&app.settings, &refresh_token, remaining);
        let body = TokenResponse {
            access_token: access.text.expose(),
            token_type: "Bearer",
            expires_in: access.expires_in_seconds,
            refresh_token: cookie.is_none().then(|| refresh_token.expose()),
            refresh_expires_in: remaining.as_secs(),
            session_id: self.session.id,
            account: self.account.into(),
        };
        let mut response = (status, Json(body)).into_response();
        if let Some(cookie) = cookie {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        Ok(response)
    }

    fn issue(&self, claims: &AccessTokenClaims<'_>, key: &SigningKey) -> ApiResult<AccessToken> {
        // A token that outlived its session could no longer be denied with it.
        let validity =
            Validity::starting(self.now, self.ttl).ending_by(self.session.lifetime.expires_at());
        access_token::issue(claims, validity, TokenId::random(&mut system_rng()), key)
            .map_err(|error| ApiError::from(Code::Unavailable).because(error))
    }
}
