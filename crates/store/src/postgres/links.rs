//! One-time links in PostgreSQL: one row each.

use async_trait::async_trait;
use signet_core::link::Link;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_verifier::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{Row as _, query};

use super::Postgres;
use super::accounts::uuid;
use super::connections::Statement;
use super::fault::PostgresFault;
use crate::columns::{epoch_number, millis};
use crate::error::StoreError;
use crate::link_record::LinkColumns;
use crate::links::Links;

#[async_trait]
impl Links for Postgres {
    async fn put(&self, link: &Link) -> Result<bool, StoreError> {
        self.changes(STORE, put(link)).await
    }

    async fn find(
        &self,
        purpose: OneTimePurpose,
        digest: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Link>, StoreError> {
        self.look(with_key(FIND, (purpose, digest), now)).await
    }

    async fn take(
        &self,
        purpose: OneTimePurpose,
        digest: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Link>, StoreError> {
        self.look(with_key(TAKE, (purpose, digest), now)).await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

impl Postgres {
    async fn look(&self, statement: Statement) -> Result<Option<Link>, StoreError> {
        let rows = self.rows(STORE, statement).await?;
        let found = rows.first().map(link);
        found.transpose().map_err(|fault| fault.in_store(STORE))
    }
}

/// Stores a link, if its account exists.
pub(super) fn put(link: &Link) -> Statement {
    query(PUT)
        .bind(uuid(link.account_id))
        .bind(i16::from(link.purpose.number()))
        .bind(link.digest.as_bytes().to_vec())
        .bind(epoch_number(link.epoch))
        .bind(link.email.as_str().to_owned())
        .bind(millis(link.until))
}

fn with_key(
    sql: &'static str,
    (purpose, digest): (OneTimePurpose, OneTimeDigest),
    now: Timestamp,
) -> Statement {
    query(sql)
        .bind(i16::from(purpose.number()))
        .bind(digest.as_bytes().to_vec())
        .bind(millis(now))
}

/// Columns: `account`, `purpose`, `digest`, `epoch`, `email`, `until`.
fn link(row: &PgRow) -> Result<Link, PostgresFault> {
    let columns = LinkColumns {
        account: row.try_get::<Uuid, _>(0)?.into_bytes(),
        purpose: row.try_get(1)?,
        digest: row.try_get(2)?,
        epoch: row.try_get(3)?,
        email: row.try_get(4)?,
        until: row.try_get(5)?,
    };
    Ok(columns.read()?)
}

const STORE: &str = "links";

const PUT: &str = "
    INSERT INTO signet.links (account, purpose, digest, epoch, email, until)
    SELECT id, $2, $3, $4, $5, $6 FROM signet.accounts WHERE id = $1
    ON CONFLICT (account, purpose)
    DO UPDATE SET digest = excluded.digest, epoch = excluded.epoch, email = excluded.email,
                  until = excluded.until";

const FIND: &str = "
    SELECT account, purpose, digest, epoch, email, until FROM signet.links
    WHERE purpose = $1 AND digest = $2 AND until > $3";

const TAKE: &str = "
    DELETE FROM signet.links WHERE purpose = $1 AND digest = $2 AND until > $3
    RETURNING account, purpose, digest, epoch, email, until";

const PURGE: &str = "
    DELETE FROM signet.links WHERE digest IN (
        SELECT digest FROM signet.links WHERE until <= $1 ORDER BY until LIMIT $2
    )";
