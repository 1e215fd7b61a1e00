//! `POST /auth/refresh`: the newest tokens of a session, for one of its refresh tokens.
//!
//! The token's tag is checked by arithmetic, then: read, decide, compare-and-swap, sign. What a
//! token is worth is decided in `signet_core::session`; this file carries the decision out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use signet_core::account::Account;
use signet_core::client::Client;
use signet_core::secret::SecretText;
use signet_core::session::{Decision, RefreshToken, Reuse, Session, decide};
use signet_flows::clients::find_client;
use signet_flows::end::end_session;
use signet_store::{StoreError, Swapped};
use utoipa::ToSchema;

use super::delivery::{Delivery, clearing_cookie, cookie};
use super::token_response::{SignedIn, TokenResponse};
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::{Fields, FromFields, JsonBody, TrustedOrigin, secret};

/// `{refresh_token}`, or nothing beside the cookie.
#[derive(Debug, Default, ToSchema)]
pub(crate) struct RefreshRequest {
    #[schema(value_type = Option<String>)]
    pub(super) refresh_token: Option<SecretText>,
}

impl FromFields for RefreshRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            refresh_token: fields.optional("refresh_token", secret)?,
        })
    }
}

/// Exchanges a refresh token for the newest tokens of its session.
///
/// 200 with a token response, delivered the way the refresh token came, or `session_ended`.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "Accounts",
    request_body = Option<RefreshRequest>,
    security((), ("refresh_cookie" = [])),
    responses(
        (
            status = 200,
            description = "The newest tokens",
            body = TokenResponse<'_>,
            headers(("Set-Cookie" = String, description = "The refresh token, if it travels so"))
        ),
        (status = 401, description = "token_missing, session_ended"),
        (status = 403, description = "csrf_rejected"),
    )
)]
pub(crate) async fn refresh(
    State(app): State<App>,
    headers: HeaderMap,
    body: Option<JsonBody<RefreshRequest>>,
) -> ApiResult<Response> {
    let (text, delivery) = presented(&app, &headers, body)?;
    let answer = match refresh_session(&app, &text, first_party).await {
        Ok(signed_in) => signed_in.respond(&app, StatusCode::OK, delivery),
        Err(error) => Err(error),
    };
    match (answer, delivery) {
        (Err(error), Delivery::Cookie(_)) if error.code() == Code::SessionEnded => {
            Ok(clearing_cookie(&app.settings, error.into_response()))
        }
        (answer, _) => answer,
    }
}

/// The one refresh token of the request, and the way back.
fn presented(
    app: &App,
    headers: &HeaderMap,
    body: Option<JsonBody<RefreshRequest>>,
) -> ApiResult<(SecretText, Delivery)> {
    let in_body = body.and_then(|JsonBody(request)| request.refresh_token);
    let origin = match &in_body {
        Some(_) if !cookie(&app.settings).is_sent(headers) => None,
        _ => Some(TrustedOrigin::check(headers, &app.settings)?),
    };
    let in_cookie = match origin {
        Some(origin) => cookie(&app.settings)
            .read(headers, origin)?
            .map(|text| (text, origin)),
        None => None,
    };
    match (in_body, in_cookie) {
        (Some(text), None) => Ok((text, Delivery::Body)),
        (None, Some((text, origin))) => Ok((text, Delivery::Cookie(origin))),
        (None, None) => Err(ApiError::from(Code::TokenMissing)
            .detail("a refresh token is required, in the cookie or as refresh_token")),
        (Some(_), Some(_)) => Err(ApiError::from(Code::InvalidRequest)
            .detail("one refresh token at a time: in the cookie or in the body, not both")),
    }
}

/// Cookies and `/auth` are for the clients that people sign in with.
fn first_party(_: &Session, client: &Client) -> ApiResult<()> {
    if client.is_public() {
        Ok(())
    } else {
        Err(Code::SessionEnded.into())
    }
}

