//! Consents in PostgreSQL: one row for each account and client.

use async_trait::async_trait;
use signet_core::authorization::{Consent, ConsentGrant};
use signet_core::ids::AccountId;
use signet_core::names::ClientId;
use signet_verifier::Timestamp;
use sqlx::types::Uuid;
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _, query};

use super::Postgres;
use super::accounts::uuid;
use super::fault::PostgresFault;
use crate::columns::millis;
use crate::consents::{self, Consents};
use crate::error::StoreError;

#[async_trait]
impl Consents for Postgres {
    async fn add(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
        grant: &ConsentGrant,
    ) -> Result<bool, StoreError> {
        let (key, grant) = ((uuid(account_id), client_id.to_string()), grant.clone());
        let added = self
            .connections
            .run(move |connection| Box::pin(add(connection, key, grant)))
            .await;
        added.map_err(|fault| fault.in_store(STORE))
    }

    async fn find(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<Consent>, StoreError> {
        let statement = query(FIND)
            .bind(uuid(account_id))
            .bind(client_id.to_string())
            .bind(millis(now));
        let rows = self.rows(STORE, statement).await?;
        let read = |row: &sqlx::postgres::PgRow| -> Result<Consent, PostgresFault> {
            Ok(consents::read(row.try_get(0)?)?)
        };
        let found = rows.first().map(read).transpose();
        found.map_err(|fault| fault.in_store(STORE))
    }

    async fn list(
        &self,
        account_id: AccountId,
        now: Timestamp,
    ) -> Result<Vec<(ClientId, Consent)>, StoreError> {
        let statement = query(LIST).bind(uuid(account_id)).bind(millis(now));
        let rows = self.rows(STORE, statement).await?;
        let read = |row: &sqlx::postgres::PgRow| -> Result<_, PostgresFault> {
            let (client_id, record): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            Ok(consents::read_row(&client_id, &record)?)
        };
        let found: Result<Vec<_>, _> = rows.iter().map(read).collect();
        found.map_err(|fault| fault.in_store(STORE))
    }

    async fn remove(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
    ) -> Result<bool, StoreError> {
        let statement = query(REMOVE).bind(uuid(account_id));
        let statement = statement.bind(client_id.to_string());
        self.changes(STORE, statement).await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

/// Adds a grant in one transaction. The account is locked too, because a consent that does not exist
/// yet has no row to lock.
async fn add(
    connection: &mut PgConnection,
    (account, client): (Uuid, String),
    grant: ConsentGrant,
) -> Result<bool, PostgresFault> {
    let mut transaction = connection.begin().await?;
    let parents = query(LOCK_PARENTS).bind(account).bind(client.clone());
    if transaction.fetch_optional(parents).await?.is_none() {
        return Ok(false);
    }
    let earlier = query(LOCK).bind(account).bind(client.clone());
    let earlier = transaction.fetch_optional(earlier).await?;
    let earlier = earlier.map(|row| row.try_get(0)).transpose()?;
    let (record, until) = consents::with_grant(earlier, grant)?;
    let put = query(PUT).bind(account).bind(client);
    transaction.execute(put.bind(record).bind(until)).await?;
    transaction.commit().await?;
    Ok(true)
}

const STORE: &str = "consents";

/// Keeps other grants waiting, and the account and the client from being deleted meanwhile.
const LOCK_PARENTS: &str = "
    SELECT FROM signet.accounts, signet.clients
    WHERE accounts.id = $1 AND clients.id = $2
    FOR NO KEY UPDATE OF accounts FOR KEY SHARE OF clients";

/// Keeps a withdrawal waiting.
const LOCK: &str = "
    SELECT record FROM signet.consents WHERE account = $1 AND client = $2 FOR UPDATE";

const PUT: &str = "
    INSERT INTO signet.consents (account, client, record, until) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account, client) DO UPDATE SET record = excluded.record, until = excluded.until";

const FIND: &str = "
    SELECT record FROM signet.consents WHERE account = $1 AND client = $2 AND until > $3";

const LIST: &str = "
    SELECT client, record FROM signet.consents WHERE account = $1 AND until > $2
    ORDER BY client COLLATE \"C\"";

const REMOVE: &str = "DELETE FROM signet.consents WHERE account = $1 AND client = $2";

/// The time is compared once more: a grant that is added meanwhile prolongs the consent.
const PURGE: &str = "
    DELETE FROM signet.consents WHERE until <= $1 AND (account, client) IN (
        SELECT account, client FROM signet.consents WHERE until <= $1 ORDER BY until LIMIT $2
    )";
