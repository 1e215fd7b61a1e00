//! A service of others that flows ask, and when operators were last told that it gives no answer.
//! This module must not know what is asked, or how the service is reached.

use std::sync::Arc;

use crate::notice::Notice;

/// A service, if one is configured, and when operators were last told that it gives no answer.
#[derive(Debug)]
pub struct OutsideService<S: ?Sized> {
    pub(crate) service: Option<Arc<S>>,
    pub(crate) outage: Notice,
}

impl<S: ?Sized> OutsideService<S> {
    pub(crate) fn new(service: Option<Arc<S>>) -> Self {
        Self {
            service,
            outage: Notice::default(),
        }
    }
}

/// Why a service gave no answer to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoAnswer {
    /// It cannot be reached, or does not answer in time.
    #[error("it cannot be reached, or does not answer in time")]
    Unreachable,
    /// It answers with another status than 200.
    #[error("it answers with status {0}")]
    Refused(u16),
}
