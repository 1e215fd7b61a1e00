//! `POST /auth/logout`: ends one session, and says 204 whatever was left of it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use signet_flows::origin::RequestOrigin;

use super::delivery::{clearing_cookie, cookie};
use super::refresh::RefreshRequest;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{BearerToken, JsonBody, TrustedOrigin};

/// Ends one session.
///
/// 204, and the cookie is cleared unless the token came in the body.
///
/// The token in the body is taken first, then the cookie, then the bearer token: a browser sends
/// the cookie by itself, so the body is the more deliberate.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "Accounts",
    request_body = Option<RefreshRequest>,
    security((), ("refresh_cookie" = []), ("bearer" = [])),
    responses(
        (status = 204, description = "Signed out"),
        (status = 403, description = "csrf_rejected"),
    )
)]
pub(crate) async fn logout(
    State(app): State<App>,
    origin: RequestOrigin,
    headers: HeaderMap,
    body: Option<JsonBody<RefreshRequest>>,
) -> ApiResult<Response> {
    let bearer = BearerToken::read(&headers)?;
    let done = StatusCode::NO_CONTENT.into_response();
    if let Some(token) = body.and_then(|JsonBody(request)| request.refresh_token) {
        let ended = app.flows.sign_out_by_refresh_token(&token, &origin);
        ended.await?;
        return Ok(done);
    }
    let trusted = TrustedOrigin::check(&headers, &app.settings)?;
    match (cookie(&app.settings).read(&headers, trusted)?, bearer) {
        (Some(token), _) => {
            let ended = app.flows.sign_out_by_refresh_token(&token, &origin);
            ended.await?;
        }
        (None, Some(BearerToken(token))) => {
            let ended = app.flows.sign_out_by_access_token(token.expose(), &origin);
            ended.await?;
        }
        (None, None) => {}
    }
    Ok(clearing_cookie(&app.settings, done))
}
