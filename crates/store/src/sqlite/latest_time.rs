//! The latest time at which a process has used this file, in one row. A file has no clock, so a wrong
//! clock of this host is noticed by this time only.

use rusqlite::{Connection, OptionalExtension as _, params};
use signet_verifier::Timestamp;

use crate::columns::millis;

/// Notes `now` if it is later than the noted time. Returns the latest time.
pub(super) fn note(connection: &Connection, now: Timestamp) -> rusqlite::Result<Timestamp> {
    connection.prepare_cached(NOTE)?.execute([millis(now)])?;
    Ok(noted(connection)?.unwrap_or(now))
}

/// Brings a noted time that is later than `now` back to `now`.
pub(super) fn bring_back(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(BRING_BACK)?
        .execute(params![millis(now)])?;
    Ok(())
}

/// Returns the latest time; `None` if no time was noted yet.
pub(super) fn noted(connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let mut statement = connection.prepare_cached(NOTED)?;
    let found = statement.query_row([], |row| Ok(Timestamp::from_millis(row.get(0)?)));
    found.optional()
}

const NOTE: &str = "
    INSERT INTO latest_time (id, at) VALUES (1, ?1)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE at < excluded.at";

const BRING_BACK: &str = "UPDATE latest_time SET at = ?1 WHERE at > ?1";

const NOTED: &str = "SELECT at FROM latest_time WHERE id = 1";
