//! The database file: made with modes that keep others out, and opened for writing.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::connection;
use super::file_watch::{FILES, with_suffix};
use super::migrations::{STEPS, migrate, steps_seen};
use super::open_error::SqliteOpenError;
use crate::migration::SchemaSteps;
use crate::missing_database::MissingDatabase;
use crate::private_file::is_missing;

/// Makes the folder (mode 0700) and the file (mode 0600) when they are missing. SQLite gives the
/// files beside it the same mode. Refuses files that group or others have rights to: they hold
/// email addresses and password hashes.
pub(super) fn prepare(path: &Path) -> Result<(), SqliteOpenError> {
    let failed = SqliteOpenError::file(path);
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| match error.kind() {
            // A part of the path is a file.
            ErrorKind::AlreadyExists => failed(ErrorKind::NotADirectory.into()),
            _ => failed(error),
        })?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.open(path).map_err(failed)?;
    refuse_files_open_to_others(path)
}

/// Refuses a database if group or others have rights to one of its files.
pub(super) fn refuse_files_open_to_others(path: &Path) -> Result<(), SqliteOpenError> {
    FILES
        .iter()
        .try_for_each(|suffix| refuse_open_to_others(&with_suffix(path, suffix)))
}

fn refuse_open_to_others(path: &Path) -> Result<(), SqliteOpenError> {
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(());
    };
    let mode = metadata.permissions().mode() & 0o777;
    if metadata.is_file() && mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(SqliteOpenError::OpenToOthers { path, mode });
    }
    Ok(())
}

/// Opens the connection of the writer and brings the schema up to date. Returns whether the database
/// is new, too.
pub(super) fn open_database(
    path: &Path,
    missing: MissingDatabase,
) -> Result<(Connection, bool), SqliteOpenError> {
    let failed = SqliteOpenError::database(path);
    let mut connection = connection::open_to_write(path).map_err(failed)?;
    let mode = log_ahead(&connection).map_err(failed)?;
    if mode != "wal" {
        return Err(SqliteOpenError::NoLog {
            path: path.to_owned(),
        });
    }
    let migrated = migrate(&mut connection, missing);
    let is_new = migrated.map_err(|error| SqliteOpenError::schema(path, error))?;
    Ok((connection, is_new))
}

/// Returns the steps of the schema, and changes nothing.
pub(crate) fn schema_steps(path: &Path) -> Result<SchemaSteps, SqliteOpenError> {
    let known = STEPS.len();
    if is_missing(path) {
        return Ok(SchemaSteps { applied: 0, known });
    }
    let connection = connection::open_to_read(path).map_err(SqliteOpenError::database(path))?;
    let applied = steps_seen(&connection).map_err(|error| SqliteOpenError::schema(path, error))?;
    Ok(SchemaSteps { applied, known })
}

/// Applies the missing steps of the schema.
pub(crate) fn bring_up_to_date(
    path: &Path,
    missing: MissingDatabase,
) -> Result<(), SqliteOpenError> {
    prepare_unless_lost(path, missing)?;
    let (connection, _is_new) = open_database(path, missing)?;
    let closed = connection.close();
    closed.map_err(|(_, error)| SqliteOpenError::database(path)(error))
}

/// Makes the file and its folder as [`prepare`] does. Fails if the file is missing and `missing` says
/// to refuse.
pub(super) fn prepare_unless_lost(
    path: &Path,
    missing: MissingDatabase,
) -> Result<(), SqliteOpenError> {
    if missing == MissingDatabase::Refuse && is_missing(path) {
        let path = path.to_owned();
        return Err(SqliteOpenError::Lost { path });
    }
    prepare(path)
}

/// Switches to a write-ahead log, in which readers and the writer do not wait for each other; says
/// which mode the file is in now.
pub(super) fn log_ahead(connection: &Connection) -> rusqlite::Result<String> {
    for _ in 1..SWITCH_TRIES {
        match switch(connection) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                // Another process is just switching; SQLite does not ask its busy handler here.
                thread::sleep(SWITCH_PAUSE);
            }
            outcome => return outcome,
        }
    }
    switch(connection)
}

fn switch(connection: &Connection) -> rusqlite::Result<String> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
}

/// The pause between two tries to switch the journal mode.
const SWITCH_PAUSE: Duration = Duration::from_millis(2);

/// How often the switch is tried: one second, and another process needs a few milliseconds.
const SWITCH_TRIES: u32 = 500;
