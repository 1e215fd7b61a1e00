//! From addresses to stores.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use signet_verifier::Timestamp;

use crate::accounts::Accounts;
use crate::audit::AuditTable;
use crate::authenticators::Authenticators;
use crate::backend::Backend;
use crate::challenges::Challenges;
use crate::clients::Clients;
use crate::consents::Consents;
use crate::deny_list::DenyList;
use crate::imports::Imports;
use crate::invitations::Invitations;
use crate::known_devices::KnownDevices;
use crate::links::Links;
use crate::mailed_changes::MailedChanges;
use crate::missing_database::MissingDatabase;
use crate::one_time::OneTimeValues;
use crate::open_error::OpenError;
use crate::outbox::Outbox;
use crate::postgres::{self, Postgres};
use crate::profiles::Profiles;
use crate::redis::Redis;
use crate::ring_notes::RingNotes;
use crate::schema;
use crate::sessions::Sessions;
use crate::shared_limits::SharedLimits;
use crate::sqlite::{self, BackupError, Sqlite, SqliteCounters};
use crate::status_lists::StatusLists;
use crate::store_urls::{DatabasePlace, Places, StoreUrls};
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
    Ok(match DatabasePlace::parse(urls)? {
        DatabasePlace::Sqlite(path) => Arc::new(Sqlite::open(path, missing)?),
        DatabasePlace::Postgres(address) => Arc::new(Postgres::open(address, missing).await?),
    })
}

/// Everything in one database, with the counters of requests in a file beside it.
fn together(sqlite: Sqlite, counters: SqliteCounters) -> Stores {
    let sqlite = Arc::new(sqlite);
    let backends = vec![Arc::clone(&sqlite) as _];
    served_by(&sqlite, (&sqlite, Arc::new(counters)), backends)
}

/// What lasts in a database, what changes with every request in Redis.
fn apart(database: impl Lasting + 'static, redis: Redis) -> Stores {
    let (database, redis) = (Arc::new(database), Arc::new(redis));
    let backends = vec![Arc::clone(&database) as _, Arc::clone(&redis) as _];
    served_by(&database, (&redis, Arc::clone(&redis) as _), backends)
}

/// Says once which stores last and which change with every request.
fn served_by<L: Lasting + 'static, C: Changing + 'static>(
    lasting: &Arc<L>,
    (changing, shared_limits): (&Arc<C>, Arc<dyn SharedLimits>),
    backends: Vec<Arc<dyn Backend>>,
) -> Stores {
    Stores {
        accounts: Arc::clone(lasting) as _,
        audit: Arc::clone(lasting) as _,
        authenticators: Arc::clone(lasting) as _,
        imports: Arc::clone(lasting) as _,
        links: Arc::clone(lasting) as _,
        invitations: Arc::clone(lasting) as _,
        known_devices: Arc::clone(lasting) as _,
        outbox: Arc::clone(lasting) as _,
        mailed_changes: Arc::clone(lasting) as _,
        profiles: Arc::clone(lasting) as _,
        clients: Arc::clone(lasting) as _,
        consents: Arc::clone(lasting) as _,
        sessions: Arc::clone(changing) as _,
        deny_list: Arc::clone(changing) as _,
        one_time_values: Arc::clone(changing) as _,
        challenges: Arc::clone(changing) as _,
        shared_limits,
        ring_notes: Arc::clone(changing) as _,
        status_lists: Arc::clone(changing) as _,
        backends,
    }
}

/// What a database does, whatever changes with every request.
trait Lasting:
    Accounts
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
{
}

impl Lasting for Sqlite {}
impl Lasting for Postgres {}

/// What serves the stores that change with every request.
trait Changing:
    Sessions + DenyList + OneTimeValues + Challenges + RingNotes + StatusLists + Backend
{
}

impl Changing for Sqlite {}
impl Changing for Redis {}
