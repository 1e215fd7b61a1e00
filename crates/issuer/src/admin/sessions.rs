//! `/admin/accounts/{account_id}/sessions`: the sessions of an account.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use signet_core::ids::{AccountId, SessionId};

use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{AdminRequest, PathValue, PathValues};
use crate::openapi::shapes;
use crate::views::SessionList;

/// Lists the sessions of an account.
#[utoipa::path(
    get,
    path = "/admin/accounts/{account_id}/sessions",
    tag = "Sessions",
    params(("account_id" = shapes::AccountId, Path, description = "The account")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The sessions; `current` is false for all of them", body = SessionList),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn list_account_sessions(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<AccountId>,
) -> ApiResult<Json<SessionList>> {
    let sessions = app.flows.read_account_sessions(id, admin.caller()).await?;
    Ok(Json(SessionList::of(sessions, None)))
}

/// Ends every session of an account.
#[utoipa::path(
    delete,
    path = "/admin/accounts/{account_id}/sessions",
    tag = "Sessions",
    params(("account_id" = shapes::AccountId, Path, description = "The account")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn end_account_sessions(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<AccountId>,
) -> ApiResult<StatusCode> {
    app.flows.end_account_sessions(id, admin.caller()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one session.
#[utoipa::path(
    delete,
    path = "/admin/accounts/{account_id}/sessions/{sid}",
    tag = "Sessions",
    params(
        ("account_id" = shapes::AccountId, Path, description = "The account of the session"),
        ("sid" = shapes::SessionId, Path, description = "The session"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn end_account_session(
    State(app): State<App>,
    admin: AdminRequest,
    PathValues(account_id, id): PathValues<AccountId, SessionId>,
) -> ApiResult<StatusCode> {
    let (session, caller) = ((account_id, id), admin.caller());
    app.flows.end_account_session(session, caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
