//! Why an export or an import was not done.

use std::error::Error;
use std::path::PathBuf;

use crate::error::StoreError;

/// Why an export or an import was not done. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum MovingError {
    /// A store or the file cannot be used.
    #[error(transparent)]
    Unusable(Box<dyn Error + Send + Sync>),
    /// The file is no export that this version can import.
    #[error("{} cannot be imported: {why}", path.display())]
    NotAnExport {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// The database has rows.
    #[error("the database has data in the table {table}; name an empty or a new database")]
    DatabaseFilled {
        /// The first table with rows.
        table: &'static str,
    },
    /// Redis has keys of Signet.
    #[error(
        "Redis has data of Signet; name an empty Redis or another database of it, or delete every key \
         that begins with `signet:`"
    )]
    RedisFilled,
    /// A store failed.
    #[error("{}{}", .0, because(.0))]
    Store(#[from] StoreError),
}

impl MovingError {
    /// A store or a file that cannot be used. The sentence of `error` says what to do.
    pub(crate) fn unusable(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Unusable(Box::new(error))
    }
}

fn because(error: &StoreError) -> String {
    let cause = error.source();
    cause.map_or_else(String::new, |cause| format!(": {cause}"))
}
