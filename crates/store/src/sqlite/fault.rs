//! What can go wrong inside the SQLite backend, and what the caller is told of it.

use std::error::Error;
use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::error::ImpossibleRow;
use crate::error::StoreError;

/// Why a job has no result. It can be cloned, because a group of jobs fails together.
#[derive(Clone, Debug)]
pub(super) enum SqliteFault {
    /// SQLite said no.
    Sql(Arc<rusqlite::Error>),
    /// A row is impossible.
    Impossible(&'static str),
    /// The job was not run, or it is unknown whether it was.
    Unanswered(Unanswered),
}

/// Why there is no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error("the queue of the writer is full")]
    QueueFull,
    #[error("the writer has ended")]
    Closed,
    #[error("the writer did not answer in time")]
    TooLate,
    #[error("a job in the same group panicked")]
    Panicked,
    #[error(
        "the database file was removed or replaced while it is in use, so nothing can be stored: \
         put the file back, or restart"
    )]
    Displaced,
    #[error("another job in the same group made SQLite roll it back")]
    RolledBack,
}

impl SqliteFault {
    /// The error that the traits answer with; `store` is the trait that was asked.
    pub(super) fn in_store(self, store: &'static str) -> StoreError {
        let cause: Box<dyn Error + Send + Sync> = match self {
            Self::Impossible(what) => return StoreError::Corrupt { store, what },
            Self::Sql(error) => match what_is_corrupt(&error) {
                Some(what) => return StoreError::Corrupt { store, what },
                None => Box::new(error),
            },
            Self::Unanswered(reason) => Box::new(reason),
        };
        StoreError::Unavailable { store, cause }
    }
}

fn what_is_corrupt(error: &rusqlite::Error) -> Option<&'static str> {
    match error {
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) => Some("a column of the wrong shape"),
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseCorrupt => Some("the database file is damaged"),
            ErrorCode::NotADatabase => Some("the file is not a database"),
            _ => None,
        },
        _ => None,
    }
}

impl From<rusqlite::Error> for SqliteFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(Arc::new(error))
    }
}

impl From<ImpossibleRow> for SqliteFault {
    fn from(ImpossibleRow(what): ImpossibleRow) -> Self {
        Self::Impossible(what)
    }
}

impl From<Unanswered> for SqliteFault {
    fn from(reason: Unanswered) -> Self {
        Self::Unanswered(reason)
    }
}
