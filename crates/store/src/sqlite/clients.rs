//! Clients in SQLite: one row each, the record as JSON.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};
use signet_core::client::Client;
use signet_core::names::ClientId;

use super::Sqlite;
use crate::client_record::{self, ClientColumns};
use crate::clients::{ClientPage, Clients, Registered};
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

    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        self.client(id.as_str())
    }

    async fn list(&self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let mut page = ClientPage::after(after, limit);
            loop {
                let missing = params![page.after, page.missing()];
                let rows = statement.query_map(missing, |row| {
                    let listed = columns(row)?;
                    Ok(self.client_rows.read_listed(listed))
                })?;
                if page.add(rows.collect::<Result<_, _>>()?) {
                    return Ok(page.clients);
                }
            }
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
        let removed = id.clone();
        let deleted = self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(DELETE)?;
            Ok(statement.execute([removed.as_str()])? > 0)
        });
        let deleted = deleted.await?;
        self.client_rows.forget(id.as_str());
        Ok(deleted)
    }
}

impl Sqlite {
    /// Forgets clients that another replica has mended or removed.
    pub(super) fn read_unreadable_clients_again(&self) {
        for id in self.client_rows.unreadable.some() {
            drop(self.client(&id));
        }
    }

    /// Returns the client with this stored id.
    fn client(&self, id: &str) -> Result<Option<Arc<Client>>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(BY_ID)?;
            let found = statement
                .query_row([id], |row| Ok(self.client_rows.read(columns(row)?)))
                .optional()?;
            if found.is_none() {
                self.client_rows.forget(id);
            }
            Ok(found.transpose()?)
        })
    }
}

/// Columns: `id`, `version`, `record`.
fn columns<'a>(row: &'a Row<'_>) -> rusqlite::Result<ClientColumns<'a>> {
    Ok(ClientColumns {
        id: row.get_ref(0)?.as_str()?,
        version: row.get(1)?,
        record: row.get_ref(2)?.as_str()?,
    })
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
