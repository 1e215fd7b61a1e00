//! What Redis stores as keys, as rows of SQLite.

use rusqlite::{Connection, Row, params};
use signet_core::status_list::{BitRange, ListId, StatusList};

use super::super::SqliteFault;
use super::super::deny_list::{deny_all, every_denial, holder_key, holder_of, put as put_denial};
use super::super::every_row::each;
use super::super::sessions::{add_row, every_session};
use crate::columns::{millis, timestamp};
use crate::moved::SharedRow;

/// Adds a row.
pub(super) fn put(connection: &Connection, row: &SharedRow) -> Result<(), SqliteFault> {
    match row {
        SharedRow::Session(session) => add_row(connection, session),
        SharedRow::Denial { denied, until } => put_denial(connection, denied, *until),
        SharedRow::EveryToken(issued_until) => Ok(deny_all(connection, *issued_until)?),
        SharedRow::OneTimeValue { value, until } => {
            let row = params![value, millis(*until)];
            run(connection, PUT_ONE_TIME_VALUE, row)
        }
        SharedRow::StatusList { list, free } => {
            let row = params![
                list.id.as_bytes(),
                millis(list.opened_at),
                millis(list.issues_until),
                millis(list.expires_at),
                free,
            ];
            run(connection, PUT_LIST, row)
        }
        SharedRow::HeldBits(holder, range) => {
            let row = params![
                holder_key(holder),
                range.list.as_bytes(),
                range.first,
                range.count,
                millis(range.expires_at),
            ];
            run(connection, PUT_HELD_BITS, row)
        }
        SharedRow::SetBits(range) => {
            let row = params![
                range.list.as_bytes(),
                range.first,
                range.count,
                millis(range.expires_at),
            ];
            run(connection, PUT_SET_BITS, row)
        }
    }
}

/// Reads every row. Denials come first: they would end what comes later.
pub(super) fn read(
    connection: &Connection,
    found: &mut dyn FnMut(SharedRow),
) -> Result<(), SqliteFault> {
    every_denial(connection, found)?;
    each(connection, ONE_TIME_VALUES, &mut |row| {
        found(SharedRow::OneTimeValue {
            value: row.get(0)?,
            until: timestamp(row.get(1)?)?,
        });
        Ok(())
    })?;
    each(connection, LISTS, &mut |row| {
        let list = StatusList {
            id: ListId::from_bytes(row.get(0)?),
            opened_at: timestamp(row.get(1)?)?,
            issues_until: timestamp(row.get(2)?)?,
            expires_at: timestamp(row.get(3)?)?,
        };
        let free = row.get(4)?;
        found(SharedRow::StatusList { list, free });
        Ok(())
    })?;
    each(connection, HELD_BITS, &mut |row| {
        let key: Vec<u8> = row.get(4)?;
        let holder = holder_of(&key).ok_or(SqliteFault::Impossible("a holder of no kind"))?;
        found(SharedRow::HeldBits(holder, range(row)?));
        Ok(())
    })?;
    each(connection, SET_BITS, &mut |row| {
        found(SharedRow::SetBits(range(row)?));
        Ok(())
    })?;
    every_session(connection, &mut |session| {
        found(SharedRow::Session(Box::new(session)));
    })
}

/// Columns: `list`, `first`, `count`, `expires_at`.
fn range(row: &Row<'_>) -> Result<BitRange, SqliteFault> {
    Ok(BitRange {
        list: ListId::from_bytes(row.get(0)?),
        first: row.get(1)?,
        count: row.get(2)?,
        expires_at: timestamp(row.get(3)?)?,
    })
}

fn run(
    connection: &Connection,
    sql: &str,
    row: &[&dyn rusqlite::ToSql],
) -> Result<(), SqliteFault> {
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

const PUT_ONE_TIME_VALUE: &str = "INSERT INTO one_time_values (value, until) VALUES (?1, ?2)";

const PUT_LIST: &str = "
    INSERT INTO status_lists (id, opened_at, issues_until, expires_at, free)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const PUT_HELD_BITS: &str = "
    INSERT INTO status_holders (holder, list, first, count, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const PUT_SET_BITS: &str = "
    INSERT INTO status_log (list, first, count, expires_at) VALUES (?1, ?2, ?3, ?4)";

const ONE_TIME_VALUES: &str = "SELECT value, until FROM one_time_values";

const LISTS: &str = "SELECT id, opened_at, issues_until, expires_at, free FROM status_lists";

const HELD_BITS: &str = "
    SELECT list, first, count, expires_at, holder FROM status_holders ORDER BY seq";

const SET_BITS: &str = "SELECT list, first, count, expires_at FROM status_log ORDER BY seq";
