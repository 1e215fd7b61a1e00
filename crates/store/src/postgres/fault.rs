//! The errors of the PostgreSQL driver.

use std::error::Error;

use sqlx::postgres::PgDatabaseError;

use crate::fault::{DriverError, Fault, Unanswered};

/// Why a statement has no result.
pub(super) type PostgresFault = Fault<sqlx::Error>;

impl PostgresFault {
    /// Returns whether a value that must be unique is stored already.
    pub(super) fn is_taken(&self) -> bool {
        match self {
            Self::Driver(sqlx::Error::Database(said)) => said.is_unique_violation(),
            _ => false,
        }
    }
}

impl DriverError for sqlx::Error {
    fn damage(&self) -> Option<&'static str> {
        match self {
            Self::ColumnDecode { .. } | Self::ColumnIndexOutOfBounds { .. } | Self::Decode(_) => {
                Some("a column of the wrong shape")
            }
            Self::Database(said) => match said.code().as_deref() {
                Some("XX001") => Some("the server says that data is damaged"),
                Some("XX002") => Some("the server says that an index is damaged"),
                _ => None,
            },
            _ => None,
        }
    }

    fn into_cause(self) -> Box<dyn Error + Send + Sync> {
        said_by_server(self)
    }
}

/// Returns whether the error means that the server cannot be reached, or is starting or stopping.
pub(super) fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(said) => {
            let code = said.code();
            code.is_some_and(|code| NOT_READY.contains(&&*code))
        }
        _ => false,
    }
}

/// Returns the error as it may be logged. The details of a server's error quote whole rows, with
/// addresses and hashes in them, and sqlx shows them in `Debug`.
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

/// An error of the server, without its details.
#[derive(Debug, thiserror::Error)]
#[error("{message} (SQLSTATE {code})")]
struct SaidByServer {
    code: String,
    message: String,
}

impl From<sqlx::Error> for PostgresFault {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Unanswered(Unanswered::PoolFull),
            error => Self::Driver(error),
        }
    }
}

/// `admin_shutdown`, `crash_shutdown` and `cannot_connect_now`.
const NOT_READY: [&str; 3] = ["57P01", "57P02", "57P03"];
