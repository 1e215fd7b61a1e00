//! From addresses to stores: the only place that knows which backends there are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::accounts::Accounts;
use crate::backend::Backend;
use crate::clients::Clients;
use crate::postgres::{Postgres, PostgresOpenError, is_postgres};
use crate::redis::{Redis, RedisOpenError, RedisOptions};
use crate::sqlite::Sqlite;
use crate::stores::Stores;

/// Where things are stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrls {
    /// `sqlite://PATH`; a path that does not begin with `/` is relative to the working folder. Or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `redis_url` beside it.
    pub database_url: String,
    /// Where sessions and denials live when not in the database: `redis://`, `rediss://` or
    /// `unix://`.
    pub redis_url: Option<String>,
    /// How Redis is used.
    pub redis: RedisOptions,
}

/// Silent about what may hold a password.
impl fmt::Debug for StoreUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreUrls(..)")
    }
}

/// Opens every store, making and migrating what is missing.
///
/// # Errors
///
/// [`OpenError`], a sentence that names the key or the file and what to do about it.
pub async fn open(urls: &StoreUrls) -> Result<Stores, OpenError> {
    let (database_url, redis_url) = (&urls.database_url, urls.redis_url.as_deref());
    if is_postgres(database_url) {
        let redis_url = redis_url.ok_or(OpenError::NeedsRedis)?;
        let redis = Redis::open(redis_url, &urls.redis).await?;
        return Ok(apart(Postgres::open(database_url).await?, redis));
    }
    let sqlite = Sqlite::open(sqlite_path(database_url)?)?;
    if let Some(redis_url) = redis_url {
        return Ok(apart(sqlite, Redis::open(redis_url, &urls.redis).await?));
    }
    let sqlite = Arc::new(sqlite);
    Ok(Stores {
        accounts: Arc::clone(&sqlite) as _,
        clients: Arc::clone(&sqlite) as _,
        sessions: Arc::clone(&sqlite) as _,
        deny_list: Arc::clone(&sqlite) as _,
        one_time_values: Arc::clone(&sqlite) as _,
        ring_notes: Arc::clone(&sqlite) as _,
        backends: vec![sqlite],
    })
}

/// What lasts in a database, what changes with every request in Redis.
fn apart(database: impl Accounts + Clients + Backend + 'static, redis: Redis) -> Stores {
    let (database, redis) = (Arc::new(database), Arc::new(redis));
    Stores {
        accounts: Arc::clone(&database) as _,
        clients: Arc::clone(&database) as _,
        sessions: Arc::clone(&redis) as _,
        deny_list: Arc::clone(&redis) as _,
        one_time_values: Arc::clone(&redis) as _,
        ring_notes: Arc::clone(&redis) as _,
        backends: vec![database, redis],
    }
}

fn sqlite_path(database_url: &str) -> Result<&Path, OpenError> {
    let unsupported = OpenError::Unsupported {
        key: "database_url",
        supported: "sqlite://PATH, for example sqlite://data/signet.db, or \
                    postgres://HOST/DATABASE",
    };
    match database_url.strip_prefix("sqlite://") {
        // `?` would begin parameters, and there are none; `:memory:` would forget everything.
        Some(path)
            if !path.is_empty() && !path.contains(['?', '#', '\0']) && path != ":memory:" =>
        {
            Ok(Path::new(path))
        }
        _ => Err(unsupported),
    }
}

/// Why the stores could not be opened: the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Redis cannot be used.
    #[error("redis_url: {0}")]
    Redis(#[from] RedisOpenError),
    /// The value of a key leads to no backend. The value stays unsaid: it may hold a password.
    #[error("{key}: this value is not supported; supported is {supported}")]
    Unsupported {
        /// The key in the configuration.
        key: &'static str,
        /// What it may be.
        supported: &'static str,
    },
    /// The file or its folder cannot be made or used.
    #[error("database_url: cannot make or open {}: {cause}", path.display())]
    File {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file cannot be used as a database.
    #[error("database_url: SQLite cannot use {}: {cause}", path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        cause: rusqlite::Error,
    },
    /// The file system cannot hold a write-ahead log.
    #[error(
        "database_url: {} cannot have a write-ahead log; put it on a local disk",
        path.display()
    )]
    NoLog {
        /// The database file.
        path: PathBuf,
    },
    /// PostgreSQL is there for replicas, and what replicas share besides is in Redis.
    #[error(
        "database_url: PostgreSQL needs Redis beside it, where replicas share their sessions; \
         set redis_url too, or leave database_url out"
    )]
    NeedsRedis,
    /// The PostgreSQL database cannot be used.
    #[error("database_url: the database {database} {cause}")]
    Postgres {
        /// Its name and where it is.
        database: String,
        /// What is wrong with it.
        #[source]
        cause: PostgresOpenError,
    },
    /// The database belongs to another program.
    #[error("database_url: {} is a database of another program; name another file", path.display())]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// A newer version has changed the schema.
    #[error(
        "database_url: {} has schema {found} and this version of Signet knows {known}; \
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_paths_are_relative_or_absolute() {
        let relative = sqlite_path("sqlite://data/signet.db").unwrap();
        assert_eq!(relative, Path::new("data/signet.db"));
        let absolute = sqlite_path("sqlite:///var/lib/signet.db").unwrap();
        assert_eq!(absolute, Path::new("/var/lib/signet.db"));
    }

    #[test]
    fn other_urls_are_refused_without_being_repeated() {
        for url in [
            "",
            "data/signet.db",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://a.db?mode=ro",
            "mysql://root:hunter2@localhost/signet",
        ] {
            let sentence = sqlite_path(url).unwrap_err().to_string();
            assert_eq!(
                sentence,
                "database_url: this value is not supported; \
                 supported is sqlite://PATH, for example sqlite://data/signet.db, or \
                 postgres://HOST/DATABASE"
            );
        }
    }
}
