//! The service that knows breached passwords by ranges of their digests. This module must not know how
//! the service is reached.

use std::fmt;

use async_trait::async_trait;
use signet_core::password::InvalidRange;

use crate::outside_service::NoAnswer;

/// A service that knows breached passwords by ranges of their digests.
#[async_trait]
pub trait PasswordRanges: fmt::Debug + Send + Sync {
    /// Fetches the range of the digests that begin with `prefix`, with a deadline.
    async fn range(&self, prefix: &str) -> Result<String, RangeError>;
}

/// Why a service did not say whether a password is breached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RangeError {
    /// There is no answer to read.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// Its answer is longer than any range.
    #[error("its answer is longer than a range of passwords")]
    TooLong,
    /// Its answer is no range.
    #[error("its answer is no range of passwords: {0}")]
    Invalid(#[from] InvalidRange),
}
