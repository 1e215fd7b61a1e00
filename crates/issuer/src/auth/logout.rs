//! `POST /auth/logout`: ends one session and answers 204 even if it had already ended.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use signet_core::secret::SecretText;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use super::delivery::{clearing_cookie, cookie_token};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{BearerToken, Fields, FromFields, JsonBody, TrustedOrigin, secret};

/// `{refresh_token}`, or nothing beside the cookie or a bearer token.
#[derive(Debug, Default, ToSchema)]
pub(crate) struct LogoutRequest {
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretText>,
}

impl FromFields for LogoutRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            refresh_token: fields.optional("refresh_token", secret)?,
        })
    }
}

/// Ends one session.
///
/// Answers 204, and the cookie is cleared unless the token came in the body.
///
/// If the request has several tokens, the body comes first, then the cookie, then the bearer
/// token: a browser always sends the cookie, so a token in the body is the more deliberate choice.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "Accounts",
    request_body = Option<LogoutRequest>,
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
    body: Option<JsonBody<LogoutRequest>>,
) -> ApiResult<Response> {
    let bearer = BearerToken::read(&headers)?;
    let done = StatusCode::NO_CONTENT.into_response();
    if let Some(token) = body.and_then(|JsonBody(request)| request.refresh_token) {
        let ended = app.flows.sign_out_by_refresh_token(&token, &origin);
        ended.await?;
        return Ok(done);
    }
    let trusted = TrustedOrigin::check(&headers, &app.settings)?;
    match (cookie_token(&app, &headers, trusted)?, bearer) {
        (Some(token), _) => {
            let ended = app.flows.sign_out_by_refresh_token(&token.text, &origin);
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
