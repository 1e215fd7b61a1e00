//! The cause of an error that people see as a page of its own.

/// A form or an address names a request that was answered before.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the authorization request was answered before")]
pub(super) struct AnsweredBefore;
