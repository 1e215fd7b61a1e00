//! Token exchange: a service exchanges the token that it was called with for one that it can send
//! to another service, RFC 8693.

use axum::response::Response;
use signet_flows::authenticate_client::AuthenticatedClient;

use super::answer::{Beside, answer};
use crate::app::App;
use crate::error::{OAuthResult, ProtocolError};
use crate::extract::Form;

/// Returns a token for the same subject, with at most the same scopes, other audiences, and the
/// client as its actor.
pub(super) async fn token_exchange(
    app: &App,
    client: &AuthenticatedClient,
    form: &Form,
) -> OAuthResult<Response> {
    let text = form.require("subject_token")?;
    if form.require("subject_token_type")? != ACCESS_TOKEN {
        return Err(ProtocolError::InvalidRequest
            .because("subject_token_type must be that of an access token"));
    }
    let requested = form.get("requested_token_type");
    if requested.is_some_and(|requested| requested != ACCESS_TOKEN) {
        return Err(ProtocolError::InvalidRequest
            .because("requested_token_type must be that of an access token"));
    }
    if form.get("actor_token").is_some() || form.get("actor_token_type").is_some() {
        return Err(ProtocolError::InvalidRequest
            .because("actor_token is not supported; the client itself is the actor"));
    }
    let targets = form.targets();
    let exchanged = app.flows.exchange(client, text, form.asks_for(&targets));
    let granted = exchanged.await?;
    let beside = Beside {
        refresh_token: None,
        id_token: None,
        issued_token_type: Some(ACCESS_TOKEN),
    };
    Ok(answer(&granted.access, &granted.scope, &beside))
}

/// RFC 8693 section 3.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
