//! A session as responses show it to its owner and to administrators.

use std::net::IpAddr;

use serde::Serialize;
use signet_core::ids::SessionId;
use signet_core::names::ClientId;
use signet_core::session::Session;
use utoipa::ToSchema;

use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;

/// `{sessions: [session]}`
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionList {
    sessions: Vec<SessionView>,
}

/// A session.
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
