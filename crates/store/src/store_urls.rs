//! The addresses of the stores, parsed and checked.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::migration::Migration;
use crate::open_error::OpenError;
use crate::postgres::{self, PostgresAddress};
use crate::private_file::is_missing;
use crate::redis::{self, RedisOptions, RedisServer};
use crate::sqlite;

/// Where things are stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrls {
    /// `sqlite://PATH`; a path that does not begin with `/` is relative to the working folder. Or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `redis_url` beside it.
    pub database_url: String,
    /// Where sessions and denials live when not in the database: `redis://` or `unix://` for one
    /// server, `redis+sentinel://` or `redis+cluster://`; `rediss` instead of `redis` for TLS.
    pub redis_url: Option<String>,
    /// How Redis is used.
    pub redis: RedisOptions,
    /// Whether opening applies the missing steps of the schema.
    pub migration: Migration,
}

impl StoreUrls {
    /// The address of each host, if `url` names several: `redis://HOST:PORT`, or `rediss://`, without
    /// user and password.
    pub fn hosts(url: &str) -> Option<Vec<String>> {
        redis::hosts(url)
    }

    /// The schemes of all addresses that a store may have.
    pub const SCHEMES: [&str; 6] = [
        "sqlite",
        "postgres",
        "postgresql",
        "redis",
        "rediss",
        "unix",
    ];

    /// Checks the addresses as [`crate::open`] does, and opens nothing.
    ///
    /// # Errors
    ///
    /// The [`OpenError`] that [`crate::open`] would fail with.
    pub fn check(&self) -> Result<(), OpenError> {
        Places::parse(self).map(drop)
    }

    /// The SQLite file that [`crate::open`] would use, if it exists.
    pub fn existing_file(&self) -> Option<PathBuf> {
        let path = self.sqlite_file().filter(|path| path.exists());
        path.map(Path::to_owned)
    }

    /// The SQLite file that [`crate::open`] would create, if it does not exist.
    pub fn missing_file(&self) -> Option<PathBuf> {
        let path = self.sqlite_file().filter(|path| is_missing(path));
        path.map(Path::to_owned)
    }

    /// Which database this is: the path of the SQLite file, or the name and the server of the
    /// PostgreSQL database, without user and password. `None` if the address is invalid.
    pub fn database_name(&self) -> Option<String> {
        match Places::parse(self).ok()?.database() {
            DatabasePlace::Sqlite(path) => {
                let path = std::path::absolute(path).ok()?;
                Some(path.to_string_lossy().into_owned())
            }
            DatabasePlace::Postgres(address) => Some(address.name()),
        }
    }

    fn sqlite_file(&self) -> Option<&Path> {
        match Places::parse(self).ok()?.database() {
            DatabasePlace::Sqlite(path) => Some(path),
            DatabasePlace::Postgres(_) => None,
        }
    }
}

/// Silent about what may hold a password.
impl fmt::Debug for StoreUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreUrls(..)")
    }
}

/// The addresses, understood.
pub(crate) enum Places<'a> {
    Sqlite(&'a Path),
    SqliteAndRedis(&'a Path, RedisServer),
    PostgresAndRedis(Box<PostgresAddress>, RedisServer),
}

/// The database among them.
pub(crate) enum DatabasePlace<'a> {
    Sqlite(&'a Path),
    Postgres(Box<PostgresAddress>),
}

impl<'a> Places<'a> {
    pub(crate) fn parse(urls: &'a StoreUrls) -> Result<Self, OpenError> {
        let database = DatabasePlace::parse(urls)?;
        let redis = urls.redis_url.as_deref();
        let redis = redis.map(|url| RedisServer::parse(url, &urls.redis));
        match (database, redis.transpose()?) {
            (DatabasePlace::Sqlite(path), None) => Ok(Self::Sqlite(path)),
            (DatabasePlace::Sqlite(path), Some(server)) => Ok(Self::SqliteAndRedis(path, server)),
            (DatabasePlace::Postgres(address), Some(server)) => {
                Ok(Self::PostgresAndRedis(address, server))
            }
            (DatabasePlace::Postgres(_), None) => Err(OpenError::NeedsRedis),
        }
    }

    /// The database, without what is in Redis.
    pub(crate) fn database(self) -> DatabasePlace<'a> {
        match self {
            Self::Sqlite(path) | Self::SqliteAndRedis(path, _) => DatabasePlace::Sqlite(path),
            Self::PostgresAndRedis(address, _) => DatabasePlace::Postgres(address),
        }
    }
}

impl<'a> DatabasePlace<'a> {
    pub(crate) fn parse(urls: &'a StoreUrls) -> Result<Self, OpenError> {
        if postgres::is_postgres(&urls.database_url) {
            let address = PostgresAddress::parse(&urls.database_url)?;
            return Ok(Self::Postgres(Box::new(address)));
        }
        Ok(Self::Sqlite(sqlite::path(&urls.database_url)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(database_url: &str, redis_url: Option<&str>) -> String {
        let urls = StoreUrls {
            database_url: database_url.to_owned(),
            redis_url: redis_url.map(str::to_owned),
            redis: RedisOptions::default(),
            migration: Migration::Automatic,
        };
        urls.check().unwrap_err().to_string()
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
            assert_eq!(
                refusal(url, None),
                "database_url: this value is not supported; \
                 supported is sqlite://PATH, for example sqlite://data/signet.db, or \
                 postgres://HOST/DATABASE"
            );
        }
    }

    #[test]
    fn addresses_are_checked_without_opening_anything() {
        let refused = refusal("sqlite:///nowhere/signet.db", Some("http://hunter2@cache"));
        assert!(
            refused.starts_with("redis_url: this value is not supported; supported is redis://")
        );
        assert!(!refused.contains("hunter2"));
        assert_eq!(
            refusal("postgres://db/signet", None),
            "database_url: PostgreSQL needs Redis, where replicas share their sessions; \
             set redis_url too, or leave database_url out"
        );
    }
}
