//! `POST /auth/logout-all`: ends every session of the caller's account.

use axum::extract::State;
use axum::http::StatusCode;
use signet_flows::end;
use signet_store::{Change, PendingEnding};

use super::bearer::{EndingBearer, SessionBearer};
use super::ending::{self, Outcome};
use crate::app::App;
use crate::error::{ApiResult, Code};

/// Ends every session of the account.
///
/// 204 when the ending is durable.
#[utoipa::path(
    post,
    path = "/auth/logout-all",
    tag = "Accounts",
    security(("bearer" = [])),
    responses((status = 204, description = "Signed out everywhere"))
)]
pub(crate) async fn logout_all(
    State(app): State<App>,
    EndingBearer(bearer): EndingBearer,
) -> ApiResult<StatusCode> {
    let pending = end_everything(&app, bearer).await?;
    end::finish_or_leave(&app.flows, pending).await;
    tracing::info!(
        event.name = "account.logged_out_everywhere", account.id = %pending.account_id,
        "every session of an account was ended"
    );
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever is overtaken by a change that keeps the caller's session still wants it to end.
async fn end_everything(app: &App, bearer: SessionBearer) -> ApiResult<PendingEnding> {
    let mut credentials = bearer.account(app).await?;
    for _ in 0..MAX_ATTEMPTS {
        let change = Change::LogOutEverywhere;
        match ending::change(app, bearer, &credentials, &change).await? {
            Outcome::Made(pending) => return Ok(pending),
            Outcome::Overtaken(found) => credentials = found,
        }
    }
    Err(Code::Unavailable.into())
}

/// Only changes of the password by the caller's own session compete, and each takes an argon2 run.
const MAX_ATTEMPTS: usize = 10;
