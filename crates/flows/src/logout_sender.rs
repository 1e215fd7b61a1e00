//! How a client is told that one of its sessions has ended: what the outbox remembers, and how the
//! token reaches the client. This module must not know when a client is told.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use signet_core::client::Client;
use signet_core::id_token::EndedSession;
use signet_core::secret::SecretText;
use signet_core::session::Session;
use signet_verifier::Timestamp;

/// Sends logout tokens to clients.
#[async_trait]
pub trait LogoutSender: fmt::Debug + Send + Sync {
    /// Posts a logout token to an address, with a deadline. `Ok` says that the client has accepted
    /// it.
    async fn send(&self, uri: &str, token: &SecretText) -> Result<(), LogoutError>;
}

/// Why a client did not accept a logout token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LogoutError {
    /// The client will never accept it.
    #[error("the client refuses the logout token with status {0}")]
    Refused(u16),
    /// The client cannot accept it now.
    #[error("the client answers a logout token with status {0}")]
    Later(u16),
    /// The client cannot be reached, or does not answer in time.
    #[error("the client cannot be reached at its backchannel_logout_uri")]
    Unreachable,
}

impl LogoutError {
    /// Whether another attempt may succeed.
    pub(crate) fn is_temporary(self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

/// What a notice in the outbox remembers.
#[derive(Serialize, Deserialize)]
pub(crate) struct LogoutNotice {
    account: String,
    session: String,
    client: String,
    /// The registration of the client: see [`Client::since`]. `None` in notices that an earlier version
    /// wrote, too.
    #[serde(default)]
    client_since: Option<Timestamp>,
}

impl LogoutNotice {
    pub(crate) fn of(session: &Session, client: &Client) -> Self {
        Self {
            account: session.account_id.to_string(),
            session: session.id.to_string(),
            client: session.grant.client_id.to_string(),
            client_since: client.since(),
        }
    }

    /// Whether the notice is for this registration of its client.
    pub(crate) fn is_for(&self, client: &Client) -> bool {
        client.is_since(self.client_since)
    }

    pub(crate) fn read(&self) -> Option<EndedSession> {
        Some(EndedSession {
            account_id: self.account.parse().ok()?,
            session_id: self.session.parse().ok()?,
            client_id: self.client.parse().ok()?,
        })
    }
}
