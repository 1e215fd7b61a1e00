//! From addresses to stores: the only place that knows which backends there are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use signet_verifier::Timestamp;

use crate::accounts::Accounts;
use crate::audit::AuditTable;
use crate::authenticators::Authenticators;
use crate::backend::Backend;
use crate::clients::Clients;
use crate::consents::Consents;
use crate::imports::Imports;
use crate::invitations::Invitations;
use crate::known_devices::KnownDevices;
use crate::links::Links;
use crate::mailed_changes::MailedChanges;
use crate::missing_database::MissingDatabase;
use crate::outbox::Outbox;
use crate::postgres::{self, Postgres, PostgresAddress, PostgresOpenError};
use crate::profiles::Profiles;
use crate::redis::{self, Redis, RedisOpenError, RedisOptions, RedisServer};
use crate::sqlite::{self, BackupError, Sqlite, SqliteCounters, SqliteOpenError};
use crate::stores::Stores;

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

    /// Checks the addresses as [`open`] does, and opens nothing.
    ///
    /// # Errors
    ///
    /// The [`OpenError`] that [`open`] would fail with.
    pub fn check(&self) -> Result<(), OpenError> {
        Places::parse(self).map(drop)
    }

    /// The SQLite file that [`open`] would use, if it exists.
    pub fn existing_file(&self) -> Option<PathBuf> {
        let path = self.sqlite_file().filter(|path| path.exists());
        path.map(Path::to_owned)
    }

    /// The SQLite file that [`open`] would create, if it does not exist.
    pub fn missing_file(&self) -> Option<PathBuf> {
        let path = self.sqlite_file().filter(|path| !path.exists());
        path.map(Path::to_owned)
    }

    /// Which database this is: the path of the SQLite file, or the name and the server of the
    /// PostgreSQL database, without user and password. `None` if the address is invalid.
    pub fn database_name(&self) -> Option<String> {
        match Places::parse(self).ok()? {
            Places::Sqlite(path) | Places::SqliteAndRedis(path, _) => {
                let path = std::path::absolute(path).ok()?;
                Some(path.to_string_lossy().into_owned())
            }
            Places::PostgresAndRedis(address, _) => Some(address.name()),
        }
    }

    fn sqlite_file(&self) -> Option<&Path> {
        match Places::parse(self).ok()? {
            Places::Sqlite(path) | Places::SqliteAndRedis(path, _) => Some(path),
            Places::PostgresAndRedis(..) => None,
        }
    }
}

/// Silent about what may hold a password.
impl fmt::Debug for StoreUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreUrls(..)")
    }
}

/// Writes the SQLite database as it is at one moment into a new file, while servers go on.
///
/// # Errors
///
/// [`BackupError`], a sentence that names the file and what to do.
pub fn back_up(urls: &StoreUrls, into: &Path) -> Result<(), BackupError> {
    sqlite::back_up(database_file(urls)?, into)
}

/// Puts a backup in the place of the SQLite database, which no process may use. Everything in it has
/// ended. Returns where the earlier database is now. What Redis has is ended by
/// [`Backend::end_everything`].
///
/// # Errors
///
/// [`BackupError`], a sentence that names the file and what to do. Then nothing has changed.
pub fn restore(
    urls: &StoreUrls,
    from: &Path,
    now: Timestamp,
) -> Result<Option<PathBuf>, BackupError> {
    sqlite::restore(database_file(urls)?, from, now)
}

fn database_file(urls: &StoreUrls) -> Result<&Path, BackupError> {
    if postgres::is_postgres(&urls.database_url) {
        return Err(BackupError::NotAFile);
    }
    Ok(sqlite::path(&urls.database_url)?)
}

/// Opens every store, making and migrating what is missing. If Redis has no deny list yet, access
/// tokens issued before `now` are refused.
///
/// # Errors
///
/// [`OpenError`], a sentence that names the key or the file and what to do about it.
pub async fn open(urls: &StoreUrls, now: Timestamp) -> Result<Stores, OpenError> {
    open_or_refuse(urls, MissingDatabase::Make, now).await
}

/// Opens every store as [`open`] does, and treats a database without tables as `missing` says.
///
/// # Errors
///
/// [`OpenError`], a sentence that names the key or the file and what to do about it.
pub async fn open_or_refuse(
    urls: &StoreUrls,
    missing: MissingDatabase,
    now: Timestamp,
) -> Result<Stores, OpenError> {
    match Places::parse(urls)? {
        Places::Sqlite(path) => {
            let sqlite = Sqlite::open(path, missing)?;
            Ok(together(sqlite, SqliteCounters::open(path)?))
        }
        Places::SqliteAndRedis(path, server) => {
            let sqlite = Sqlite::open(path, missing)?;
            Ok(apart(sqlite, Redis::open(server, &urls.redis, now).await?))
        }
        Places::PostgresAndRedis(address, server) => {
            let redis = Redis::open(server, &urls.redis, now).await?;
            Ok(apart(Postgres::open(address, missing).await?, redis))
        }
    }
}

/// Opens the database alone, for commands that read or write the audit trail in it. Treats a
/// database without tables as `missing` says.
///
/// # Errors
///
/// As [`open`], but nothing needs Redis.
pub async fn open_audit_table(
    urls: &StoreUrls,
    missing: MissingDatabase,
) -> Result<Arc<dyn AuditTable>, OpenError> {
    if postgres::is_postgres(&urls.database_url) {
        let address = PostgresAddress::parse(&urls.database_url)?;
        let opened = Postgres::open(Box::new(address), missing).await?;
        return Ok(Arc::new(opened));
    }
    let path = sqlite::path(&urls.database_url)?;
    Ok(Arc::new(Sqlite::open(path, missing)?))
}

