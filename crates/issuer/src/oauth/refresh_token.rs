//! The grant `refresh_token`: a session goes on at the client that it is bound to, RFC 6749
//! section 6.

use axum::response::Response;
use signet_core::client::{Client, narrow_audience, narrow_scope};
use signet_core::secret::SecretText;
use signet_core::session::Session;

use super::answer::{Beside, answer};
use super::error::{OAuthError, OAuthResult, ProtocolError};
use super::form::Form;
use crate::app::App;
use crate::auth::refresh_session;
use crate::error::Code;

/// The newest tokens of the session. The access token may have fewer scopes and audiences than
/// the session.
pub(super) async fn refresh_token(
    app: &App,
    client: &Client,
    form: &Form,
) -> OAuthResult<Response> {
    let text = SecretText::new(form.require("refresh_token")?.to_owned());
    let asked = form.get("scope");
    let targets = form.targets();
    let admit = |session: &Session, _: &Client| {
        if session.grant.client_id != client.id {
            return Err(ended());
        }
        narrow_scope(asked, &session.grant.scope)?;
        narrow_audience(targets.borrow(), &session.grant.audience)?;
        Ok(())
    };
    let refreshed = refresh_session::<OAuthError>(app, &text, admit).await;
    let signed_in = refreshed.map_err(|error| match error.code() {
        Some(Code::SessionEnded) => ended(),
        _ => error,
    })?;
    let scope = narrow_scope(asked, &signed_in.session.grant.scope)?;
    let audience = narrow_audience(targets.borrow(), &signed_in.session.grant.audience)?;
    let tokens = signed_in.tokens(app, &scope, &audience)?;
    let beside = Beside {
        refresh_token: Some(tokens.refresh),
        issued_token_type: None,
    };
    Ok(answer(&tokens.access, &scope, &beside))
}

/// One sentence, whatever the reason.
fn ended() -> OAuthError {
    ProtocolError::InvalidGrant.because("the refresh token is worth nothing to this client")
}
