//! Consents in PostgreSQL: one row for each account and client.

use async_trait::async_trait;
use signet_core::authorization::Consent;
use signet_core::ids::AccountId;
use signet_core::names::ClientId;
use signet_verifier::Timestamp;
use sqlx::{Row as _, query};

use super::Postgres;
use super::accounts::uuid;
use super::fault::PostgresFault;
use crate::columns::millis;
use crate::consents::{self, Consents};
use crate::error::StoreError;

#[async_trait]
impl Consents for Postgres {
    async fn put(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
        consent: &Consent,
    ) -> Result<bool, StoreError> {
        let record = consents::write(consent).map_err(PostgresFault::from);
        let record = record.map_err(|fault| fault.in_store(STORE))?;
        let statement = query(PUT)
            .bind(uuid(account_id))
            .bind(client_id.to_string())
            .bind(record)
            .bind(millis(consent.until()));
        self.changes(STORE, statement).await
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

const STORE: &str = "consents";

const PUT: &str = "
    INSERT INTO signet.consents (account, client, record, until)
    SELECT accounts.id, clients.id, $3, $4 FROM signet.accounts, signet.clients
    WHERE accounts.id = $1 AND clients.id = $2
    ON CONFLICT (account, client) DO UPDATE SET record = excluded.record, until = excluded.until";

const FIND: &str = "
    SELECT record FROM signet.consents WHERE account = $1 AND client = $2 AND until > $3";

const LIST: &str = "
    SELECT client, record FROM signet.consents WHERE account = $1 AND until > $2
    ORDER BY client COLLATE \"C\"";

const REMOVE: &str = "DELETE FROM signet.consents WHERE account = $1 AND client = $2";

const PURGE: &str = "
    DELETE FROM signet.consents WHERE (account, client) IN (
        SELECT account, client FROM signet.consents WHERE until <= $1 ORDER BY until LIMIT $2
    )";
