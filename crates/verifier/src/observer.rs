//! The hook for metrics. Must not decide anything.

use std::fmt;
#[cfg(feature = "status")]
use std::time::Duration;

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

    /// Called after an attempt to fetch a status list. `age` is the time since the last successful
    /// fetch of this list, or `None` if no fetch has succeeded.
    #[cfg(feature = "status")]
    fn status_list_fetched(
        &self,
        uri: &str,
        outcome: Result<Fetched, &FetchError>,
        age: Option<Duration>,
    ) {
        let _ = (uri, outcome, age);
    }

    /// Called after a token named a key that is not in the set.
    #[cfg(feature = "remote")]
    fn missed(&self, action: MissAction) {
        let _ = action;
    }
}
