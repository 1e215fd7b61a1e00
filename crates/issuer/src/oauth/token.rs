//! `POST /oauth/token`: one endpoint, a file for each grant.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use signet_core::client::GrantType;
use signet_flows::origin::RequestOrigin;

use super::answer::TokenAnswer;
use super::authorization_code::authorization_code;
use super::client_credentials::client_credentials;
use super::client_proof::credentials;
use super::described::TokenForm;
use super::device_code::device_code;
use super::refresh_token::refresh_token;
use super::token_exchange::token_exchange;
use crate::app::App;
use crate::error::{OAuthResult, ProtocolError};
use crate::extract::Form;

/// Issues an access token.
///
/// Answers 200 with a token, or an error of RFC 6749 section 5.2.
#[utoipa::path(
    post,
    path = "/oauth/token",
    tag = "OAuth 2.0",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    security(("client_secret_basic" = []), ()),
    responses(
        (status = 200, description = "Issued", body = TokenAnswer<'_>),
        (
            status = 400,
            description = "invalid_grant, unauthorized_client, unsupported_grant_type, \
                           invalid_scope, invalid_target, authorization_pending, slow_down, \
                           access_denied, expired_token"
        ),
        (status = 401, description = "invalid_client"),
    )
)]
pub(crate) async fn token(
    State(app): State<App>,
    origin: RequestOrigin,
    headers: HeaderMap,
    form: Form,
) -> OAuthResult<Response> {
    let grant = form.require("grant_type")?.parse::<GrantType>();
    let grant = grant
        .map_err(|unknown| ProtocolError::UnsupportedGrantType.because(unknown.to_string()))?;
    let shown = credentials(&headers, &form)?;
    let client = app
        .flows
        .authenticate_client_for(grant, &shown, &origin)
        .await?;
    match grant {
        GrantType::AuthorizationCode => authorization_code(&app, &client, &form, &origin).await,
        GrantType::ClientCredentials => client_credentials(&app, &client, &form).await,
        GrantType::DeviceCode => device_code(&app, &client, &form, &origin).await,
        GrantType::RefreshToken => refresh_token(&app, &client, &form, &origin).await,
        GrantType::TokenExchange => token_exchange(&app, &client, &form).await,
    }
}
