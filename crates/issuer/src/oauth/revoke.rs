//! `POST /oauth/revoke`: a client revokes one of its tokens, RFC 7009.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use signet_core::limits::Limit;
use signet_flows::authenticate_client::Admit;
use signet_flows::origin::RequestOrigin;

use super::client_proof::credentials;
use super::described::TokenToRevoke;
use crate::app::App;
use crate::error::OAuthResult;
use crate::extract::Form;

/// Revokes a token, RFC 7009.
///
/// Answers 200 also if the token was not valid, or an error if the token was issued to another
/// client.
///
/// The server ignores `token_type_hint`: it can tell the two kinds of token apart.
#[utoipa::path(
    post,
    path = "/oauth/revoke",
    tag = "OAuth 2.0",
    request_body(content = TokenToRevoke, content_type = "application/x-www-form-urlencoded"),
    security(("client_secret_basic" = []), ()),
    responses(
        (status = 200, description = "Revoked, or not valid before"),
        (status = 400, description = "unauthorized_client"),
        (status = 401, description = "invalid_client"),
    )
)]
pub(crate) async fn revoke(
    State(app): State<App>,
    origin: RequestOrigin,
    headers: HeaderMap,
    form: Form,
) -> OAuthResult<StatusCode> {
    let shown = credentials(&headers, &form)?;
    let client = app
        .flows
        .authenticate_client_within(Limit::Revoke, &shown, Admit::Public, &origin)
        .await?;
    let token = form.require("token")?;
    app.flows.revoke(&client, token, &origin).await?;
    Ok(StatusCode::OK)
}
