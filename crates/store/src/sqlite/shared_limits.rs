//! Counters of requests beside the SQLite file, in a file of their own.
//!
//! Counts need no flush to the disk, so they do not wait for the commits of the database. The file
//! needs no backup; if it is missing, it is made again.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, params};
use signet_core::limits::CounterId;
use signet_verifier::Timestamp;

use super::connection;
use super::fault::SqliteFault;
use super::file;
use super::file_watch::{FileWatch, with_suffix};
use super::open_error::SqliteOpenError;
use super::writer::Writer;
use crate::error::StoreError;
use crate::shared_limits::{CounterGroup, Counts, SharedLimits, micros, quota_micros};

/// The counters of all processes that share one database file.
pub(crate) struct SqliteCounters {
    writer: Writer,
}

impl SqliteCounters {
    /// Opens the file of the counters beside the database at `database`.
    pub(crate) fn open(database: &Path) -> Result<Self, SqliteOpenError> {
        let path = &with_suffix(database, SUFFIX);
        file::prepare(path)?;
        let connection = connection::open_to_write(path)
            .and_then(|connection| set_up(&connection).map(|()| connection));
        let connection = connection.map_err(SqliteOpenError::database(path))?;
        let watch = FileWatch::of(path).map_err(SqliteOpenError::file(path))?;
        let writer = Writer::start(connection, watch).map_err(SqliteOpenError::file(path))?;
        Ok(Self { writer })
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, SqliteFault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.writer.submit(work).await;
        done.map_err(|fault| fault.in_store(STORE))
    }
}

/// With a write-ahead log and NORMAL a commit waits for no flush, and a crash damages nothing.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    file::log_ahead(connection)?;
    connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA secure_delete = OFF;")?;
    connection.execute_batch(TABLE)
}

#[async_trait]
impl SharedLimits for SqliteCounters {
    async fn count(&self, group: &CounterGroup, now: Timestamp) -> Result<Counts, StoreError> {
        let group = group.clone();
        self.write(move |connection| count(connection, &group, micros(now)))
            .await
    }

    async fn take_back(&self, group: &CounterGroup, now: Timestamp) -> Result<(), StoreError> {
        let group = group.clone();
        self.write(move |connection| {
            let mut statement = connection.prepare_cached(TAKE_BACK)?;
            for &(id, quota) in &group.counters {
                let (interval, _) = quota_micros(quota);
                statement.execute(params![
                    group.id.as_bytes(),
                    id.as_bytes(),
                    interval,
                    micros(now)
                ])?;
            }
            Ok(())
        })
        .await
    }

    async fn reset(&self, group: CounterId) -> Result<(), StoreError> {
        self.write(move |connection| {
            let mut statement = connection.prepare_cached(RESET)?;
            statement.execute(params![group.as_bytes()])?;
            Ok(())
        })
        .await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.write(move |connection| {
            let mut statement = connection.prepare_cached(PURGE)?;
            Ok(statement.execute(params![micros(now), limit])?)
        })
        .await
    }
}

/// Reads all counters first, so that nothing is written if one of them refuses the request.
fn count(connection: &Connection, group: &CounterGroup, now: i64) -> Result<Counts, SqliteFault> {
    let mut find = connection.prepare_cached(FIND)?;
    let (mut counted, mut loads) = (true, Vec::with_capacity(group.counters.len()));
    for &(id, quota) in &group.counters {
        let found = find.query_row(params![group.id.as_bytes(), id.as_bytes()], |row| {
            row.get(0)
        });
        let whole_at: i64 = found.optional()?.unwrap_or(0);
        let (interval, capacity) = quota_micros(quota);
        let whole_in = whole_at.saturating_sub(now).max(0);
        counted &= whole_in.saturating_add(interval) <= capacity;
        loads.push((id, whole_in, interval));
    }
    let mut whole_in = Vec::with_capacity(loads.len());
    for (id, before, interval) in loads {
        let load = if counted {
            before.saturating_add(interval)
        } else {
            before
        };
        if counted {
            let mut put = connection.prepare_cached(PUT)?;
            let whole_at = now.saturating_add(load);
            put.execute(params![group.id.as_bytes(), id.as_bytes(), whole_at])?;
        }
        whole_in.push(Duration::from_micros(
            u64::try_from(load).unwrap_or_default(),
        ));
    }
    Ok(Counts { counted, whole_in })
}

const STORE: &str = "shared limits";
/// What follows the path of the database in the name of the file.
const SUFFIX: &str = "-limits";

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS group_counters (
        group_id BLOB NOT NULL,
        id BLOB NOT NULL,
        whole_at INTEGER NOT NULL, -- microseconds since 1970
        PRIMARY KEY (group_id, id)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS group_counters_by_time ON group_counters (whole_at);";

const FIND: &str = "SELECT whole_at FROM group_counters WHERE group_id = ?1 AND id = ?2";

const PUT: &str = "
    INSERT INTO group_counters (group_id, id, whole_at) VALUES (?1, ?2, ?3)
    ON CONFLICT (group_id, id) DO UPDATE SET whole_at = excluded.whole_at";

const TAKE_BACK: &str = "
    UPDATE group_counters SET whole_at = max(whole_at - ?3, ?4)
    WHERE group_id = ?1 AND id = ?2 AND whole_at > ?4";

const RESET: &str = "DELETE FROM group_counters WHERE group_id = ?1";

const PURGE: &str = "
    DELETE FROM group_counters WHERE (group_id, id) IN (
        SELECT group_id, id FROM group_counters WHERE whole_at <= ?1 ORDER BY whole_at LIMIT ?2
    )";
