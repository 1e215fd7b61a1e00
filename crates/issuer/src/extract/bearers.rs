//! Authenticated bearers as arguments of handlers; flows check the bearer token.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use signet_flows::administrator::Administrator;
use signet_flows::bearer::{EndingBearer, SessionBearer};
use signet_flows::origin::{Caller, RequestOrigin};

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

/// An administrator, and where the request comes from.
pub(crate) struct AdminRequest {
    administrator: Administrator,
    origin: RequestOrigin,
}

impl AdminRequest {
    /// The administrator as the caller of a flow.
    pub(crate) fn caller(&self) -> Caller<'_> {
        self.administrator.caller(&self.origin)
    }
}

impl FromRequestParts<App> for AdminRequest {
    type Rejection = ApiError;

    /// Returns the administrator that the layer of the route has authenticated.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let Ok(origin) = RequestOrigin::from_request_parts(parts, app).await;
        let administrator = parts.extensions.get().cloned();
        let administrator = administrator.ok_or(Code::TokenMissing)?;
        Ok(Self {
            administrator,
            origin,
        })
    }
}
