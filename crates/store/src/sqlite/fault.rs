//! The errors of the SQLite driver.

use std::error::Error;
use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::fault::{DriverError, Fault};

/// Why a job has no result. It can be cloned, because a group of jobs fails together.
pub(super) type SqliteFault = Fault<Arc<rusqlite::Error>>;

impl DriverError for Arc<rusqlite::Error> {
    fn damage(&self) -> Option<&'static str> {
        match self.as_ref() {
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

    fn into_cause(self) -> Box<dyn Error + Send + Sync> {
        Box::new(self)
    }
}

impl From<rusqlite::Error> for SqliteFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Driver(Arc::new(error))
    }
}
