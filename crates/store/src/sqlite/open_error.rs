//! Why a database file is refused at the start.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::migrations::MigrationError;
use super::obstacle::{obstacle, write_obstacle};

/// What is wrong with a database file. Each sentence names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SqliteOpenError {
    /// The value is not an address of a file.
    #[error(
        "this value is not supported; supported is sqlite://PATH, \
         for example sqlite://data/signet.db, or postgres://HOST/DATABASE"
    )]
    Url,
    /// The file or its folder cannot be made or used.
    #[error("cannot make or open {}: {cause}", path.display())]
    File {
        /// The database file.
        path: PathBuf,
        /// The error of the system.
        cause: std::io::Error,
    },
    /// The file cannot be used as a database.
    #[error("SQLite cannot use {}: {cause}", path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// The error of SQLite.
        cause: rusqlite::Error,
    },
    /// This user cannot write the file, or make files in its folder.
    #[error(
        "cannot write to {}: {cause}; let the user that runs signet write it, or name another place",
        path.display()
    )]
    NotWritable {
        /// The database file, a file beside it, or the nearest folder above it that exists.
        path: PathBuf,
        /// The error of the system.
        cause: std::io::Error,
    },
    /// Group or others have rights to the file.
    #[error(
        "{} has mode {mode:04o}, so others could read email addresses and password hashes: \
         run `chmod 600 {}`",
        path.display(), path.display()
    )]
    OpenToOthers {
        /// The database file, or one of the files beside it.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file system cannot hold a write-ahead log.
    #[error(
        "{} cannot have a write-ahead log; put it on a local disk",
        path.display()
    )]
    NoLog {
        /// The database file.
        path: PathBuf,
    },
    /// The database belongs to another program.
    #[error("{} is a database of another program; name another file", path.display())]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// The file is missing or empty, and the keys were used with a database.
    #[error(
        "the database {} is missing or empty, but the keys folder was used with a database: mount its \
         disk, or restore it with `signet restore FILE`; to begin without accounts and sessions, run \
         `signet serve --new-database` once",
        path.display()
    )]
    Lost {
        /// The database file.
        path: PathBuf,
    },
    /// A newer version has changed the schema.
    #[error(
        "{} has schema {found} and this version of Signet knows {known}; \
         run the version that was here before, or a newer one",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its schema.
        found: usize,
        /// The newest schema that is known.
        known: usize,
    },
}

impl SqliteOpenError {
    /// A refusal of the system to make or open the file.
    pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + Copy + '_ {
        move |cause| Self::File {
            path: path.to_owned(),
            cause,
        }
    }

    /// A refusal of SQLite, or of the system if that is why.
    pub(super) fn database(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self + Copy + '_ {
        move |cause| {
            let path = path.to_owned();
            if let Some(cause) = obstacle(&path) {
                return Self::File { path, cause };
            }
            let code = cause.sqlite_error_code();
            if let Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) = code
                && let Some(refused) = Self::not_writable(&path)
            {
                return refused;
            }
            Self::Database { path, cause }
        }
    }

    /// What this user cannot write, of the file and what SQLite makes beside it; none if nothing.
    pub(super) fn not_writable(path: &Path) -> Option<Self> {
        write_obstacle(path).map(|(path, cause)| Self::NotWritable { path, cause })
    }

    /// A schema that was left as it is.
    pub(super) fn schema(path: &Path, error: MigrationError) -> Self {
        let path = path.to_owned();
        match error {
            MigrationError::Sql(cause) => Self::Database { path, cause },
            MigrationError::Foreign => Self::Foreign { path },
            MigrationError::Lost => Self::Lost { path },
            MigrationError::Newer { found, known } => Self::Newer { path, found, known },
        }
    }
}
