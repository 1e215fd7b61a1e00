//! `POST /auth/refresh`: the newest tokens of a session, for one of its refresh tokens.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use signet_core::secret::SecretText;
use signet_flows::origin::RequestOrigin;
use signet_flows::refresh::RefreshAs;
use utoipa::ToSchema;

use super::delivery::{Delivery, clearing_cookie, cookie};
use super::token_response::{self, TokenResponse};
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::{Fields, FromFields, JsonBody, TrustedOrigin, secret};

/// `{refresh_token}`, or nothing beside the cookie.
#[derive(Debug, Default, ToSchema)]
pub(crate) struct RefreshRequest {
    #[schema(value_type = Option<String>)]
    pub(super) refresh_token: Option<SecretText>,
}

impl FromFields for RefreshRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            refresh_token: fields.optional("refresh_token", secret)?,
        })
    }
}

/// Exchanges a refresh token for the newest tokens of its session.
///
/// 200 with a token response, delivered the way the refresh token came, or `session_ended`.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "Accounts",
    request_body = Option<RefreshRequest>,
    security((), ("refresh_cookie" = [])),
    responses(
        (
            status = 200,
            description = "The newest tokens",
            body = TokenResponse<'_>,
            headers(("Set-Cookie" = String, description = "The refresh token, if it travels so"))
        ),
        (status = 401, description = "token_missing, session_ended"),
        (status = 403, description = "csrf_rejected"),
    )
)]
pub(crate) async fn refresh(
    State(app): State<App>,
    origin: RequestOrigin,
    headers: HeaderMap,
    body: Option<JsonBody<RefreshRequest>>,
) -> ApiResult<Response> {
    let (text, delivery) = presented(&app, &headers, body)?;
    let refreshed = app.flows.refresh(&text, RefreshAs::FirstParty, &origin);
    match (refreshed.await.map_err(ApiError::from), delivery) {
        (Ok(tokens), _) => Ok(token_response::render(
            tokens,
            StatusCode::OK,
            delivery,
            &app,
        )),
        (Err(error), Delivery::Cookie(_)) if error.code() == Code::SessionEnded => {
            Ok(clearing_cookie(&app.settings, error.into_response()))
        }
        (Err(error), _) => Err(error),
    }
}

/// The one refresh token of the request, and the way back.
fn presented(
    app: &App,
    headers: &HeaderMap,
    body: Option<JsonBody<RefreshRequest>>,
) -> ApiResult<(SecretText, Delivery)> {
    let in_body = body.and_then(|JsonBody(request)| request.refresh_token);
    let origin = match &in_body {
        Some(_) if !cookie(&app.settings).is_sent(headers) => None,
        _ => Some(TrustedOrigin::check(headers, &app.settings)?),
    };
    let in_cookie = match origin {
        Some(origin) => cookie(&app.settings)
            .read(headers, origin)?
            .map(|text| (text, origin)),
        None => None,
    };
    match (in_body, in_cookie) {
        (Some(text), None) => Ok((text, Delivery::Body)),
        (None, Some((text, origin))) => Ok((text, Delivery::Cookie(origin))),
        (None, None) => Err(ApiError::from(Code::TokenMissing)
            .detail("a refresh token is required, in the cookie or as refresh_token")),
        (Some(_), Some(_)) => Err(ApiError::from(Code::InvalidRequest)
            .detail("one refresh token at a time: in the cookie or in the body, not both")),
    }
}
