//! The outbox in PostgreSQL: one row for each mail.

use async_trait::async_trait;
use signet_core::ids::MailId;
use signet_verifier::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{Row as _, query};

use super::Postgres;
use super::accounts::uuid;
use super::connections::Statement;
use super::fault::PostgresFault;
use crate::columns::millis;
use crate::error::{ImpossibleRow, StoreError};
use crate::outbox::{Backlog, LeasedMail, Outbox, QueuedMail};
use crate::outbox_record::{OutboxColumns, backlog};

#[async_trait]
impl Outbox for Postgres {
    async fn put(&self, mail: &QueuedMail) -> Result<bool, StoreError> {
        self.changes(STORE, insert(mail)).await
    }

    async fn lease(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<LeasedMail>, StoreError> {
        let statement = query(LEASE)
            .bind(millis(now))
            .bind(millis(until))
            .bind(i64::from(limit));
        let rows = self.rows(STORE, statement).await?;
        let mails = rows.iter().map(leased).collect::<Result<_, _>>();
        mails.map_err(|fault| fault.in_store(STORE))
    }

    async fn remove(&self, id: MailId) -> Result<(), StoreError> {
        let statement = query(REMOVE).bind(id.as_bytes().to_vec());
        self.changes(STORE, statement).await.map(drop)
    }

    async fn postpone(&self, id: MailId, attempt: u32, due: Timestamp) -> Result<(), StoreError> {
        let statement = query(POSTPONE)
            .bind(id.as_bytes().to_vec())
            .bind(i64::from(attempt))
            .bind(millis(due));
        self.changes(STORE, statement).await.map(drop)
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let rows = self.rows(STORE, query(BACKLOG)).await?;
        let read = || {
            let row = rows.first().ok_or(ImpossibleRow("no count"))?;
            Ok(backlog((row.try_get(0)?, row.try_get(1)?))?)
        };
        read().map_err(|fault: PostgresFault| fault.in_store(STORE))
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

/// Stores a mail, if its account exists.
pub(super) fn insert(mail: &QueuedMail) -> Statement {
    query(PUT)
        .bind(mail.id.as_bytes().to_vec())
        .bind(mail.account_id.map(uuid))
        .bind(mail.payload.clone())
        .bind(millis(mail.due))
        .bind(millis(mail.until))
}

/// Columns: `id`, `account`, `payload`, `attempts`, `due`, `until`.
fn leased(row: &PgRow) -> Result<LeasedMail, PostgresFault> {
    let columns = OutboxColumns {
        id: row.try_get(0)?,
        account: row.try_get::<Option<Uuid>, _>(1)?.map(Uuid::into_bytes),
        payload: row.try_get(2)?,
        attempts: row.try_get(3)?,
        due: row.try_get(4)?,
        until: row.try_get(5)?,
    };
    Ok(columns.read()?)
}

const STORE: &str = "outbox";

const PUT: &str = "
    INSERT INTO signet.outbox (id, account, payload, attempts, due, until)
    SELECT $1, $2, $3, 0, $4, $5
    WHERE $2 IS NULL OR EXISTS (SELECT 1 FROM signet.accounts WHERE id = $2)";

// Replicas that look at the same moment skip each other's rows. MATERIALIZED keeps the look from
// being repeated for each row.
const LEASE: &str = "
    WITH due AS MATERIALIZED (
        SELECT id FROM signet.outbox WHERE due <= $1 ORDER BY due LIMIT $3
        FOR UPDATE SKIP LOCKED
    )
    UPDATE signet.outbox AS leased SET due = $2, attempts = leased.attempts + 1
    FROM due WHERE leased.id = due.id
    RETURNING leased.id, account, payload, attempts, leased.due, until";

const BACKLOG: &str = "SELECT count(*), min(due) FROM signet.outbox";

const REMOVE: &str = "DELETE FROM signet.outbox WHERE id = $1";

const POSTPONE: &str = "UPDATE signet.outbox SET due = $3 WHERE id = $1 AND attempts = $2";

const PURGE: &str = "
    DELETE FROM signet.outbox WHERE id IN (
        SELECT id FROM signet.outbox WHERE until <= $1 ORDER BY until LIMIT $2
    )";
