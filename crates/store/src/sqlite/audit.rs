//! The audit trail in SQLite: a row for each line, and one row with the ends of the chain.
//!
//! The transaction of the lines reads and writes the end, and SQLite has one writer at a time. So
//! all processes share one chain.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use signet_core::audit::{AuditEvent, ChainEnd};
use signet_verifier::Timestamp;

use super::Sqlite;
use super::fault::SqliteFault;
use super::job::atomically;
use crate::audit::{AuditEnds, AuditFilter, AuditRow, AuditSink, AuditTable};
use crate::audit_record::{after_number, number, purged, read_end, read_row, rows_after};
use crate::columns::millis;
use crate::error::StoreError;

#[async_trait]
impl AuditSink for Sqlite {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        let events = events.to_vec();
        let work = move |connection: &Connection| {
            atomically(connection, |connection| append(connection, &events))
        };
        self.write(STORE, work).await
    }
}

#[async_trait]
impl AuditTable for Sqlite {
    async fn lines(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(LINES)?;
            let key = params![after_number(after), filter.kind, filter.account, limit];
            let rows = statement.query_map(key, |row| Ok(read(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    async fn ends(&self) -> Result<AuditEnds, StoreError> {
        self.read(STORE, ends)
    }

    async fn purge_lines(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let before = millis(before);
        let work = move |connection: &Connection| {
            atomically(connection, |connection| purge(connection, before, limit))
        };
        self.write(STORE, work).await
    }
}

fn append(connection: &Connection, events: &[AuditEvent]) -> Result<(), SqliteFault> {
    let (rows, end) = rows_after(ends(connection)?.newest, events)?;
    let mut insert = connection.prepare_cached(INSERT)?;
    for row in rows {
        insert.execute(params![row.seq, row.at, row.kind, row.account, row.line])?;
    }
    note(connection, NOTE_NEWEST, end)
}

fn purge(connection: &Connection, before: i64, limit: usize) -> Result<usize, SqliteFault> {
    let mut oldest = connection.prepare_cached(OLDEST)?;
    let rows = oldest.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let oldest: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>()?;
    let Some((count, end)) = purged(&oldest, before)? else {
        return Ok(0);
    };
    let mut delete = connection.prepare_cached(DELETE)?;
    delete.execute([number(end.seq)?])?;
    note(connection, NOTE_PURGED, end)?;
    Ok(count)
}

fn note(connection: &Connection, statement: &str, end: ChainEnd) -> Result<(), SqliteFault> {
    let mut statement = connection.prepare_cached(statement)?;
    statement.execute(params![number(end.seq)?, end.hash.to_string()])?;
    Ok(())
}

fn ends(connection: &Connection) -> Result<AuditEnds, SqliteFault> {
    let mut statement = connection.prepare_cached(ENDS)?;
    let (purged, newest) = statement.query_row([], |row| {
        let end =
            |place| Ok::<(i64, String), rusqlite::Error>((row.get(place)?, row.get(place + 1)?));
        Ok((end(0)?, end(2)?))
    })?;
    Ok(AuditEnds {
        purged: read_end(purged.0, &purged.1)?,
        newest: read_end(newest.0, &newest.1)?,
    })
}

/// Columns: `seq`, `type`, `account`, `line`.
fn read(row: &Row<'_>) -> Result<AuditRow, SqliteFault> {
    Ok(read_row(
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
    )?)
}

const STORE: &str = "audit";

const ENDS: &str = "SELECT purged_seq, purged_hash, newest_seq, newest_hash FROM audit_chain";

const INSERT: &str = "
    INSERT INTO audit_lines (seq, at, type, account, line) VALUES (?1, ?2, ?3, ?4, ?5)";

const NOTE_NEWEST: &str = "UPDATE audit_chain SET newest_seq = ?1, newest_hash = ?2";

const NOTE_PURGED: &str = "UPDATE audit_chain SET purged_seq = ?1, purged_hash = ?2";

const OLDEST: &str = "SELECT at, line FROM audit_lines ORDER BY seq LIMIT ?1";

const DELETE: &str = "DELETE FROM audit_lines WHERE seq <= ?1";

const LINES: &str = "
    SELECT seq, type, account, line FROM audit_lines
    WHERE seq > ?1 AND (?2 IS NULL OR type = ?2) AND (?3 IS NULL OR account = ?3)
    ORDER BY seq LIMIT ?4";
