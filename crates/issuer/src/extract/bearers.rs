//! Authenticated bearers as arguments of handlers; flows check the bearer token.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use signet_flows::administrator::Administrator;
use signet_flows::bearer::{EndingBearer, SessionBearer};

use super::BearerToken;
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};

impl FromRequestParts<App> for SessionBearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let BearerToken(token) = BearerToken::demand(&parts.headers)?;
        Ok(app.flows.authenticate_bearer(token.expose()).await?)
    }
}

impl FromRequestParts<App> for EndingBearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let BearerToken(token) = BearerToken::demand(&parts.headers)?;
        let bearer = app.flows.authenticate_ending_bearer(token.expose());
        Ok(bearer.await?)
    }
}

impl FromRequestParts<App> for Administrator {
    type Rejection = ApiError;

    /// Returns the administrator that the layer of the route has authenticated.
    async fn from_request_parts(parts: &mut Parts, _: &App) -> ApiResult<Self> {
        let administrator = parts.extensions.get::<Self>().cloned();
        administrator.ok_or_else(|| Code::TokenMissing.into())
    }
}
