//! What can go wrong inside the PostgreSQL backend, and what the caller is told of it.

use std::error::Error;

use sqlx::postgres::PgDatabaseError;

use crate::error::ImpossibleRow;
use crate::error::StoreError;

/// Why a statement has no result.
#[derive(Debug)]
pub(super) enum PostgresFault {
    /// PostgreSQL said no, or cannot be reached.
    Sql(sqlx::Error),
    /// A row is impossible.
    Impossible(&'static str),
    /// Nobody answered, or what answered is not what is needed.
    Unanswered(Unanswered),
}

/// Why there is no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error("the server did not answer in time")]
    TooLate,
    #[error("the statement was dropped with the runtime it ran on")]
    Dropped,
    #[error("the server takes no writes")]
    ReadOnly,
}

impl PostgresFault {
    /// Whether a value that must be unique is stored already.
    pub(super) fn is_taken(&self) -> bool {
        match self {
            Self::Sql(sqlx::Error::Database(said)) => said.is_unique_violation(),
            _ => false,
        }
    }

    /// The error that the traits answer with; `store` is the trait that was asked.
    pub(super) fn in_store(self, store: &'static str) -> StoreError {
        let cause: Box<dyn Error + Send + Sync> = match self {
            Self::Impossible(what) => return StoreError::Corrupt { store, what },
            Self::Sql(error) => match what_is_corrupt(&error) {
                Some(what) => return StoreError::Corrupt { store, what },
                None => said_by_server(error),
            },
            Self::Unanswered(reason) => Box::new(reason),
        };
        StoreError::Unavailable { store, cause }
    }
}

fn what_is_corrupt(error: &sqlx::Error) -> Option<&'static str> {
    match error {
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::Decode(_) => Some("a column of the wrong shape"),
        sqlx::Error::Database(said) => match said.code().as_deref() {
            Some("XX001") => Some("the server says that data is damaged"),
            Some("XX002") => Some("the server says that an index is damaged"),
            _ => None,
        },
        _ => None,
    }
}

/// The error as it may be logged. What a server says in detail quotes whole rows, with addresses
/// and hashes in them, and sqlx shows it in `Debug`.
pub(super) fn said_by_server(error: sqlx::Error) -> Box<dyn Error + Send + Sync> {
    let sqlx::Error::Database(said) = &error else {
        return Box::new(error);
    };
    let said = said.try_downcast_ref::<PgDatabaseError>();
    Box::new(SaidByServer {
        code: said.map_or_else(String::new, |said| said.code().to_owned()),
        message: said.map_or_else(String::new, |said| said.message().to_owned()),
    })
}

/// A refusal of the server, without its details.
#[derive(Debug, thiserror::Error)]
#[error("{message} (SQLSTATE {code})")]
struct SaidByServer {
    code: String,
    message: String,
}

impl From<sqlx::Error> for PostgresFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<ImpossibleRow> for PostgresFault {
    fn from(ImpossibleRow(what): ImpossibleRow) -> Self {
        Self::Impossible(what)
    }
}

impl From<Unanswered> for PostgresFault {
    fn from(reason: Unanswered) -> Self {
        Self::Unanswered(reason)
    }
}
