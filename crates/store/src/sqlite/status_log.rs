//! The log of bits of revocation lists that were set. The job that ends something writes it.
//!
//! This module must not know who reads the log.

use rusqlite::{Connection, params};
use signet_core::status_list::BitRange;

use super::fault::SqliteFault;
use crate::columns::millis;
use crate::packed;

/// Sets the bits that something holds, within a job of another store.
pub(super) fn set_held_bits(connection: &Connection, holder: &[u8]) -> Result<(), SqliteFault> {
    if connection.prepare_cached(SET_HELD)?.execute([holder])? > 0 {
        connection.prepare_cached(FORGET_HELD)?.execute([holder])?;
    }
    Ok(())
}

/// Sets the bits that the record of a session names.
pub(super) fn set_bits_of_record(
    connection: &Connection,
    record: &[u8],
) -> Result<(), SqliteFault> {
    for index in packed::status_of(record)? {
        set_bits(connection, index.range())?;
    }
    Ok(())
}

/// Sets bits.
pub(super) fn set_bits(connection: &Connection, range: BitRange) -> Result<(), SqliteFault> {
    let mut statement = connection.prepare_cached(SET)?;
    statement.execute(params![
        range.list.as_bytes(),
        range.first,
        range.count,
        millis(range.expires_at)
    ])?;
    Ok(())
}

const SET: &str = "INSERT INTO status_log (list, first, count, expires_at) VALUES (?1, ?2, ?3, ?4)";

const SET_HELD: &str = "
    INSERT INTO status_log (list, first, count, expires_at)
    SELECT list, first, count, expires_at FROM status_holders WHERE holder = ?1";

const FORGET_HELD: &str = "DELETE FROM status_holders WHERE holder = ?1";
