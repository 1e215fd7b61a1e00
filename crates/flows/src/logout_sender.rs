//! How a logout token reaches a client. This module must not know what a token says.

use std::fmt;

use async_trait::async_trait;
use signet_core::secret::SecretText;

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
