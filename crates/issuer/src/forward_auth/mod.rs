//! `/forward-auth/{profile}`: a gateway asks here whether to let a request through, and as whom.
//!
//! The profile is in the path that the gateway was set up with. Whatever came from the client, the
//! method, the rest of the path, the query, the body and every header but `Authorization`, chooses
//! nothing. This module must not know how any gateway is set up.

mod identity;

use std::any::Any;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use signet_flows::OwnToken;
use signet_verifier::bearer_token;

use crate::app::App;
use crate::error::{GatewayRefusal, GatewayRefusalBody};
use identity::Identity;

/// Says to a gateway whether a request may pass, and as whom.
///
/// 200 with the identity in headers, 401, 403 or 503; never anything else, because gateways take
/// other answers for a fault of the server, and some take any 2xx for a yes. Every method is
/// answered alike, and so is every path below this one. What is not a request of HTTP/1.1 does not
/// get this far: a bare 400 without one `Host`, a bare 431 with more than 32 KiB of headers.
#[utoipa::path(
    get,
    path = "/forward-auth/{profile}",
    tag = "Gateways",
    params(("profile" = String, Path, description = "What the gateway was set up with")),
    security(("bearer" = [])),
    extensions(("x-any-method" = json!(true))),
    responses(
        (status = 200, description = "It may; the headers `X-Auth-...` say as whom"),
        (status = 401, description = "The token is missing or not good", body = GatewayRefusalBody),
        (status = 403, description = "The token is not enough here", body = GatewayRefusalBody),
        (status = 503, description = "Nobody can say, or no such profile", body = GatewayRefusalBody),
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

/// What is answered when the handler panics. What it said has gone to the log by the panic hook.
pub(crate) fn answer_panic(_: Box<dyn Any + Send>) -> Response {
    GatewayRefusal::unavailable("a handler panicked").into_response()
}

async fn refuse_denied(app: &App, token: &OwnToken) -> Result<(), GatewayRefusal> {
    match tokio::time::timeout(DENY_LIST_DEADLINE, token.is_denied(&app.flows)).await {
        Ok(Ok(false)) => Ok(()),
        Ok(Ok(true)) => Err(GatewayRefusal::denied()),
        Ok(Err(error)) => Err(GatewayRefusal::unavailable(error)),
        Err(elapsed) => Err(GatewayRefusal::unavailable(elapsed)),
    }
}

/// The first part of the path below `/forward-auth/`, byte by byte as it was sent: a name that
/// would need decoding is no name.
fn profile_name(path: &str) -> &str {
    let below = path.strip_prefix("/forward-auth/").unwrap_or_default();
    below.split('/').next().unwrap_or_default()
}

/// Gateways wait two seconds for us; a look into memory or a small file takes far less than one.
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

    #[test]
    fn a_fault_of_ours_is_a_503_like_any_other() {
        let answer = answer_panic(Box::new("oh"));
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "5");
    }
}
