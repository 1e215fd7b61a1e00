//! What can go wrong inside a backend, and what the caller of a trait learns about it.
//!
//! Each backend has one alias of [`Fault`]. This module must not know any driver.

use std::error::Error;

use crate::error::{ImpossibleRow, StoreError};
use crate::measure::count_failure;

/// Why an operation of a backend has no result. `E` is the error of its driver.
#[derive(Clone, Debug)]
pub(crate) enum Fault<E> {
    /// The driver or the server failed.
    Driver(E),
    /// A stored value is impossible.
    Impossible(&'static str),
    /// The operation did not run, or its outcome is unknown.
    Unanswered(Unanswered),
}

/// The error of a driver.
pub(crate) trait DriverError {
    /// Says what is damaged, if the error means that stored data is damaged.
    fn damage(&self) -> Option<&'static str>;

    /// Returns the error as it may be logged, without stored values.
    fn into_cause(self) -> Box<dyn Error + Send + Sync>;
}

/// Why an operation did not run, or why its outcome is unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("the store did not answer in time")]
    TooLate,
    #[error("the store is closed")]
    Closed,
    /// Redis only.
    #[error("Redis cannot be reached; trying again in the background")]
    Down,
    /// Redis only.
    #[error("not enough replicas acknowledged in time: {acknowledged} of {wanted}")]
    TooFewReplicas { acknowledged: u32, wanted: u32 },
    /// Redis only.
    #[error("there is a session with this id")]
    Taken,
    /// PostgreSQL only.
    #[error("PostgreSQL cannot be reached; trying again in the background")]
    DatabaseDown,
    /// PostgreSQL only.
    #[error("every connection to PostgreSQL was in use for a second")]
    PoolFull,
    /// PostgreSQL only.
    #[error("the statement was dropped with the runtime it ran on")]
    Dropped,
    /// PostgreSQL only.
    #[error("the server takes no writes")]
    ReadOnly,
    /// SQLite only.
    #[error("the queue of the writer is full")]
    QueueFull,
    /// SQLite only.
    #[error("a job in the same group panicked")]
    Panicked,
    /// SQLite only.
    #[error(
        "the database file was removed or replaced while it is in use, so nothing can be stored: \
         put the file back, or restart"
    )]
    Displaced,
    /// SQLite only.
    #[error("another job in the same group made SQLite roll it back")]
    RolledBack,
}

impl<E: DriverError> Fault<E> {
    /// Returns the error of the trait, and counts it; `store` names the trait.
    pub(crate) fn in_store(self, store: &'static str) -> StoreError {
        let error = self.into_error(store);
        count_failure(&error);
        error
    }

    fn into_error(self, store: &'static str) -> StoreError {
        let cause: Box<dyn Error + Send + Sync> = match self {
            Self::Impossible(what) => return StoreError::Corrupt { store, what },
            Self::Driver(error) => match error.damage() {
                Some(what) => return StoreError::Corrupt { store, what },
                None => error.into_cause(),
            },
            Self::Unanswered(reason) => Box::new(reason),
        };
        StoreError::Unavailable { store, cause }
    }
}

impl<E> From<ImpossibleRow> for Fault<E> {
    fn from(ImpossibleRow(what): ImpossibleRow) -> Self {
        Self::Impossible(what)
    }
}

impl<E> From<Unanswered> for Fault<E> {
    fn from(reason: Unanswered) -> Self {
        Self::Unanswered(reason)
    }
}
