//! The one error of this crate: something is broken. Absence and lost races are values.

use std::error::Error;

/// A store could not answer. Nothing is known about what it did.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached, did not answer in time, or refused. The operator can fix it, and
    /// a retry may succeed.
    #[error("the {store} store is unavailable")]
    Unavailable {
        /// Which store, for example `accounts`.
        store: &'static str,
        /// The error of the backend.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// No version of Signet can have written this row. It is damaged, or another program wrote it.
    #[error("an impossible row in the {store} store: {what}")]
    Corrupt {
        /// Which store, for example `sessions`.
        store: &'static str,
        /// What is impossible about it, without its content.
        what: &'static str,
    },
}

/// Why no version of Signet can have written a stored value, without the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ImpossibleRow(pub(crate) &'static str);
