//! `POST /oauth/device_authorization`: a device without a browser gets its codes, RFC 8628 section
//! 3.1.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use signet_core::client::GrantType;
use signet_flows::authorize::{DEVICE_CODE_TTL, POLL_INTERVAL};
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use super::client_proof::credentials;
use super::described::DeviceAuthorizationForm;
use crate::app::App;
use crate::error::OAuthResult;
use crate::extract::Form;

/// The codes of a device, RFC 8628 section 3.2.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceAuthorization {
    /// The secret that the device polls `/oauth/token` with.
    device_code: String,
    /// What the person types, such as `WDJB-MJHT`.
    user_code: String,
    /// The page where the person types it.
    verification_uri: String,
    /// The same page with the code filled in, for a QR code or a link.
    verification_uri_complete: String,
    /// How long the codes can be used, in seconds.
    expires_in: u64,
    /// How long the device waits between two requests for tokens, in seconds.
    interval: u64,
}

/// Begins a sign-in for a device.
///
/// The client authenticates as at `/oauth/token`. The device shows `user_code` and
/// `verification_uri`, and polls `/oauth/token` until the person has decided.
#[utoipa::path(
    post,
    path = "/oauth/device_authorization",
    tag = "OAuth 2.0",
    request_body(content = DeviceAuthorizationForm, content_type = "application/x-www-form-urlencoded"),
    security(("client_secret_basic" = []), ()),
    responses(
        (status = 200, description = "The codes", body = DeviceAuthorization),
        (status = 400, description = "unauthorized_client, invalid_scope, invalid_target"),
        (status = 401, description = "invalid_client"),
    )
)]
pub(crate) async fn authorize_device(
    State(app): State<App>,
    origin: RequestOrigin,
    headers: HeaderMap,
    form: Form,
) -> OAuthResult<Json<DeviceAuthorization>> {
    let shown = credentials(&headers, &form)?;
    let flows = &app.flows;
    let client = flows
        .authenticate_client_for(GrantType::DeviceCode, &shown, &origin)
        .await?;
    let targets = form.targets();
    let asked = form.asks_for(&targets);
    let codes = flows.begin_device_request(&client, (asked.scope, asked.targets));
    let codes = codes.await?;
    let verification_uri = format!("{}/device", app.settings.public_url);
    let user_code = codes.user_code.to_string();
    Ok(Json(DeviceAuthorization {
        device_code: codes.device_code.expose().to_owned(),
        verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
        user_code,
        verification_uri,
        expires_in: DEVICE_CODE_TTL.as_secs(),
        interval: POLL_INTERVAL.as_secs(),
    }))
}
