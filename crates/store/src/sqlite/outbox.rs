//! The outbox in SQLite: one row for each mail.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use signet_core::ids::{AccountId, MailId};
use signet_verifier::Timestamp;

use super::Sqlite;
use super::fault::SqliteFault;
use crate::columns::millis;
use crate::error::StoreError;
use crate::outbox::{Backlog, LeasedMail, Outbox, QueuedMail};
use crate::outbox_record::{OutboxColumns, backlog};

#[async_trait]
impl Outbox for Sqlite {
    async fn put(&self, mail: &QueuedMail) -> Result<bool, StoreError> {
        let mail = mail.clone();
        self.write(STORE, move |connection| insert(connection, &mail))
            .await
    }

    async fn lease(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<LeasedMail>, StoreError> {
        // The outbox is nearly always empty, and a look needs no writer.
        let is_due = self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(IS_DUE)?;
            Ok(statement.query_row([millis(now)], |row| row.get::<_, bool>(0))?)
        })?;
        if !is_due {
            return Ok(Vec::new());
        }
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(LEASE)?;
            let key = params![millis(now), millis(until), limit];
            let rows = statement.query_map(key, |row| Ok(leased(row)))?;
            rows.map(|row| row?).collect()
        })
        .await
    }

    async fn remove(&self, id: MailId) -> Result<(), StoreError> {
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(REMOVE)?;
            statement.execute([id.as_bytes()])?;
            Ok(())
        })
        .await
    }

    async fn postpone(&self, id: MailId, attempt: u32, due: Timestamp) -> Result<(), StoreError> {
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(POSTPONE)?;
            statement.execute(params![id.as_bytes(), attempt, millis(due)])?;
            Ok(())
        })
        .await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(BACKLOG)?;
            let columns = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(backlog(columns)?)
        })
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

/// Stores a mail; says whether its account exists.
pub(super) fn insert(connection: &Connection, mail: &QueuedMail) -> Result<bool, SqliteFault> {
    let mut statement = connection.prepare_cached(PUT)?;
    let stored = statement.execute(params![
        mail.id.as_bytes(),
        mail.account_id.as_ref().map(AccountId::as_bytes),
        mail.payload,
        millis(mail.due),
        millis(mail.until),
    ])?;
    Ok(stored > 0)
}

/// Columns: `id`, `account`, `payload`, `attempts`, `due`, `until`.
fn leased(row: &Row<'_>) -> Result<LeasedMail, SqliteFault> {
    let columns = OutboxColumns {
        id: row.get(0)?,
        account: row.get(1)?,
        payload: row.get(2)?,
        attempts: row.get(3)?,
        due: row.get(4)?,
        until: row.get(5)?,
    };
    Ok(columns.read()?)
}

const STORE: &str = "outbox";

const PUT: &str = "
    INSERT INTO outbox (id, account, payload, attempts, due, until)
    SELECT ?1, ?2, ?3, 0, ?4, ?5
    WHERE ?2 IS NULL OR EXISTS (SELECT 1 FROM accounts WHERE id = ?2)";

const IS_DUE: &str = "SELECT EXISTS (SELECT 1 FROM outbox WHERE due <= ?1)";

const LEASE: &str = "
    UPDATE outbox SET due = ?2, attempts = attempts + 1
    WHERE id IN (SELECT id FROM outbox WHERE due <= ?1 ORDER BY due LIMIT ?3)
    RETURNING id, account, payload, attempts, due, until";

const BACKLOG: &str = "SELECT count(*), min(due) FROM outbox";

const REMOVE: &str = "DELETE FROM outbox WHERE id = ?1";

const POSTPONE: &str = "UPDATE outbox SET due = ?3 WHERE id = ?1 AND attempts = ?2";

const PURGE: &str = "
    DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE until <= ?1 ORDER BY until LIMIT ?2
    )";
