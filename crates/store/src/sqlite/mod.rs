//! SQLite: everything in one file, for one host.
//!
//! Writes go through one thread that commits them in groups, reads run inline on connections of
//! their own. Several processes may share the file. This module must not know any rule: it
//! compares versions, epochs and times, and does not know what follows from them.

mod accounts;
mod address;
mod audit;
mod authenticators;
mod backup;
mod challenges;
mod clients;
mod connection;
mod consents;
mod deny_list;
mod every_row;
mod fault;
mod file;
mod file_watch;
mod imports;
mod inspection;
mod invitations;
mod job;
mod known_devices;
mod latest_time;
mod links;
mod mailed_changes;
mod migrations;
mod moving;
mod obstacle;
mod one_time;
mod open_error;
mod outbox;
mod profiles;
mod purge;
mod readers;
mod restored;
mod ring_notes;
mod sessions;
mod shared_limits;
mod status_lists;
mod status_log;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use signet_core::ids::AccountId;
use signet_verifier::Timestamp;

use crate::backend::{Backend, BackendHealth};
use crate::clients::ClientRows;
use crate::columns::millis;
use crate::error::StoreError;
use crate::missing_database::MissingDatabase;
use crate::unreadable_rows::UnreadableRows;
use fault::SqliteFault;
use file_watch::{Displaced, FileWatch};
use job::atomically;
use purge::PurgeCursor;
use readers::Readers;
use writer::Writer;

pub(crate) use address::path;
pub use backup::BackupError;
pub(crate) use backup::{back_up, restore};
pub(crate) use file::{bring_up_to_date as migrate, schema_steps};
pub(crate) use moving::{ExportFile, ImportFile, import, refuse_filled};
pub use open_error::SqliteOpenError;
pub(crate) use shared_limits::SqliteCounters;

/// One database file, opened.
pub(crate) struct Sqlite {
    readers: Arc<Readers>,
    writer: Writer,
    purge_cursor: PurgeCursor,
    displaced: Displaced,
    made: bool,
    unreadable_roles: UnreadableRows<AccountId>,
    client_rows: ClientRows,
}

impl Sqlite {
    /// Opens the file, and brings the schema up to date. If the file or its tables are missing, makes
    /// them and its folder, unless `missing` says to refuse.
    pub(crate) fn open(path: &Path, missing: MissingDatabase) -> Result<Self, SqliteOpenError> {
        file::prepare_unless_lost(path, missing)?;
        let (connection, made) = file::open_database(path, missing)?;
        let readers = Readers::open(path).map_err(SqliteOpenError::database(path))?;
        let watch = FileWatch::of(path).map_err(SqliteOpenError::file(path))?;
        let displaced = watch.displaced();
        let writer = Writer::start(connection, watch).map_err(SqliteOpenError::file(path))?;
        Ok(Self {
            readers: Arc::new(readers),
            writer,
            purge_cursor: PurgeCursor::default(),
            displaced,
            made,
            unreadable_roles: UnreadableRows::default(),
            client_rows: ClientRows::default(),
        })
    }

    fn read<T>(
        &self,
        store: &'static str,
        look: impl FnOnce(&Connection) -> Result<T, SqliteFault>,
    ) -> Result<T, StoreError> {
        let in_place = self.displaced.check().map_err(SqliteFault::from);
        let looked = in_place.and_then(|()| self.readers.read(look));
        looked.map_err(|fault| fault.in_store(store))
    }

    async fn write<T: Send + 'static>(
        &self,
        store: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, SqliteFault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.writer.submit(work).await;
        done.map_err(|fault| fault.in_store(store))
    }

    /// Deletes expired rows; `delete` takes the time and the maximum number of rows.
    async fn purge_rows(
        &self,
        store: &'static str,
        delete: &'static str,
        now: Timestamp,
        limit: usize,
    ) -> Result<usize, StoreError> {
        self.write(store, move |connection| {
            let mut statement = connection.prepare_cached(delete)?;
            Ok(statement.execute(params![millis(now), limit])?)
        })
        .await
    }
}

#[async_trait]
impl Backend for Sqlite {
    fn name(&self) -> &'static str {
        "database"
    }

    fn was_made(&self) -> bool {
        self.made
    }

    /// A write that changes nothing: it fails if the thread has ended, the lock cannot be taken, the
    /// disk is full, or the file is not at its path any more.
    async fn check(&self) -> Result<BackendHealth, StoreError> {
        let rewrite = |connection: &Connection| {
            let version: i64 = connection.query_row(VERSION, [], |row| row.get(0))?;
            connection.pragma_update(None, "user_version", version)?;
            Ok(latest_time::noted(connection)?)
        };
        let latest = self.write(self.name(), rewrite).await?;
        self.read_unreadable_clients_again();
        Ok(BackendHealth {
            clock: None,
            latest,
            unreadable_roles: self.unreadable_roles.count(),
            unreadable_clients: self.client_rows.unreadable.count(),
        })
    }

    async fn check_reads(&self) -> Result<(), StoreError> {
        self.read(self.name(), |connection| {
            let _tables: i64 = connection.query_row(TABLES, [], |row| row.get(0))?;
            Ok(())
        })
    }

    fn newly_unreadable_roles(&self) -> Vec<AccountId> {
        self.unreadable_roles.take_new()
    }

    fn newly_unreadable_clients(&self) -> Vec<String> {
        self.client_rows.unreadable.take_new()
    }

    async fn note_time(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let note = move |connection: &Connection| Ok(latest_time::note(connection, now)?);
        self.write(self.name(), note).await.map(Some)
    }

    async fn bring_time_back(&self, now: Timestamp) -> Result<(), StoreError> {
        let bring_back =
            move |connection: &Connection| Ok(latest_time::bring_back(connection, now)?);
        self.write(self.name(), bring_back).await
    }

    async fn end_everything(&self, now: Timestamp) -> Result<(), StoreError> {
        let end = move |connection: &Connection| {
            atomically(connection, |connection| {
                Ok(restored::end_everything(connection, now)?)
            })
        };
        self.write(self.name(), end).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        let closed = self.writer.close().await;
        closed.map_err(|fault| fault.in_store(self.name()))
    }
}

/// Reads the file, which a look at a cached page does not.
const TABLES: &str = "SELECT count(*) FROM sqlite_schema";

const VERSION: &str = "PRAGMA user_version";

#[cfg(test)]
mod tests;
