//! The hook for metrics. Decides nothing.

use std::fmt;

use crate::error::Error;
#[cfg(feature = "remote")]
use crate::fetching::{FetchError, Fetched, MissAction};

/// Receives what a verifier and its remote keys do, for metrics. Every method does nothing unless
/// it is overridden, and must return quickly. Labels: [`Error::reason`] and the names of the
/// enums. `RemoteKeys::health` has age and state of remote keys.
pub trait Observer: Send + Sync + fmt::Debug {
    /// A token was accepted, or refused for a reason.
    fn verified(&self, outcome: Result<(), &Error>) {
        let _ = outcome;
    }

    /// An attempt to fetch the key set ended.
    #[cfg(feature = "remote")]
    fn fetched(&self, outcome: Result<Fetched, &FetchError>) {
        let _ = outcome;
    }

    /// A token named a key that is not in the set.
    #[cfg(feature = "remote")]
    fn missed(&self, action: MissAction) {
        let _ = action;
    }
}
