//! How a connection to the file is opened and set up.

use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// Opens the connection of the writer.
pub(super) fn open_to_write(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    wait_when_locked(&connection)?;
    keep_prepared(&connection)?;
    // FULL and fullfsync: what was committed survives the machine. secure_delete: what was deleted
    // is overwritten, because it may be a person's address.
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_LIMIT_BYTES, |_| Ok(()))?;
    Ok(connection)
}

/// Opens the connection of a reader, which cannot change anything.
pub(super) fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(wait_for_repair))?;
    keep_prepared(&connection)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF;")?;
    Ok(connection)
}

/// Prepares a statement once. Without the guarantee, SQLite plans a statement with a bound `LIMIT` again
/// each time it gets its values.
fn keep_prepared(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Makes a connection wait when another process has the lock.
pub(super) fn wait_when_locked(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(wait_for_lock))
}

/// Waits for another process' lock. SQLite's own handler soon sleeps 100 ms between two tries and
/// starves beside a busy writer, whose pauses are shorter than a millisecond.
fn wait_for_lock(tries: i32) -> bool {
    pause_unless(tries >= LOCK_TRIES)
}

/// Readers wait for no writer, only while another process repairs the log after a crash. A
/// reader blocks a thread that serves other requests too, so the wait is short.
fn wait_for_repair(tries: i32) -> bool {
    pause_unless(tries >= REPAIR_TRIES)
}

fn pause_unless(given_up: bool) -> bool {
    if !given_up {
        thread::sleep(LOCK_PAUSE);
    }
    !given_up
}

/// The pause between two tries for a lock: about as long as one group takes to commit.
const LOCK_PAUSE: Duration = Duration::from_micros(500);

/// How often a lock is tried for: some two seconds, within the time that a caller waits.
const LOCK_TRIES: i32 = 4_000;

/// How often a reader tries: a tenth of a second.
const REPAIR_TRIES: i32 = 200;

/// Every statement of this backend stays prepared.
const CACHED_STATEMENTS: usize = 64;

/// The page cache of a reader, KiB. Each commit empties it, so it only has to hold one look-up's
/// way through the tree and some neighbours.
const READER_CACHE_KIB: i64 = 256;

/// How long the log grows before it is moved into the database, pages: 16 MiB. Each move costs
/// two flushes and a random write for each page; the longer the log, the more rotations of one
/// page share them, and 4,000 pages still have one index block in the shared memory.
const LOG_PAGES: i64 = 4_000;

/// How much of the log stays on the disk after a burst of writes, bytes.
const LOG_LIMIT_BYTES: i64 = 16 * 1024 * 1024;
