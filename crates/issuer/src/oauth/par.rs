//! `POST /oauth/par`: a client sends its authorization request itself, RFC 9126.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use signet_core::authorization::AuthorizationRequest;
use signet_core::client::RedirectUri;
use signet_flows::authenticate_client::Admit;
use signet_flows::authorize::PUSHED_REQUEST_TTL;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use super::client_proof::credentials;
use super::described::ParForm;
use crate::app::App;
use crate::error::{OAuthResult, ProtocolError};
use crate::extract::{Form, PUSHED_PREFIX};

/// What names the request at `/oauth/authorize`, RFC 9126 section 2.2.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pushed {
    /// For one use.
    request_uri: String,
    /// How long it can be used, in seconds.
    expires_in: u64,
}

/// Accepts the authorization request of a client.
///
/// The client authenticates as at `/oauth/token` and sends the parameters of `/oauth/authorize`.
#[utoipa::path(
    post,
    path = "/oauth/par",
    tag = "OAuth 2.0",
    request_body(content = ParForm, content_type = "application/x-www-form-urlencoded"),
    security(("client_secret_basic" = []), ()),
    responses(
        (status = 201, description = "Accepted", body = Pushed),
        (
            status = 400,
            description = "invalid_request, unauthorized_client, invalid_scope, invalid_target, \
                           unsupported_response_type, request_not_supported"
        ),
        (status = 401, description = "invalid_client"),
    )
)]
pub(crate) async fn push_authorization_request(
    State(app): State<App>,
    origin: RequestOrigin,
    headers: HeaderMap,
    form: Form,
) -> OAuthResult<(StatusCode, Json<Pushed>)> {
    let shown = credentials(&headers, &form)?;
    let flows = &app.flows;
    let client = flows
        .authenticate_client(&shown, Admit::Pushing, &origin)
        .await?;
    // RFC 9126 section 2.1.
    if form.get("request_uri").is_some() {
        let text = "request_uri must be left out: this endpoint returns it";
        return Err(ProtocolError::InvalidRequest.because(text));
    }
    if client.sign_in.by_redirect.redirect_uris.is_empty() {
        let text = "this client does not use sign-in by redirect";
        return Err(ProtocolError::UnauthorizedClient.because(text));
    }
    let uri = form.require("redirect_uri")?.parse::<RedirectUri>().ok();
    let uri = uri.filter(|uri| client.sign_in.by_redirect.admit(uri));
    let unknown = || ProtocolError::InvalidRequest.because("redirect_uri is not registered");
    let uri = uri.ok_or_else(unknown)?;
    let targets = form.targets();
    let hint = form.get("id_token_hint");
    let hint = hint.map(|token| flows.subject_hint(&client.id, token));
    let sent = form.authorization(&targets, hint);
    let request = AuthorizationRequest::read(&client, uri, &sent, flows.clock.now())?;
    let token = flows.push_request(&client, &request).await?;
    let pushed = Pushed {
        request_uri: format!("{PUSHED_PREFIX}{}", token.expose()),
        expires_in: PUSHED_REQUEST_TTL.as_secs(),
    };
    Ok((StatusCode::CREATED, Json(pushed)))
}
