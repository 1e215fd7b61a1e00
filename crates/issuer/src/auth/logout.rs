//! `POST /auth/logout`: ends one session, and says 204 whatever was left of it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use signet_core::ids::{AccountId, SessionId};
use signet_core::secret::SecretText;
use signet_core::session::RefreshToken;
use signet_flows::end::end_session;

use super::bearer::SessionBearer;
use super::delivery::{clearing_cookie, cookie};
use super::refresh::RefreshRequest;
use crate::app::App;
use crate::error::{ApiResult, Code};
use crate::extract::{BearerToken, JsonBody, TrustedOrigin};

/// Ends one session.
///
/// 204, and the cookie is cleared unless the token came in the body.
///
/// The token in the body is taken first, then the cookie, then the bearer token: a browser sends
/// the cookie by itself, so the body is the more deliberate.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "Accounts",
    request_body = Option<RefreshRequest>,
    security((), ("refresh_cookie" = []), ("bearer" = [])),
    responses(
        (status = 204, description = "Signed out"),
        (status = 403, description = "csrf_rejected"),
    )
)]
pub(crate) async fn logout(
    State(app): State<App>,
    headers: HeaderMap,
    body: Option<JsonBody<RefreshRequest>>,
) -> ApiResult<Response> {
    let bearer = BearerToken::read(&headers)?;
    let done = StatusCode::NO_CONTENT.into_response();
    if let Some(token) = body.and_then(|JsonBody(request)| request.refresh_token) {
        end(&app, session_of(&app, &token)).await?;
        return Ok(done);
    }
    let origin = TrustedOrigin::check(&headers, &app.settings)?;
    let session = match (cookie(&app.settings).read(&headers, origin)?, bearer) {
        (Some(token), _) => session_of(&app, &token),
        (None, Some(bearer)) => session_of_bearer(&app, &bearer).await?,
        (None, None) => None,
    };
    end(&app, session).await?;
    Ok(clearing_cookie(&app.settings, done))
}

/// The session of a refresh token, however old; none if the token is not ours.
fn session_of(app: &App, token: &SecretText) -> Option<(AccountId, SessionId)> {
    let token = RefreshToken::read(token.expose(), &app.flows.keys().mac).ok()?;
    Some((token.account_id, token.handle.session_id()))
}

/// The session of an access token; none if the token is no longer good for anything.
async fn session_of_bearer(
    app: &App,
    token: &BearerToken,
) -> ApiResult<Option<(AccountId, SessionId)>> {
    match SessionBearer::verify(app, token).await {
        Ok(bearer) => Ok(Some((bearer.account_id, bearer.session_id))),
        Err(error) if error.code() == Code::Unavailable => Err(error),
        Err(_) => Ok(None),
    }
}

async fn end(app: &App, session: Option<(AccountId, SessionId)>) -> ApiResult<()> {
    let Some((account_id, id)) = session else {
        return Ok(());
    };
    if end_session(&app.flows, account_id, id).await? {
        tracing::info!(
            event.name = "session.ended", account.id = %account_id, session.id = %id,
            "somebody signed out"
        );
    }
    Ok(())
}
