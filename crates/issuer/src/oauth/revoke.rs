//! `POST /oauth/revoke`: a client gives a token back, RFC 7009.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use signet_core::client::Client;
use signet_core::session::{RefreshToken, denied_until};
use signet_flows::OwnToken;
use signet_flows::end::end_session;
use signet_store::Denied;

use super::authenticate::{Admit, authenticate};
use super::described::TokenToRevoke;
use super::error::{OAuthError, OAuthResult, ProtocolError};
use super::form::Form;
use crate::app::App;

/// Takes a token back, RFC 7009.
///
/// 200 whether there was something to revoke or not, and an error for another client's token.
///
/// The hint `token_type_hint` is not needed: the two kinds of token cannot be mistaken.
#[utoipa::path(
    post,
    path = "/oauth/revoke",
    tag = "OAuth 2.0",
    request_body(content = TokenToRevoke, content_type = "application/x-www-form-urlencoded"),
    security(("client_secret_basic" = []), ()),
    responses(
        (status = 200, description = "Revoked, or worth nothing before"),
        (status = 400, description = "unauthorized_client"),
        (status = 401, description = "invalid_client"),
    )
)]
pub(crate) async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    form: Form,
) -> OAuthResult<StatusCode> {
    let client = authenticate(&app, &headers, &form, Admit::Public).await?;
    let token = form.require("token")?;
    let refresh_token = RefreshToken::read(token, &app.flows.keys().mac);
    match (refresh_token, OwnToken::verify(&app.flows, token)) {
        (Ok(token), _) => revoke_session(&app, &client, &token).await?,
        (Err(_), Ok(token)) => revoke_access_token(&app, &client, &token).await?,
        (Err(_), Err(_)) => {}
    }
    Ok(StatusCode::OK)
}

/// Ends the session of a refresh token, however old the token is.
async fn revoke_session(app: &App, client: &Client, token: &RefreshToken) -> OAuthResult<()> {
    let now = app.flows.clock.now();
    let (account_id, id) = (token.account_id, token.handle.session_id());
    let Some(session) = app.flows.stores.sessions.find(account_id, id, now).await? else {
        return Ok(());
    };
    if session.grant.client_id != client.id {
        return Err(not_yours());
    }
    end_session(&app.flows, account_id, id).await?;
    Ok(())
}

/// Ends the session that the token was issued for, or, when it belongs to none or was exchanged
/// for one of another client, denies this token alone.
async fn revoke_access_token(app: &App, client: &Client, token: &OwnToken) -> OAuthResult<()> {
    if token.client_id != client.id {
        return Err(not_yours());
    }
    let is_exchanged = token.claims.act.is_some();
    match (token.account_id, token.session_id) {
        (Some(account_id), Some(id)) if !is_exchanged => {
            end_session(&app.flows, account_id, id).await?;
        }
        _ => {
            let denied = Denied::Token(token.id);
            let denied_until = denied_until(app.flows.clock.now());
            app.flows
                .stores
                .deny_list
                .deny(&denied, denied_until)
                .await?;
        }
    }
    Ok(())
}

/// RFC 7009 section 2.1: refused, and the client is told.
fn not_yours() -> OAuthError {
    ProtocolError::UnauthorizedClient.because("the token was issued to another client")
}
