//! The answer to a sign-in and to a refresh: an access token, and a refresh token in the cookie or
//! in the body.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use signet_core::ids::SessionId;
use signet_core::second_factor::RecoveryCode;
use signet_core::secret::SecretText;
use signet_flows::session_tokens::SessionTokens;
use signet_flows::step_up::SteppedUp;
use utoipa::ToSchema;

use super::delivery::Delivery;
use crate::app::App;
use crate::extract::{DEVICE_HEADER, device_cookie, device_header};
use crate::openapi::shapes;
use crate::views::AccountView;

/// The tokens of a session, and its account.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenResponse<'a> {
    #[schema(value_type = shapes::AccessToken)]
    access_token: &'a str,
    /// `Bearer`
    token_type: &'static str,
    /// Lifetime of the access token, in seconds.
    expires_in: u64,
    /// Left out if it is in the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::RefreshToken>, nullable = false)]
    refresh_token: Option<&'a str>,
    /// Time until the session ends if it is not refreshed, in seconds.
    refresh_expires_in: u64,
    #[schema(value_type = shapes::SessionId)]
    session_id: SessionId,
    account: AccountView,
    /// After a sign-in that has enrolled an authenticator app: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, nullable = false)]
    recovery_codes: Option<Vec<String>>,
}

/// A session that began, and what is shown with its tokens.
#[derive(Debug)]
pub(super) struct BegunSession {
    pub(super) tokens: SessionTokens,
    /// The token of the device.
    pub(super) device: SecretText,
    /// The recovery codes of an app that was enrolled with it.
    pub(super) recovery_codes: Option<Vec<RecoveryCode>>,
}

/// Renders the tokens of a session that was refreshed.
pub(super) fn render(
    tokens: SessionTokens,
    status: StatusCode,
    delivery: Delivery,
    app: &App,
) -> Response {
    render_for((tokens, None), status, delivery, app)
}

/// Renders the tokens of a session that began, and that of the device.
pub(super) fn render_begun(
    begun: BegunSession,
    status: StatusCode,
    delivery: Delivery,
    app: &App,
) -> Response {
    let codes = begun.recovery_codes;
    let codes = codes.map(|codes| codes.iter().map(RecoveryCode::expose).collect());
    let mut response = render_for((begun.tokens, codes), status, delivery, app);
    let (name, value) = match delivery {
        Delivery::Cookie(_) => (SET_COOKIE, device_cookie(&begun.device, app)),
        Delivery::Body => (DEVICE_HEADER, device_header(&begun.device)),
    };
    if let Some(value) = value {
        response.headers_mut().append(name, value);
    }
    response
}

fn render_for(
    (tokens, recovery_codes): (SessionTokens, Option<Vec<String>>),
    status: StatusCode,
    delivery: Delivery,
    app: &App,
) -> Response {
    let remaining = tokens.refresh_expires_in;
    let cookies = delivery.set_cookies(&app.settings, &tokens);
    let body = TokenResponse {
        access_token: tokens.access.text.expose(),
        token_type: "Bearer",
        expires_in: tokens.access.expires_in_seconds,
        refresh_token: cookies.is_empty().then(|| tokens.refresh.expose()),
        refresh_expires_in: remaining.as_secs(),
        session_id: tokens.session.id,
        account: tokens.account.into(),
        recovery_codes,
    };
    let mut response = (status, Json(body)).into_response();
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Renders the access token of a session that was stepped up. The refresh token stays the same.
pub(super) fn render_stepped_up(stepped_up: SteppedUp) -> Response {
    let body = TokenResponse {
        access_token: stepped_up.access.text.expose(),
        token_type: "Bearer",
        expires_in: stepped_up.access.expires_in_seconds,
        refresh_token: None,
        refresh_expires_in: stepped_up.refresh_expires_in.as_secs(),
        session_id: stepped_up.session.id,
        account: stepped_up.account.into(),
        recovery_codes: None,
    };
    Json(body).into_response()
}