/// The addresses, understood.
enum Places<'a> {
    Sqlite(&'a Path),
    SqliteAndRedis(&'a Path, RedisServer),
    PostgresAndRedis(Box<PostgresAddress>, RedisServer),
}

impl<'a> Places<'a> {
    fn parse(urls: &'a StoreUrls) -> Result<Self, OpenError> {
        let redis_url = urls.redis_url.as_deref();
        let redis = || redis_url.map(|url| RedisServer::parse(url, &urls.redis));
        if postgres::is_postgres(&urls.database_url) {
            let address = PostgresAddress::parse(&urls.database_url)?;
            let server = redis().ok_or(OpenError::NeedsRedis)??;
            return Ok(Self::PostgresAndRedis(Box::new(address), server));
        }
        let path = sqlite::path(&urls.database_url)?;
        Ok(match redis().transpose()? {
            Some(server) => Self::SqliteAndRedis(path, server),
            None => Self::Sqlite(path),
        })
    }
}

/// Everything in one database, with the counters of requests in a file beside it.
fn together(sqlite: Sqlite, counters: SqliteCounters) -> Stores {
    let sqlite = Arc::new(sqlite);
    Stores {
        accounts: Arc::clone(&sqlite) as _,
        audit: Arc::clone(&sqlite) as _,
        authenticators: Arc::clone(&sqlite) as _,
        imports: Arc::clone(&sqlite) as _,
        links: Arc::clone(&sqlite) as _,
        invitations: Arc::clone(&sqlite) as _,
        known_devices: Arc::clone(&sqlite) as _,
        outbox: Arc::clone(&sqlite) as _,
        mailed_changes: Arc::clone(&sqlite) as _,
        profiles: Arc::clone(&sqlite) as _,
        clients: Arc::clone(&sqlite) as _,
        consents: Arc::clone(&sqlite) as _,
        sessions: Arc::clone(&sqlite) as _,
        deny_list: Arc::clone(&sqlite) as _,
        one_time_values: Arc::clone(&sqlite) as _,
        challenges: Arc::clone(&sqlite) as _,
        shared_limits: Arc::new(counters),
        ring_notes: Arc::clone(&sqlite) as _,
        status_lists: Arc::clone(&sqlite) as _,
        backends: vec![sqlite],
    }
}

/// What lasts in a database, what changes with every request in Redis.
fn apart(
    database: impl Accounts
    + AuditTable
    + Authenticators
    + Imports
    + Links
    + Invitations
    + KnownDevices
    + Outbox
    + MailedChanges
    + Profiles
    + Clients
    + Consents
    + Backend
    + 'static,
    redis: Redis,
) -> Stores {
    let (database, redis) = (Arc::new(database), Arc::new(redis));
    Stores {
        accounts: Arc::clone(&database) as _,
        audit: Arc::clone(&database) as _,
        authenticators: Arc::clone(&database) as _,
        imports: Arc::clone(&database) as _,
        links: Arc::clone(&database) as _,
        invitations: Arc::clone(&database) as _,
        known_devices: Arc::clone(&database) as _,
        outbox: Arc::clone(&database) as _,
        mailed_changes: Arc::clone(&database) as _,
        profiles: Arc::clone(&database) as _,
        clients: Arc::clone(&database) as _,
        consents: Arc::clone(&database) as _,
        sessions: Arc::clone(&redis) as _,
        deny_list: Arc::clone(&redis) as _,
        one_time_values: Arc::clone(&redis) as _,
        challenges: Arc::clone(&redis) as _,
        shared_limits: Arc::clone(&redis) as _,
        ring_notes: Arc::clone(&redis) as _,
        status_lists: Arc::clone(&redis) as _,
        backends: vec![database, redis],
    }
}

/// Why the stores could not be opened: the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Redis cannot be used.
    #[error("redis_url: {0}")]
    Redis(#[from] RedisOpenError),
    /// The SQLite file cannot be used.
    #[error("database_url: {0}")]
    Sqlite(#[from] SqliteOpenError),
    /// The PostgreSQL database cannot be used.
    #[error("database_url: {0}")]
    Postgres(#[from] PostgresOpenError),
    /// PostgreSQL keeps what lasts; the sessions that replicas share are in Redis.
    #[error("database_url: {NEEDS_REDIS}")]
    NeedsRedis,
}

impl OpenError {
    /// The setting to change.
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Redis(_) => "redis_url",
            Self::Sqlite(_) | Self::Postgres(_) | Self::NeedsRedis => "database_url",
        }
    }

    /// Returns whether the store cannot be reached now, and may be reached later with the same
    /// configuration.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Redis(error) => matches!(error, RedisOpenError::Unreachable { .. }),
            Self::Postgres(error) => error.is_outage(),
            Self::Sqlite(_) | Self::NeedsRedis => false,
        }
    }

    /// What is wrong and what to do, without the name of the setting.
    pub fn reason(&self) -> String {
        match self {
            Self::Redis(error) => error.to_string(),
            Self::Sqlite(error) => error.to_string(),
            Self::Postgres(error) => error.to_string(),
            Self::NeedsRedis => NEEDS_REDIS.to_owned(),
        }
    }
}

const NEEDS_REDIS: &str = "PostgreSQL needs Redis, where replicas share their sessions; \
                           set redis_url too, or leave database_url out";

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(database_url: &str, redis_url: Option<&str>) -> String {
        let urls = StoreUrls {
            database_url: database_url.to_owned(),
            redis_url: redis_url.map(str::to_owned),
            redis: RedisOptions::default(),
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
