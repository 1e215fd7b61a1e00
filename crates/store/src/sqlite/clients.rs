//! Clients in SQLite: one row each, the record as JSON.

use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};
use signet_core::client::Client;
use signet_core::names::ClientId;

use super::Sqlite;
use super::fault::SqliteFault;
use crate::client_record;
use crate::clients::{Clients, Registered};
use crate::error::StoreError;
use crate::sessions::Swapped;

#[async_trait]
impl Clients for Sqlite {
    async fn create(&self, client: &Client) -> Result<Registered, StoreError> {
        let client = client.clone();
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(INSERT)?;
            let record = client_record::write(&client)?;
            let row = params![client.id.as_str(), client.version, record];
            match statement.execute(row)? {
                0 => Ok(Registered::IdTaken),
                _ => Ok(Registered::Added),
            }
        })
        .await
    }

    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(BY_ID)?;
            let found = statement.query_row([id.as_str()], |row| Ok(client(row)));
            found.optional()?.transpose()
        })
    }

    async fn list(&self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError> {
        let after = after.map_or("", ClientId::as_str);
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let rows = statement.query_map(params![after, limit], |row| Ok(client(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    async fn swap(&self, next: &Client) -> Result<Swapped, StoreError> {
        let next = next.clone();
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(SWAP)?;
            let record = client_record::write(&next)?;
            let row = params![next.id.as_str(), next.version, record];
            match statement.execute(row)? {
                0 => Ok(Swapped::Lost),
                _ => Ok(Swapped::Done),
            }
        })
        .await
    }

    async fn delete(&self, id: &ClientId) -> Result<bool, StoreError> {
        let id = id.clone();
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(DELETE)?;
            Ok(statement.execute([id.as_str()])? > 0)
        })
        .await
    }
}

/// Columns: `id`, `version`, `record`.
fn client(row: &Row<'_>) -> Result<Client, SqliteFault> {
    let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let id = text(0)?.parse();
    let id = id.map_err(|_| SqliteFault::Impossible("a client id that breaks its rule"))?;
    Ok(client_record::read(id, row.get(1)?, text(2)?)?)
}

const STORE: &str = "clients";

const INSERT: &str = "
    INSERT INTO clients (id, version, record) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING";

const BY_ID: &str = "SELECT id, version, record FROM clients WHERE id = ?1";

const LIST: &str = "
    SELECT id, version, record FROM clients WHERE id > ?1 ORDER BY id LIMIT ?2";

const SWAP: &str = "
    UPDATE clients SET version = ?2, record = ?3 WHERE id = ?1 AND version = ?2 - 1";

const DELETE: &str = "DELETE FROM clients WHERE id = ?1";
