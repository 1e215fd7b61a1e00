//! The service that knows breached passwords by ranges of their digests, and when operators were
//! last told that it cannot answer. This module must not know how the service is reached.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use signet_core::password::InvalidRange;

use crate::notice::Notice;

/// A service that knows breached passwords by ranges of their digests.
#[async_trait]
pub trait PasswordRanges: fmt::Debug + Send + Sync {
    /// Fetches the range of the digests that begin with `prefix`, with a deadline.
    async fn range(&self, prefix: &str) -> Result<String, RangeError>;
}

/// Why a service did not say whether a password is breached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RangeError {
    /// It cannot be reached, or does not answer in time.
    #[error("it cannot be reached, or does not answer in time")]
    Unreachable,
    /// It answers with another status than 200.
    #[error("it answers with status {0}")]
    Refused(u16),
    /// Its answer is longer than any range.
    #[error("its answer is longer than a range of passwords")]
    TooLong,
    /// Its answer is no range.
    #[error("its answer is no range of passwords: {0}")]
    Invalid(#[from] InvalidRange),
}

/// The service, and when operators were last told that it cannot answer.
#[derive(Debug)]
pub struct BreachedPasswords {
    pub(crate) service: Option<Arc<dyn PasswordRanges>>,
    pub(crate) outage: Notice,
}

impl BreachedPasswords {
    pub(crate) fn new(service: Option<Arc<dyn PasswordRanges>>) -> Self {
        Self {
            service,
            outage: Notice::default(),
        }
    }
}
