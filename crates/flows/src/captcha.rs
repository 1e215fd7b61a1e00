//! The service that judges the answers of captchas. This module must not know how the service is
//! reached, or when a captcha is taken.

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;
use signet_core::captcha::{CaptchaAnswer, InvalidVerdict};

use crate::outside_service::NoAnswer;

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
    /// There is no response to read.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// Its response is longer than any verdict.
    #[error("its response is longer than a verdict")]
    TooLong,
    /// Its response is no verdict.
    #[error("its response is no verdict: {0}")]
    Invalid(#[from] InvalidVerdict),
}
