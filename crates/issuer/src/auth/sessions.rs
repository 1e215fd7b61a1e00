//! `GET /auth/sessions` and `DELETE /auth/sessions/{sid}`: where the caller is signed in.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use signet_core::account::Account;
use signet_core::ids::SessionId;
use signet_core::names::ClientId;
use signet_core::session::Session;
use utoipa::ToSchema;

use super::bearer::SessionBearer;
use super::ending::end_living_session;
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
    user_agent: String,
    #[schema(value_type = Option<String>, required = true)]
    ip: Option<IpAddr>,
    #[schema(value_type = shapes::ClientId)]
    client_id: ClientId,
    /// Whether it is the caller's.
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
    let account = bearer.account(&app).await?.account;
    let sessions = SessionList::of(&app, &account, Some(bearer.session_id)).await?;
    Ok(Json(sessions))
}

/// Ends one of the caller's sessions.
///
/// 204, or `not_found` when it is not one of the caller's own.
#[utoipa::path(
    delete,
    path = "/auth/sessions/{sid}",
    tag = "Accounts",
    params(("sid" = shapes::SessionId, Path, description = "Which session")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn delete_session(
    State(app): State<App>,
    bearer: SessionBearer,
    PathValue(id): PathValue<SessionId>,
) -> ApiResult<StatusCode> {
    end_living_session(&app, bearer.account_id, id).await?;
    tracing::info!(
        event.name = "session.ended", account.id = %bearer.account_id, session.id = %id,
        "a session was ended by its owner"
    );
    Ok(StatusCode::NO_CONTENT)
}

impl SessionList {
    /// The sessions of an account that can still be refreshed, the newest first; `current` is the
    /// caller's own.
    pub(crate) async fn of(
        app: &App,
        account: &Account,
        current: Option<SessionId>,
    ) -> ApiResult<Self> {
        let now = app.flows.clock.now();
        let sessions = app.flows.stores.sessions.list(account.id, now).await?;
        let living = |session: &Session| account.standing.admits(session.id, session.grant.epoch);
        let sessions = sessions.into_iter().filter(living);
        let sessions = sessions.map(|session| SessionView::of(session, current));
        Ok(Self {
            sessions: sessions.collect(),
        })
    }
}

impl SessionView {
    fn of(session: Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id,
            created_at: Rfc3339(session.lifetime.created_at),
            last_used_at: Rfc3339(session.rotation.rotated_at),
            expires_at: Rfc3339(session.lifetime.expires_at()),
            user_agent: session.user_agent,
            ip: session.ip,
            client_id: session.grant.client_id,
            current: current == Some(session.id),
        }
    }
}
