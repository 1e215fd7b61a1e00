//! The hook for metrics. Must not decide anything.

use std::fmt;

use crate::error::Error;
#[cfg(feature = "remote")]
use crate::fetching::{FetchError, Fetched, MissAction};

/// Receives events of a verifier and of its remote keys, for metrics. By default, each method does
/// nothing. An implementation must return quickly. Use [`Error::reason`] and the names of the enums
/// as labels. `RemoteKeys::health` returns age and state of remote keys.
pub trait Observer: Send + Sync + fmt::Debug {
    /// Called after a token was accepted or refused.
    fn verified(&self, outcome: Result<(), &Error>) {
        let _ = outcome;
    }

    /// Called after an attempt to fetch the key set.
    #[cfg(feature = "remote")]
    fn fetched(&self, outcome: Result<Fetched, &FetchError>) {
        let _ = outcome;
    }

    /// Called after a token named a key that is not in the set.
    #[cfg(feature = "remote")]
    fn missed(&self, action: MissAction) {
        let _ = action;
    }
}
