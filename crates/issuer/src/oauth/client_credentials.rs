//! The grant `client_credentials`: a client gets a token for itself, RFC 6749 section 4.4.

use axum::response::Response;
use signet_flows::authenticate_client::AuthenticatedClient;

use super::answer::{Beside, answer};
use crate::app::App;
use crate::error::OAuthResult;
use crate::extract::Form;

/// Returns a token for the requested scopes and services; for all that the client may have if the
/// request names none.
pub(super) async fn client_credentials(
    app: &App,
    client: &AuthenticatedClient,
    form: &Form,
) -> OAuthResult<Response> {
    let targets = form.targets();
    let granted = app
        .flows
        .client_credentials(client, form.asks_for(&targets))
        .await?;
    Ok(answer(&granted.access, &granted.scope, &Beside::default()))
}
