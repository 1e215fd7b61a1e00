//! The one error of this crate: something is broken. Absence and lost races are values.

use std::error::Error;

/// A store could not answer. Nothing is known about what it did.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached, did not answer in time, or refused: the operator's to mend,
    /// and worth another try.
    #[error("the {store} store is unavailable")]
    Unavailable {
        /// Which store, for example `accounts`.
        store: &'static str,
        /// What it said.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// A row that no version of Signet can have written: damage, or a foreign hand.
    #[error("an impossible row in the {store} store: {what}")]
    Corrupt {
        /// Which store, for example `sessions`.
        store: &'static str,
        /// What is impossible about it, without its content.
        what: &'static str,
    },
}

/// A stored value that no version of Signet can have written; says why, without its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ImpossibleRow(pub(crate) &'static str);
