//! The grant `client_credentials`: a program asks for itself, RFC 6749 section 4.4.

use axum::response::Response;
use signet_core::access_token::{AccessTokenClaims, Subject, Validity};
use signet_core::client::{Client, narrow_audience, narrow_scope};

use super::answer::{Beside, answer, sign};
use super::error::OAuthResult;
use super::form::Form;
use crate::app::App;

/// A token for the scopes and services that are asked for, or for all that the client may have.
pub(super) fn client_credentials(app: &App, client: &Client, form: &Form) -> OAuthResult<Response> {
    let permissions = &client.permissions;
    let scope = narrow_scope(form.get("scope"), &permissions.scopes)?;
    let targets = form.targets();
    let audience = narrow_audience(targets.borrow(), &permissions.audiences)?;
    let claims = AccessTokenClaims {
        issuer: app.settings.public_url.as_str(),
        subject: Subject::Client(&client.id),
        audience: &audience,
        client_id: &client.id,
        session: None,
        scope: &scope,
        roles: &[],
        actors: &[],
    };
    let now = app.flows.clock.now();
    let ttl = client.access_token_ttl(app.settings.access_token_ttl);
    let token = sign(app, &claims, Validity::starting(now, ttl), now)?;
    Ok(answer(&token, &scope, &Beside::default()))
}
