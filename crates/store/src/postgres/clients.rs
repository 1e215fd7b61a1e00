//! Clients in PostgreSQL: one row each, the record as JSON.

use std::sync::Arc;

use async_trait::async_trait;
use signet_core::client::Client;
use signet_core::names::ClientId;
use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::Postgres;
use super::connections::Statement;
use super::fault::PostgresFault;
use crate::client_record::{self, ClientColumns};
use crate::clients::{ClientPage, Clients, Registered};
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

    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        self.client(id.to_string()).await
    }

    async fn list(&self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError> {
        let mut page = ClientPage::after(after, limit);
        loop {
            let statement = query(LIST).bind(page.after.clone());
            let statement = statement.bind(i64::from(page.missing()));
            let rows = self.rows(STORE, statement).await?;
            let read = |row| Ok(self.client_rows.read_listed(columns(row)?));
            let rows: Result<_, PostgresFault> = rows.iter().map(read).collect();
            if page.add(rows.map_err(|fault| fault.in_store(STORE))?) {
                return Ok(page.clients);
            }
        }
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
        let deleted = self.changes(STORE, statement).await?;
        self.client_rows.forget(id.as_str());
        Ok(deleted)
    }
}

impl Postgres {
    /// Forgets clients that another replica has mended or removed.
    pub(super) async fn read_unreadable_clients_again(&self) {
        for id in self.client_rows.unreadable.some() {
            drop(self.client(id).await);
        }
    }

    /// Returns the client with this stored id.
    async fn client(&self, id: String) -> Result<Option<Arc<Client>>, StoreError> {
        let rows = self.rows(STORE, query(BY_ID).bind(id.clone())).await?;
        let Some(row) = rows.first() else {
            self.client_rows.forget(&id);
            return Ok(None);
        };
        let client = columns(row).and_then(|row| Ok(self.client_rows.read(row)?));
        client.map(Some).map_err(|fault| fault.in_store(STORE))
    }
}

/// Columns: `id`, `version`, `record`.
fn columns(row: &PgRow) -> Result<ClientColumns<'_>, PostgresFault> {
    Ok(ClientColumns {
        id: row.try_get(0)?,
        version: row.try_get(1)?,
        record: row.try_get(2)?,
    })
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
