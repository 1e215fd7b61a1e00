//! `GET /auth/sessions` and `DELETE /auth/sessions/{sid}`: where the caller is signed in.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use signet_core::ids::SessionId;
use signet_core::names::ClientId;
use signet_core::session::Session;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::ApiResult;
use crate::extract::PathValue;
use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;

/// `{sessions: [session]}`
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionList {
    sessions: Vec<SessionView>,
}

/// The *session* of the HTTP contract.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionView {
    #[schema(value_type = shapes::SessionId)]
    id: SessionId,
    created_at: Rfc3339,
    last_used_at: Rfc3339,
    expires_at: Rfc3339,
    /// The program that signed in: the words of its `User-Agent` that tell programs apart.
    user_agent: String,
    #[schema(value_type = Option<String>, required = true)]
    ip: Option<IpAddr>,
    /// The program that refreshed it last, or signed in if it was never refreshed.
    last_used_user_agent: String,
    /// The address of that request.
    #[schema(value_type = Option<String>, required = true)]
    last_used_ip: Option<IpAddr>,
    #[schema(value_type = shapes::ClientId)]
    client_id: ClientId,
    /// Whether this is the caller's own session.
    current: bool,
}

/// Lists where the caller is signed in.
///
/// 200 with the sessions that can still be refreshed, the newest first.
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
/// 204, or `not_found` if the caller's account has no such session.
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

impl SessionList {
    /// Renders these sessions; `current` is the caller's own.
    pub(crate) fn of(sessions: Vec<Session>, current: Option<SessionId>) -> Self {
        let sessions = sessions.into_iter();
        let sessions = sessions.map(|session| SessionView::of(session, current));
        Self {
            sessions: sessions.collect(),
        }
    }
}

impl SessionView {
    fn of(session: Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id,
            created_at: Rfc3339(session.lifetime.created_at),
            last_used_at: Rfc3339(session.rotation.rotated_at),
            expires_at: Rfc3339(session.lifetime.expires_at()),
            user_agent: session.begun_from.user_agent,
            ip: session.begun_from.ip,
            last_used_user_agent: session.refreshed_from.user_agent,
            last_used_ip: session.refreshed_from.ip,
            client_id: session.grant.client_id,
            current: current == Some(session.id),
        }
    }
}
