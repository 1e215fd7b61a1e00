//! The bearer of a token that opens `/admin`: a program's or the command line's, never a person's.

use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use signet_core::names::ADMIN_SCOPE;
use signet_flows::own_token::{self, OwnToken};
use signet_verifier::Policy;

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::BearerToken;

/// Whoever may administer. Only the check makes one.
#[derive(Clone, Debug)]
pub(crate) struct Administrator {
    subject: String,
}

impl Administrator {
    /// Writes down what has been changed, and by whom.
    pub(super) fn note(&self, event: &'static str, target: &dyn fmt::Display) {
        tracing::info!(
            event.name = event, admin.subject = %self.subject, admin.target = %target,
            "an administrator changed something"
        );
    }

    async fn verify(app: &App, token: &BearerToken) -> ApiResult<Self> {
        let issuer = app.settings.public_url.as_str();
        let policy = Policy::new(issuer, ADMIN_SCOPE)
            .require_scope(ADMIN_SCOPE)
            .leeway(own_token::LEEWAY);
        let token = OwnToken::verify_by(&app.flows, token.0.expose(), policy)?;
        // Whoever signs in with some client has the scopes of that client: not enough here.
        if token.account_id.is_some() || token.claims.act.is_some() {
            return Err(ApiError::insufficient_scope());
        }
        if token.is_denied(&app.flows).await? {
            return Err(Code::SessionEnded.into());
        }
        Ok(Self {
            subject: token.claims.sub,
        })
    }
}

impl FromRequestParts<App> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let token = BearerToken::demand(&parts.headers)?;
        Self::verify(app, &token).await
    }
}
