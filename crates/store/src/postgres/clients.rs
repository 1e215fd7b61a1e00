//! Clients in PostgreSQL: one row each, the record as JSON.

use async_trait::async_trait;
use signet_core::client::Client;
use signet_core::names::ClientId;
use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::Postgres;
use super::connections::Statement;
use super::fault::PostgresFault;
use crate::client_record;
use crate::clients::{Clients, Registered};
use crate::error::StoreError;
use crate::sessions::Swapped;

#[async_trait]
impl Clients for Postgres {
    async fn create(&self, client: &Client) -> Result<Registered, StoreError> {
        let inserted = self.changes(STORE, with_record(INSERT, client)?).await?;
        Ok(if inserted {
            Registered::Added
        } else {
            Registered::IdTaken
        })
    }

    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let statement = query(BY_ID).bind(id.to_string());
        let rows = self.rows(STORE, statement).await?;
        let found = rows.first().map(client);
        found.transpose().map_err(|fault| fault.in_store(STORE))
    }

    async fn list(&self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError> {
        let after = after.map_or_else(String::new, ToString::to_string);
        let statement = query(LIST).bind(after).bind(i64::from(limit));
        let rows = self.rows(STORE, statement).await?;
        let clients = rows.iter().map(client).collect::<Result<_, _>>();
        clients.map_err(|fault| fault.in_store(STORE))
    }

    async fn swap(&self, next: &Client) -> Result<Swapped, StoreError> {
        let swapped = self.changes(STORE, with_record(SWAP, next)?).await?;
        Ok(if swapped {
            Swapped::Done
        } else {
            Swapped::Lost
        })
    }

    async fn delete(&self, id: &ClientId) -> Result<bool, StoreError> {
        let statement = query(DELETE).bind(id.to_string());
        self.changes(STORE, statement).await
    }
}

/// A statement with the arguments `id`, `version`, `record`.
fn with_record(sql: &'static str, client: &Client) -> Result<Statement, StoreError> {
    let record = client_record::write(client).map_err(PostgresFault::from);
    let record = record.map_err(|fault| fault.in_store(STORE))?;
    // No registration is changed that often.
    let version = i64::try_from(client.version).unwrap_or(i64::MAX);
    Ok(query(sql)
        .bind(client.id.to_string())
        .bind(version)
        .bind(record))
}

/// Columns: `id`, `version`, `record`.
fn client(row: &PgRow) -> Result<Client, PostgresFault> {
    let id = row.try_get::<String, _>(0)?.parse();
    let id = id.map_err(|_| PostgresFault::Impossible("a client id that breaks its rule"))?;
    let version = u64::try_from(row.try_get::<i64, _>(1)?);
    let version = version.map_err(|_| PostgresFault::Impossible("a version below zero"))?;
    Ok(client_record::read(id, version, row.try_get(2)?)?)
}

const STORE: &str = "clients";

const INSERT: &str = "
    INSERT INTO signet.clients (id, version, record) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO NOTHING";

const BY_ID: &str = "SELECT id, version, record FROM signet.clients WHERE id = $1";

const LIST: &str = "
    SELECT id, version, record FROM signet.clients WHERE id > $1 ORDER BY id LIMIT $2";

const SWAP: &str = "
    UPDATE signet.clients SET version = $2, record = $3 WHERE id = $1 AND version = $2 - 1";

const DELETE: &str = "DELETE FROM signet.clients WHERE id = $1";
