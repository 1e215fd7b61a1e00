//! One-time links in SQLite: one row each.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use signet_core::link::Link;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_verifier::Timestamp;

use super::Sqlite;
use super::fault::SqliteFault;
use crate::columns::{epoch_number, millis};
use crate::error::StoreError;
use crate::link_record::LinkColumns;
use crate::links::Links;

#[async_trait]
impl Links for Sqlite {
    async fn put(&self, link: &Link) -> Result<bool, StoreError> {
        let link = link.clone();
        self.write(STORE, move |connection| put(connection, &link))
            .await
    }

    async fn find(
        &self,
        purpose: OneTimePurpose,
        digest: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Link>, StoreError> {
        self.read(STORE, |connection| {
            look(connection, FIND, (purpose, digest), now)
        })
    }

    async fn take(
        &self,
        purpose: OneTimePurpose,
        digest: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Link>, StoreError> {
        self.write(STORE, move |connection| {
            look(connection, TAKE, (purpose, digest), now)
        })
        .await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

/// Stores a link; says whether its account exists.
pub(super) fn put(connection: &Connection, link: &Link) -> Result<bool, SqliteFault> {
    let mut statement = connection.prepare_cached(PUT)?;
    let stored = statement.execute(params![
        link.account_id.as_bytes(),
        link.purpose.number(),
        link.digest.as_bytes(),
        epoch_number(link.epoch),
        link.email.as_str(),
        millis(link.until),
    ])?;
    Ok(stored > 0)
}

fn look(
    connection: &Connection,
    sql: &str,
    (purpose, digest): (OneTimePurpose, OneTimeDigest),
    now: Timestamp,
) -> Result<Option<Link>, SqliteFault> {
    let mut statement = connection.prepare_cached(sql)?;
    let key = params![purpose.number(), digest.as_bytes(), millis(now)];
    let found = statement.query_row(key, |row| Ok(link(row)));
    found.optional()?.transpose()
}

/// Columns: `account`, `purpose`, `digest`, `epoch`, `email`, `until`.
fn link(row: &Row<'_>) -> Result<Link, SqliteFault> {
    let digest: Vec<u8> = row.get(2)?;
    let email: String = row.get(4)?;
    let columns = LinkColumns {
        account: row.get(0)?,
        purpose: row.get(1)?,
        digest: &digest,
        epoch: row.get(3)?,
        email: &email,
        until: row.get(5)?,
    };
    Ok(columns.read()?)
}

const STORE: &str = "links";

const PUT: &str = "
    INSERT INTO links (account, purpose, digest, epoch, email, until)
    SELECT id, ?2, ?3, ?4, ?5, ?6 FROM accounts WHERE id = ?1
    ON CONFLICT (account, purpose)
    DO UPDATE SET digest = excluded.digest, epoch = excluded.epoch, email = excluded.email,
                  until = excluded.until";

const FIND: &str = "
    SELECT account, purpose, digest, epoch, email, until FROM links
    WHERE purpose = ?1 AND digest = ?2 AND until > ?3";

const TAKE: &str = "
    DELETE FROM links WHERE purpose = ?1 AND digest = ?2 AND until > ?3
    RETURNING account, purpose, digest, epoch, email, until";

const PURGE: &str = "
    DELETE FROM links WHERE digest IN (
        SELECT digest FROM links WHERE until <= ?1 ORDER BY until LIMIT ?2
    )";
