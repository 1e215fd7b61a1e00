//! Backup and restore of the database file.
//!
//! A backup is one file that SQLite writes from a single moment, while a server goes on. A restore
//! checks the file, ends everything in a copy of it, and puts the copy in the place of the database.
//! This module must not know who asked, or what Redis has.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, params};
use signet_verifier::Timestamp;

use super::connection::{open_to_read, open_to_write};
use super::file_watch::{FILES, with_suffix};
use super::migrations::{STEPS, migrate};
use super::obstacle::obstacle;
use super::open_error::SqliteOpenError;
use super::restored::end_everything;
use crate::missing_database::MissingDatabase;
use crate::private_file::{create_new, sync_folder_of};

/// Why a backup or a restore was not done. Each sentence names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store is not a file.
    #[error(
        "the accounts are in PostgreSQL; back them up and restore them with pg_dump and pg_restore, \
         then run `signet restore --end-sessions`"
    )]
    NotAFile,
    /// A file would be overwritten.
    #[error("{} exists; name another file", .0.display())]
    Exists(PathBuf),
    /// The file is no backup.
    #[error("{} is no backup of Signet: {why}; name another file", path.display())]
    NotABackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A process has the database open.
    #[error("a process uses {}; stop the server, then try again", .0.display())]
    InUse(PathBuf),
    /// The disk or SQLite refuses.
    #[error(transparent)]
    File(#[from] SqliteOpenError),
}

/// Writes the database at `path` as it is at one moment into a new file with mode 0600.
pub(crate) fn back_up(path: &Path, into: &Path) -> Result<(), BackupError> {
    let connection = open_to_read(path).map_err(SqliteOpenError::database(path))?;
    copy(&connection, into)
}

/// Puts the backup `from` in the place of the database at `path`, with everything ended. Returns
/// where the database that was there is now.
///
/// Nothing is changed in the backup. Until the last step nothing is changed in the database either.
pub(crate) fn restore(
    path: &Path,
    from: &Path,
    now: Timestamp,
) -> Result<Option<PathBuf>, BackupError> {
    let copied = with_suffix(path, ".restoring");
    // A restore that was interrupted leaves it.
    let _left_over = fs::remove_file(&copied);
    let prepared = prepare(from, &copied, now);
    let replaced = prepared.and_then(|()| replace(path, &copied, now));
    if replaced.is_err() {
        let _copy = fs::remove_file(&copied);
    }
    replaced
}

/// Copies `connection`'s database into a new file and flushes it.
fn copy(connection: &Connection, into: &Path) -> Result<(), BackupError> {
    let file = create_new(into).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => BackupError::Exists(into.to_owned()),
        _ => SqliteOpenError::file(into)(error).into(),
    })?;
    let name = into.to_str().ok_or_else(|| BackupError::NotABackup {
        path: into.to_owned(),
        why: "its name is not UTF-8".to_owned(),
    })?;
    let written = connection.execute("VACUUM INTO ?1", params![name]);
    let written = written.map_err(SqliteOpenError::database(into));
    let flushed = written.and_then(|_| {
        let flushed = file.sync_all().and_then(|()| sync_folder_of(into));
        flushed.map_err(SqliteOpenError::file(into))
    });
    flushed.map_err(|error| {
        let _partial = fs::remove_file(into);
        error.into()
    })
}

/// Copies the backup to `copied` and ends everything there.
fn prepare(from: &Path, copied: &Path, now: Timestamp) -> Result<(), BackupError> {
    let unusable = |why: String| BackupError::NotABackup {
        path: from.to_owned(),
        why,
    };
    if let Some(cause) = obstacle(from) {
        return Err(SqliteOpenError::file(from)(cause).into());
    }
    let backup = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let backup = backup.map_err(|error| unusable(error.to_string()))?;
    check(&backup).map_err(unusable)?;
    copy(&backup, copied)?;
    let failed = SqliteOpenError::database(copied);
    let mut connection = open_to_write(copied).map_err(failed)?;
    let migrated = migrate(&mut connection, MissingDatabase::Refuse);
    migrated.map_err(|error| SqliteOpenError::schema(from, error))?;
    let transaction = connection.transaction().map_err(failed)?;
    end_everything(&transaction, now).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(connection.close().map_err(|(_, error)| failed(error))?)
}

/// Whether a file holds accounts and is whole.
fn check(backup: &Connection) -> Result<(), String> {
    let said = |error: rusqlite::Error| error.to_string();
    let steps: usize = backup
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(said)?;
    if steps == 0 {
        return Err("it has no accounts".to_owned());
    }
    if steps > STEPS.len() {
        return Err(format!(
            "a newer version of Signet wrote it, with schema {steps}"
        ));
    }
    let whole: String = backup
        .pragma_query_value(None, "integrity_check", |row| row.get(0))
        .map_err(said)?;
    if whole == "ok" { Ok(()) } else { Err(whole) }
}

/// Moves the database aside, if there is one, and the copy in its place.
fn replace(path: &Path, copied: &Path, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let failed = SqliteOpenError::file(path);
    let seconds = now.as_millis() / 1_000;
    let mut kept = None;
    if path.exists() {
        take_alone(path)?;
        let aside = with_suffix(path, &format!(".before-restore-{seconds}"));
        if aside.exists() {
            return Err(BackupError::Exists(aside));
        }
        fs::rename(path, &aside).map_err(failed)?;
        kept = Some(aside);
    }
    // A log of the earlier database must not be applied to this one.
    for suffix in FILES.iter().filter(|suffix| !suffix.is_empty()) {
        let _absent = fs::remove_file(with_suffix(path, suffix));
    }
    fs::rename(copied, path).map_err(failed)?;
    sync_folder_of(path).map_err(failed)?;
    Ok(kept)
}

/// Moves the log of the database into its file. SQLite does this only if no other process has the
/// database open.
fn take_alone(path: &Path) -> Result<(), BackupError> {
    let failed = SqliteOpenError::database(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    let mode = connection.pragma_update_and_check(None, "journal_mode", "delete", |row| {
        row.get::<_, String>(0)
    });
    match mode {
        Ok(mode) if mode == "delete" => Ok(()),
        Ok(_) => Err(BackupError::InUse(path.to_owned())),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Err(BackupError::InUse(path.to_owned()))
            }
            // A damaged database is what a restore is for: it is kept aside as it is.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Ok(()),
            _ => Err(failed(error).into()),
        },
    }
}
