//! The service that judges the answers of captchas, and when operators were last told that it gives no
//! verdicts. This module must not know how the service is reached, or when a captcha is taken.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use signet_core::captcha::{CaptchaAnswer, InvalidVerdict};

use crate::notice::Notice;

/// A service that judges the answers of captchas.
#[async_trait]
pub trait CaptchaService: fmt::Debug + Send + Sync {
    /// Asks whether an answer is right, with a deadline. It came from a client at `address`.
    async fn judge(
        &self,
        answer: &CaptchaAnswer,
        address: Option<IpAddr>,
    ) -> Result<bool, CaptchaError>;
}

/// Why a service gave no verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CaptchaError {
    /// It cannot be reached, or does not answer in time.
    #[error("it cannot be reached, or does not answer in time")]
    Unreachable,
    /// It answers with another status than 200.
    #[error("it answers with status {0}")]
    Refused(u16),
    /// Its response is longer than any verdict.
    #[error("its response is longer than a verdict")]
    TooLong,
    /// Its response is no verdict.
    #[error("its response is no verdict: {0}")]
    Invalid(#[from] InvalidVerdict),
}

/// The service, and when operators were last told that it gives no verdicts.
#[derive(Debug)]
pub struct Captchas {
    pub(crate) service: Option<Arc<dyn CaptchaService>>,
    pub(crate) outage: Notice,
}

impl Captchas {
    pub(crate) fn new(service: Option<Arc<dyn CaptchaService>>) -> Self {
        Self {
            service,
            outage: Notice::default(),
        }
    }

    /// Whether captchas are taken.
    pub(crate) fn are_taken(&self) -> bool {
        self.service.is_some()
    }
}
