//! What an export and an import carry from one store to another: tables, rows and their counts.
//!
//! This module must not know any backend.

mod error;
mod progress;
mod rows;
mod tables;

use tokio::sync::mpsc;

pub use error::MovingError;
pub use progress::RowCounter;
pub(crate) use rows::{Cell, SharedRow};
pub(crate) use tables::{DATABASE_TABLES, SHARED_TABLES, Table};

/// How much was moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moved {
    /// How many accounts.
    pub accounts: usize,
    /// How many clients.
    pub clients: usize,
    /// How many sessions, those that have expired included.
    pub sessions: usize,
}

/// Rows that come from a file, many at a time.
pub(crate) type Pages<T> = mpsc::Receiver<Result<Vec<T>, MovingError>>;
