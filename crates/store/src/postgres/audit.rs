//! The audit trail in PostgreSQL: a row for each line, and one row with the ends of the chain.
//!
//! An append locks that row, so all replicas share one chain.

use async_trait::async_trait;
use signet_core::audit::{AuditEvent, ChainEnd};
use signet_verifier::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _, query};

use super::Postgres;
use super::connections::Statement;
use super::fault::PostgresFault;
use crate::audit::{AuditEnds, AuditFilter, AuditRow, AuditSink, AuditTable};
use crate::audit_record::{NewRow, after_number, number, purged, read_end, read_row, rows_after};
use crate::columns::millis;
use crate::error::{ImpossibleRow, StoreError};

#[async_trait]
impl AuditSink for Postgres {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        let events = events.to_vec();
        let appended = self
            .connections
            .run(|connection| Box::pin(append(connection, events)))
            .await;
        appended.map_err(|fault| fault.in_store(STORE))
    }
}

#[async_trait]
impl AuditTable for Postgres {
    async fn lines(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let statement = query(LINES)
            .bind(after_number(after))
            .bind(filter.kind.clone())
            .bind(filter.account.clone())
            .bind(i64::from(limit));
        let rows = self.rows(STORE, statement).await?;
        let rows = rows.iter().map(read).collect::<Result<_, _>>();
        rows.map_err(|fault: PostgresFault| fault.in_store(STORE))
    }

    async fn ends(&self) -> Result<AuditEnds, StoreError> {
        let rows = self.rows(STORE, query(ENDS)).await?;
        let ends = rows.first().ok_or(NO_CHAIN).map_err(PostgresFault::from);
        ends.and_then(read_ends)
            .map_err(|fault| fault.in_store(STORE))
    }

    async fn purge_lines(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let before = millis(before);
        let done = self
            .connections
            .run(move |connection| Box::pin(purge(connection, before, limit)))
            .await;
        done.map_err(|fault| fault.in_store(STORE))
    }
}

async fn append(
    connection: &mut PgConnection,
    events: Vec<AuditEvent>,
) -> Result<(), PostgresFault> {
    let mut transaction = connection.begin().await?;
    let newest = transaction.fetch_one(query(LOCK)).await?;
    let (rows, end) = rows_after(read_end_at(&newest, 0)?, &events)?;
    transaction.execute(insert(rows)).await?;
    transaction.execute(note(NOTE_NEWEST, end)?).await?;
    transaction.commit().await?;
    Ok(())
}

async fn purge(
    connection: &mut PgConnection,
    before: i64,
    limit: usize,
) -> Result<usize, PostgresFault> {
    let mut transaction = connection.begin().await?;
    transaction.fetch_one(query(LOCK)).await?;
    let oldest = query(OLDEST).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let oldest = transaction.fetch_all(oldest).await?;
    let oldest = oldest
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let oldest: Vec<(i64, String)> = oldest.collect::<Result<_, sqlx::Error>>()?;
    let Some((count, end)) = purged(&oldest, before)? else {
        return Ok(0);
    };
    let delete = query(DELETE).bind(number(end.seq)?);
    transaction.execute(delete).await?;
    transaction.execute(note(NOTE_PURGED, end)?).await?;
    transaction.commit().await?;
    Ok(count)
}

fn insert(rows: Vec<NewRow>) -> Statement {
    let (mut seqs, mut times, mut kinds, mut accounts, mut lines) =
        (vec![], vec![], vec![], vec![], vec![]);
    for row in rows {
        seqs.push(row.seq);
        times.push(row.at);
        kinds.push(row.kind);
        accounts.push(row.account);
        lines.push(row.line);
    }
    query(INSERT)
        .bind(seqs)
        .bind(times)
        .bind(kinds)
        .bind(accounts)
        .bind(lines)
}

fn note(statement: &'static str, end: ChainEnd) -> Result<Statement, ImpossibleRow> {
    let seq = number(end.seq)?;
    Ok(query(statement).bind(seq).bind(end.hash.to_string()))
}

/// Columns: `purged_seq`, `purged_hash`, `newest_seq`, `newest_hash`.
fn read_ends(row: &PgRow) -> Result<AuditEnds, PostgresFault> {
    Ok(AuditEnds {
        purged: read_end_at(row, 0)?,
        newest: read_end_at(row, 2)?,
    })
}

/// The end of a chain: a number, and the hash in the column after it.
fn read_end_at(row: &PgRow, place: usize) -> Result<ChainEnd, PostgresFault> {
    let (seq, hash): (i64, String) = (row.try_get(place)?, row.try_get(place + 1)?);
    Ok(read_end(seq, &hash)?)
}

/// Columns: `seq`, `type`, `account`, `line`.
fn read(row: &PgRow) -> Result<AuditRow, PostgresFault> {
    Ok(read_row(
        row.try_get(0)?,
        row.try_get(1)?,
        row.try_get(2)?,
        row.try_get(3)?,
    )?)
}

const STORE: &str = "audit";

const NO_CHAIN: ImpossibleRow = ImpossibleRow("the row of the chain is missing");

const LOCK: &str = "SELECT newest_seq, newest_hash FROM signet.audit_chain FOR UPDATE";

const ENDS: &str =
    "SELECT purged_seq, purged_hash, newest_seq, newest_hash FROM signet.audit_chain";

const INSERT: &str = "
    INSERT INTO signet.audit_lines (seq, at, type, account, line)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[])";

const NOTE_NEWEST: &str = "UPDATE signet.audit_chain SET newest_seq = $1, newest_hash = $2";

const NOTE_PURGED: &str = "UPDATE signet.audit_chain SET purged_seq = $1, purged_hash = $2";

const OLDEST: &str = "SELECT at, line FROM signet.audit_lines ORDER BY seq LIMIT $1";

const DELETE: &str = "DELETE FROM signet.audit_lines WHERE seq <= $1";

const LINES: &str = "
    SELECT seq, type, account, line FROM signet.audit_lines
    WHERE seq > $1 AND ($2::text IS NULL OR type = $2) AND ($3::text IS NULL OR account = $3)
    ORDER BY seq LIMIT $4";
