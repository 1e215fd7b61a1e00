//! Token exchange: a service that was called with a token gets one for the service behind it,
//! RFC 8693.

use axum::response::Response;
use signet_core::access_token::{AccessTokenClaims, SessionClaims, Subject, Validity};
use signet_core::client::{Client, Exchanged, exchange};
use signet_core::names::{ClientId, Role};
use signet_flows::OwnToken;

use super::answer::{Beside, answer, sign};
use super::error::{OAuthError, OAuthResult, ProtocolError};
use super::form::Form;
use crate::app::App;

/// A token for the same subject with less scope, other audiences, and the client as its actor.
pub(super) async fn token_exchange(
    app: &App,
    client: &Client,
    form: &Form,
) -> OAuthResult<Response> {
    let text = form.require("subject_token")?;
    if form.require("subject_token_type")? != ACCESS_TOKEN {
        return Err(ProtocolError::InvalidRequest
            .because("subject_token_type has to be that of an access token"));
    }
    let requested = form.get("requested_token_type");
    if requested.is_some_and(|requested| requested != ACCESS_TOKEN) {
        return Err(
            ProtocolError::InvalidRequest.because("only access tokens are given for a token")
        );
    }
    if form.get("actor_token").is_some() || form.get("actor_token_type").is_some() {
        return Err(ProtocolError::InvalidRequest
            .because("the actor is the client itself; an actor_token is not taken"));
    }
    let subject = OwnToken::verify(&app.flows, text).map_err(|_| bad_subject())?;
    if subject.is_denied(&app.flows).await? {
        return Err(bad_subject());
    }
    let targets = form.targets();
    let exchanged = exchange(client, &subject.claims, form.get("scope"), targets.borrow())?;
    issue(app, client, &subject, &exchanged)
}

fn issue(
    app: &App,
    client: &Client,
    subject: &OwnToken,
    exchanged: &Exchanged,
) -> OAuthResult<Response> {
    let now = app.flows.clock.now();
    let claims = &subject.claims;
    let roles: Vec<Role> = claims.roles.iter().flat_map(|role| role.parse()).collect();
    let subject_client = claims.sub.parse::<ClientId>().ok();
    let named = match (subject.account_id, &subject_client) {
        (Some(account_id), _) => Subject::Account(account_id),
        (None, Some(client_id)) => Subject::Client(client_id),
        (None, None) => return Err(bad_subject()),
    };
    let session = subject.session_id.map(|id| SessionClaims {
        id,
        authenticated_at: claims.auth_time.unwrap_or_default(),
        amr: &claims.amr,
    });
    let issued = AccessTokenClaims {
        issuer: app.settings.public_url.as_str(),
        subject: named,
        audience: &exchanged.audience,
        client_id: &client.id,
        session,
        scope: &exchanged.scope,
        roles: &roles,
        actors: &exchanged.actors,
    };
    let ttl = client.access_token_ttl(app.settings.access_token_ttl);
    let validity = Validity::starting(now, ttl).ending_by(claims.exp);
    let token = sign(app, &issued, validity, now)?;
    let beside = Beside {
        refresh_token: None,
        issued_token_type: Some(ACCESS_TOKEN),
    };
    Ok(answer(&token, &exchanged.scope, &beside))
}

/// RFC 8693 section 2.2.2: `invalid_request`, whatever is wrong with the token.
fn bad_subject() -> OAuthError {
    ProtocolError::InvalidRequest.because("the subject token is not good here")
}

/// RFC 8693 section 3.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
