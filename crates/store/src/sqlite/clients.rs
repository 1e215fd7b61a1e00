//! Clients in SQLite: one row each, the record as JSON.

use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};
use signet_core::client::Client;
use signet_core::names::ClientId;

use super::Sqlite;
use super::fault::SqliteFault;
use crate::client_record;
use crate::clients::{ClientPage, ClientRow, Clients, Registered};
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
            let found = statement.query_row([id.as_str()], |row| Ok(self.client(row)));
            let found = found.optional()?;
            if found.is_none() {
                self.unreadable_clients.note(id, false);
            }
            found.map(|row| Ok(row?.1?)).transpose()
        })
    }

    async fn list(&self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let mut page = ClientPage::after(after, limit);
            loop {
                let missing = params![page.after, page.missing()];
                let rows = statement.query_map(missing, |row| Ok(self.client(row)))?;
                if page.add(rows.map(|row| row?).collect::<Result<_, SqliteFault>>()?) {
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
        self.unreadable_clients.note(id, false);
        Ok(deleted)
    }
}

impl Sqlite {
    /// Forgets clients that another replica has mended or removed.
    pub(super) async fn read_unreadable_clients_again(&self) {
        for id in self.unreadable_clients.some() {
            drop(Clients::find(self, &id).await);
        }
    }

    /// Columns: `id`, `version`, `record`.
    fn client(&self, row: &Row<'_>) -> Result<ClientRow, SqliteFault> {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let id: Result<ClientId, _> = text(0)?.parse();
        let id = id.map_err(|_| SqliteFault::Impossible("a client id that breaks its rule"))?;
        let client = (id.clone(), row.get(1)?);
        let client = client_record::read(client, text(2)?, &self.unreadable_clients);
        Ok((id, client))
    }
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
