//! The grant `device_code`: a device asks for its tokens, RFC 8628 section 3.4.

use axum::response::Response;
use signet_flows::authenticate_client::AuthenticatedClient;
use signet_flows::origin::RequestOrigin;

use super::answer::first_tokens;
use crate::app::App;
use crate::error::OAuthResult;
use crate::extract::Form;

/// Returns the first tokens of a session, after the person has allowed it. The access token may have
/// fewer scopes and audiences than the session.
pub(super) async fn device_code(
    app: &App,
    client: &AuthenticatedClient,
    form: &Form,
    origin: &RequestOrigin,
) -> OAuthResult<Response> {
    let code = form.require("device_code")?;
    let targets = form.targets();
    let asked = form.asks_for(&targets);
    let redeemed = app.flows.redeem_device_code(client, code, asked, origin);
    Ok(first_tokens(redeemed.await?))
}