/// Refreshes the session of a token, if `admit` lets its client have it; nothing is changed
/// otherwise.
///
/// # Errors
///
/// `session_ended`, `unavailable`, or what `admit` says.
pub(crate) async fn refresh_session<E>(
    app: &App,
    text: &SecretText,
    admit: impl Fn(&Session, &Client) -> Result<(), E> + Sync,
) -> Result<SignedIn, E>
where
    E: From<ApiError> + From<Code> + From<StoreError>,
{
    let Ok(token) = RefreshToken::read(text.expose(), &app.flows.keys().mac) else {
        count("garbage");
        return Err(Code::SessionEnded.into());
    };
    for _ in 0..MAX_ATTEMPTS {
        if let Some(signed_in) = attempt(app, &token, &admit).await? {
            return Ok(signed_in);
        }
    }
    count("contended");
    Err(Code::Unavailable.into())
}

/// One look at the session and what it leads to; `None` when another request was faster.
async fn attempt<E>(
    app: &App,
    token: &RefreshToken,
    admit: &(impl Fn(&Session, &Client) -> Result<(), E> + Sync),
) -> Result<Option<SignedIn>, E>
where
    E: From<ApiError> + From<Code> + From<StoreError>,
{
    let now = app.flows.clock.now();
    let id = token.handle.session_id();
    let Some(session) = app
        .flows
        .stores
        .sessions
        .find(token.account_id, id, now)
        .await?
    else {
        count("unknown");
        return Err(Code::SessionEnded.into());
    };
    let Some(client) = find_client(&app.flows, &session.grant.client_id).await? else {
        count("client_gone");
        return Err(Code::SessionEnded.into());
    };
    admit(&session, &client)?;
    let account = app.flows.stores.accounts.by_id(token.account_id).await?;
    let account = account.map(|credentials| credentials.account);
    let standing = account.as_ref().map(|account| account.standing);
    let decision = decide(
        &session,
        token.generation,
        standing,
        now,
        &app.settings.session,
    );
    if carry_out(app, &session, &decision).await? == Swapped::Lost {
        return Ok(None);
    }
    note(&decision, &session);
    let session = match decision {
        Decision::Expired | Decision::Reuse(_) => return Err(Code::SessionEnded.into()),
        Decision::Replay | Decision::ReplayDisplaced => session,
        Decision::Heal(next) | Decision::Rotate(next) | Decision::Recover(next) => next,
    };
    let signed_in = |account: Account| SignedIn {
        session,
        handle: token.handle.clone(),
        account,
        now,
        ttl: client.access_token_ttl(app.settings.access_token_ttl),
    };
    Ok(account.map(signed_in))
}

/// Makes the store say what was decided; `Lost` when another request was faster.
async fn carry_out(
    app: &App,
    session: &Session,
    decision: &Decision,
) -> Result<Swapped, StoreError> {
    match decision {
        Decision::Heal(next) | Decision::Rotate(next) | Decision::Recover(next) => {
            return app.flows.stores.sessions.swap(next).await;
        }
        Decision::Expired | Decision::Reuse(_) => {
            end_session(&app.flows, session.account_id, session.id).await?;
        }
        Decision::Replay | Decision::ReplayDisplaced => {}
    }
    Ok(Swapped::Done)
}

/// Counts a decision that was carried out, and tells the log if somebody should look at it.
fn note(decision: &Decision, session: &Session) {
    count(match decision {
        Decision::Expired => "expired",
        Decision::Heal(_) => {
            tracing::error!(
                event.name = "session.healed", session.id = %session.id,
                account.id = %session.account_id,
                "a refresh token was ahead of the store, which must have lost writes"
            );
            "heal"
        }
        Decision::Rotate(_) => "rotate",
        Decision::Replay => "replay",
        Decision::ReplayDisplaced => "replay_displaced",
        Decision::Recover(_) => "recover",
        Decision::Reuse(reuse) => {
            tracing::warn!(
                event.name = "session.reuse", session.id = %session.id,
                account.id = %session.account_id, reuse = ?reuse,
                "a refresh token was used by two, its session has been ended"
            );
            match reuse {
                Reuse::Stale => "reuse_stale",
                Reuse::Displaced => "reuse_displaced",
            }
        }
    });
}

fn count(decision: &'static str) {
    metrics::counter!("signet_refresh_total", "decision" => decision).increment(1);
}

/// Losing a race costs one more look, which nearly always is a replay. Three losses in a row
/// mean that something is hammering one session.
const MAX_ATTEMPTS: usize = 3;
