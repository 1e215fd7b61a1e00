//! `/forward-auth/{profile}`: tells a gateway whether a request may pass, and its identity.
//!
//! The gateway's configuration names the profile in the path. Of the client's request only the
//! `Authorization` header counts: the method, the rest of the path, the query, the body and all other
//! headers change nothing. This module must not know how gateways are configured.

mod identity;

use std::time::Duration;

use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Uri};
use signet_flows::OwnToken;
use signet_verifier::bearer_token;

use crate::app::App;
use crate::error::{GatewayRefusal, GatewayRefusalBody};
use identity::Identity;

/// Tells a gateway whether a request may pass, and its identity.
///
/// Answers 200 with the identity in headers, 401, 403 or 503. There are no other answers, because
/// gateways treat them as a failure of the server, and some treat every 2xx as permission. Every
/// method and every path below this one gets the same answer. Requests that are not valid HTTP/1.1
/// get an answer without a body before this: 400 without exactly one `Host`, 431 with more than 32
/// KiB of headers.
#[utoipa::path(
    get,
    path = "/forward-auth/{profile}",
    tag = "Gateways",
    params(("profile" = String, Path, description = "The profile that the gateway is configured with")),
    security(("bearer" = [])),
    extensions(("x-any-method" = json!(true))),
    responses(
        (status = 200, description = "The request may pass; the headers `X-Auth-...` hold the identity"),
        (status = 401, description = "The token is missing or not valid", body = GatewayRefusalBody),
        (status = 403, description = "The profile requires more than the token has", body = GatewayRefusalBody),
        (status = 503, description = "The token cannot be checked, or the profile does not exist", body = GatewayRefusalBody),
    )
)]
pub(crate) async fn forward_auth(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Identity, GatewayRefusal> {
    let profile = app.gateway_profiles.find(profile_name(uri.path()));
    let profile = profile.ok_or_else(GatewayRefusal::unknown_profile)?;
    let token = bearer_token(headers.get_all(AUTHORIZATION))?;
    let token = OwnToken::verify_by(&app.flows, token, &profile.policy)?;
    if profile.reads_deny_list {
        refuse_denied(&app, &token).await?;
    }
    let identity = identity::headers(&token.claims, &profile.headers);
    identity
        .map(Identity)
        .ok_or_else(GatewayRefusal::identity_too_long)
}

async fn refuse_denied(app: &App, token: &OwnToken) -> Result<(), GatewayRefusal> {
    match tokio::time::timeout(DENY_LIST_DEADLINE, token.is_denied(&app.flows)).await {
        Ok(Ok(false)) => Ok(()),
        Ok(Ok(true)) => Err(GatewayRefusal::denied()),
        Ok(Err(error)) => Err(GatewayRefusal::unavailable(error)),
        Err(elapsed) => Err(GatewayRefusal::unavailable(elapsed)),
    }
}

/// The first segment of the path below `/forward-auth/`, exactly as it was sent: no profile has a
/// name that needs decoding.
fn profile_name(path: &str) -> &str {
    let below = path.strip_prefix("/forward-auth/").unwrap_or_default();
    below.split('/').next().unwrap_or_default()
}

/// Gateways wait two seconds for an answer; reading the deny list takes far less than one.
const DENY_LIST_DEADLINE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_is_the_first_part_of_the_path_as_it_was_sent() {
        for (path, name) in [
            ("/forward-auth/default", "default"),
            ("/forward-auth/default/../x", "default"),
            ("/forward-auth/%64efault/default", "%64efault"),
            ("/forward-auth//default", ""),
            ("/forward-auth", ""),
        ] {
            assert_eq!(profile_name(path), name, "{path}");
        }
    }
}
