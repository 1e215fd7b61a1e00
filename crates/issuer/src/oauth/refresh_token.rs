//! The grant `refresh_token`: a client refreshes a session that is bound to it, RFC 6749
//! section 6.

use axum::response::Response;
use signet_core::secret::SecretText;
use signet_flows::authenticate_client::AuthenticatedClient;
use signet_flows::origin::RequestOrigin;
use signet_flows::refresh::RefreshAs;

use super::answer::{Beside, answer};
use crate::app::App;
use crate::error::OAuthResult;
use crate::extract::Form;

/// Returns the newest tokens of the session. The access token may have fewer scopes and audiences
/// than the session. With the scope `openid` there is an ID token.
pub(super) async fn refresh_token(
    app: &App,
    client: &AuthenticatedClient,
    form: &Form,
    origin: &RequestOrigin,
) -> OAuthResult<Response> {
    let text = SecretText::new(form.require("refresh_token")?.to_owned());
    let targets = form.targets();
    let refresh_as = RefreshAs::Client(client, form.asks_for(&targets));
    let tokens = app.flows.refresh(&text, refresh_as, origin).await?;
    let beside = Beside {
        id_token: app.flows.id_token_of_refresh(client, &tokens)?,
        refresh_token: Some(tokens.refresh),
        issued_token_type: None,
    };
    Ok(answer(&tokens.access, &tokens.scope, &beside))
}
