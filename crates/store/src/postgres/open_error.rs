//! Why a PostgreSQL database is refused at the start.

use std::error::Error;

use super::fault::{is_outage, said_by_server};

/// Why PostgreSQL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PostgresOpenError {
    /// The value is not an address of PostgreSQL. It stays unsaid: it may hold a password.
    #[error(
        "this value is not supported; supported is \
         postgres://USER:PASSWORD@HOST:PORT/DATABASE, with /, ?, #, @ and % in a password \
         written %2F, %3F, %23, %40 and %25, and behind a ? only sslmode, sslrootcert, sslcert, \
         sslkey, host, port, user, password, dbname, application_name and options"
    )]
    Url,
    /// The database cannot be used.
    #[error("the database {database} {cause}")]
    Database {
        /// Its name and where it is.
        database: String,
        /// What is wrong with it.
        #[source]
        cause: PostgresRefusal,
    },
}

impl PostgresOpenError {
    /// Returns whether the database may become usable without a change of the configuration.
    pub(crate) fn is_outage(&self) -> bool {
        let Self::Database { cause, .. } = self else {
            return false;
        };
        matches!(
            cause,
            PostgresRefusal::Unreachable(_) | PostgresRefusal::TooSlow { .. }
        )
    }
}

/// What is wrong with a database, as the end of a sentence that began with its name.
#[derive(Debug, thiserror::Error)]
pub enum PostgresRefusal {
    /// It refused something.
    #[error("cannot be used: {0}")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// It cannot be reached, or is starting or stopping.
    #[error("cannot be reached: {0}; start it, or check the address")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    /// It did not answer while the start waited.
    #[error("did not answer within {seconds} seconds")]
    TooSlow {
        /// How long the start waited.
        seconds: u64,
    },
    /// Names and addresses cannot be written in it.
    #[error("has the encoding {found}; make a database with the encoding UTF8")]
    Encoding {
        /// Its encoding.
        found: String,
    },
    /// It answers before what it answers is safe.
    #[error(
        "has synchronous_commit off and may forget what it has answered; \
         switch it on, for the role of Signet at least"
    )]
    Forgetful,
    /// The schema `signet` holds tables that are not ours.
    #[error("has a schema `signet` of another program; name another database")]
    Foreign,
    /// It has no tables of Signet, and the keys were used with a database.
    #[error(
        "has no tables of Signet, but the keys folder was used with a database: check the address, or \
         restore the database; to begin without accounts, run `signet serve --new-database` once"
    )]
    Lost,
    /// A newer version has changed the schema.
    #[error(
        "has schema {found} and this version of Signet knows {known}; \
         run the version that was here before, or a newer one"
    )]
    Newer {
        /// Its schema.
        found: usize,
        /// The newest schema that is known.
        known: usize,
    },
}

impl From<sqlx::Error> for PostgresRefusal {
    fn from(error: sqlx::Error) -> Self {
        if is_outage(&error) {
            return Self::Unreachable(said_by_server(error));
        }
        Self::Refused(said_by_server(error))
    }
}
