//! `GET /auth/sessions` and `DELETE /auth/sessions/{sid}`: where the caller is signed in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use signet_core::ids::SessionId;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;

use crate::app::App;
use crate::error::ApiResult;
use crate::extract::PathValue;
use crate::openapi::shapes;
use crate::views::SessionList;

/// Lists where the caller is signed in.
///
/// Answers 200 with the sessions that can still be refreshed, the newest first.
#[utoipa::path(
    get,
    path = "/auth/sessions",
    tag = "Accounts",
    security(("bearer" = [])),
    responses((status = 200, description = "The sessions", body = SessionList))
)]
pub(crate) async fn list_sessions(
    State(app): State<App>,
    bearer: SessionBearer,
) -> ApiResult<Json<SessionList>> {
    let sessions = app.flows.own_sessions(bearer).await?;
    Ok(Json(SessionList::of(sessions, Some(bearer.session_id()))))
}

/// Ends one of the caller's sessions.
///
/// Answers 204, or `not_found` if the caller's account has no such session.
#[utoipa::path(
    delete,
    path = "/auth/sessions/{sid}",
    tag = "Accounts",
    params(("sid" = shapes::SessionId, Path, description = "The session")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn delete_session(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    PathValue(id): PathValue<SessionId>,
) -> ApiResult<StatusCode> {
    app.flows.end_own_session(bearer, id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
