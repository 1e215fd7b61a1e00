//! The grant `authorization_code`: a client redeems a code, RFC 6749 section 4.1.3.

use axum::response::Response;
use signet_flows::authenticate_client::AuthenticatedClient;
use signet_flows::grants::ShownCode;
use signet_flows::origin::RequestOrigin;

use super::answer::first_tokens;
use crate::app::App;
use crate::error::OAuthResult;
use crate::extract::Form;

/// Returns the first tokens of a session. The access token may have fewer scopes and audiences than
/// the session.
pub(super) async fn authorization_code(
    app: &App,
    client: &AuthenticatedClient,
    form: &Form,
    origin: &RequestOrigin,
) -> OAuthResult<Response> {
    let shown = ShownCode {
        code: form.require("code")?,
        redirect_uri: form.require("redirect_uri")?,
        verifier: form.require("code_verifier")?,
    };
    let targets = form.targets();
    let asked = form.asks_for(&targets);
    let redeemed = app.flows.redeem_code(client, shown, asked, origin);
    Ok(first_tokens(redeemed.await?))
}
