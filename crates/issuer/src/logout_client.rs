//! Posts logout tokens to clients, over TLS or to a program on this machine.
//!
//! One attempt has a deadline and follows no redirect. This module must not know when another attempt
//! is made, nor what a token says.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::StatusCode;
use signet_core::secret::SecretText;
use signet_flows::logout_sender::{LogoutError, LogoutSender};
use tokio::time::timeout;

use crate::outgoing::{FORM, Outgoing, Post};

/// A client that trusts the public certificate authorities.
pub(crate) struct LogoutClient(Outgoing);

impl LogoutClient {
    pub(crate) fn new() -> Self {
        Self(Outgoing::trusting_public())
    }
}

#[async_trait]
impl LogoutSender for LogoutClient {
    async fn send(&self, uri: &str, token: &SecretText) -> Result<(), LogoutError> {
        let post = Post {
            url: uri,
            content_type: FORM,
            // A token is base64url with dots, which a form need not encode.
            body: format!("logout_token={}", token.expose()).into_bytes(),
        };
        match timeout(TOTAL_TIMEOUT, self.0.post(post)).await {
            Ok(Ok(status)) if status.is_success() => Ok(()),
            // Back-Channel Logout 1.0 section 2.8: the token itself is refused.
            Ok(Ok(StatusCode::BAD_REQUEST)) => Err(LogoutError::Refused(400)),
            Ok(Ok(status)) => Err(LogoutError::Later(status.as_u16())),
            Ok(Err(_)) | Err(_) => Err(LogoutError::Unreachable),
        }
    }
}

/// Silent, because there is nothing to show.
impl fmt::Debug for LogoutClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogoutClient")
    }
}

/// For an attempt as a whole: far less than the lease of the worker.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
