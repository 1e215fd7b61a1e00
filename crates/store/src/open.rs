//! From addresses to stores.

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
use crate::open_error::OpenError;
use crate::outbox::Outbox;
use crate::postgres::{self, Postgres, PostgresAddress};
use crate::profiles::Profiles;
use crate::redis::Redis;
use crate::schema;
use crate::sqlite::{self, BackupError, Sqlite, SqliteCounters};
use crate::store_urls::{Places, StoreUrls};
use crate::stores::Stores;

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

/// Opens every store, making what is missing, and migrating it if `urls.migration` says so. If Redis
/// has no deny list yet, access tokens issued before `now` are refused.
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
    Box::pin(schema::check(urls, missing)).await?;
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
    Box::pin(schema::check(urls, missing)).await?;
    if postgres::is_postgres(&urls.database_url) {
        let address = PostgresAddress::parse(&urls.database_url)?;
        let opened = Postgres::open(Box::new(address), missing).await?;
        return Ok(Arc::new(opened));
    }
    let path = sqlite::path(&urls.database_url)?;
    Ok(Arc::new(Sqlite::open(path, missing)?))
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
