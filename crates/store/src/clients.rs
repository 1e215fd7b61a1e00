//! Clients: the programs that are registered.

use std::sync::Arc;

use async_trait::async_trait;
use signet_core::client::Client;
use signet_core::names::ClientId;

use crate::client_record::{self, ClientColumns};
use crate::error::{ImpossibleRow, StoreError};
use crate::kept_clients::KeptClients;
use crate::sessions::Swapped;
use crate::unreadable_rows::UnreadableRows;

/// Remembers clients.
///
/// Promises: a write that was answered `Ok` survives a crash of the process and of the machine. An id
/// belongs to at most one client. Of all swaps to one version, at most one is done.
#[async_trait]
pub trait Clients: Send + Sync {
    /// Adds a client unless its id is taken.
    async fn create(&self, client: &Client) -> Result<Registered, StoreError>;

    /// Returns the client with this id. A deleted client is never returned. Fails with
    /// [`StoreError::Corrupt`] if its row breaks a rule. The row is read each time; while it is
    /// unchanged, callers may share one client.
    async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError>;

    /// Returns the first clients whose ids follow `after`, in the byte order of the ids: `limit`, or
    /// fewer if there are no more. Leaves out clients whose rows break a rule.
    async fn list(&self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError>;

    /// Replaces the stored client by `next` if the version of the stored one is one lower.
    async fn swap(&self, next: &Client) -> Result<Swapped, StoreError>;

    /// Removes the client. Returns whether there was one.
    async fn delete(&self, id: &ClientId) -> Result<bool, StoreError>;
}

/// The result of adding a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Registered {
    /// It was added.
    Added,
    /// Another client has the id.
    IdTaken,
}

/// A row: the stored id of a client, and the client if it can be read.
pub(crate) type ClientRow = (String, Result<Client, ImpossibleRow>);

/// The rows of clients that a handle on a database has read.
#[derive(Default)]
pub(crate) struct ClientRows {
    pub(crate) unreadable: UnreadableRows<String>,
    kept: KeptClients,
}

impl ClientRows {
    /// Reads a row of a list, and notes whether it can be read. Keeps nothing: a long list would
    /// displace the clients that are in use.
    pub(crate) fn read_listed(&self, row: ClientColumns<'_>) -> ClientRow {
        let client = client_record::read(row);
        self.unreadable.note(row.id, client.is_err());
        (row.id.to_owned(), client)
    }

    /// Reads a row that was looked up, and notes whether it can be read.
    pub(crate) fn read(&self, row: ClientColumns<'_>) -> Result<Arc<Client>, ImpossibleRow> {
        let client = self.kept.read(row);
        self.unreadable.note(row.id, client.is_err());
        client
    }

    /// Notes that there is no row with this id.
    pub(crate) fn forget(&self, id: &str) {
        self.kept.forget(id);
        self.unreadable.note(id, false);
    }
}

/// Readable clients in the order of their ids, while they are collected.
pub(crate) struct ClientPage {
    pub(crate) clients: Vec<Client>,
    /// The id that the next rows follow.
    pub(crate) after: String,
    limit: u32,
}

impl ClientPage {
    pub(crate) fn after(after: Option<&ClientId>, limit: u32) -> Self {
        Self {
            clients: Vec::new(),
            after: after.map_or_else(String::new, ToString::to_string),
            limit,
        }
    }

    /// Returns how many clients are missing.
    pub(crate) fn missing(&self) -> u32 {
        let found = u32::try_from(self.clients.len()).unwrap_or(u32::MAX);
        self.limit.saturating_sub(found)
    }

    /// Adds the rows that follow `after`. Returns whether the page is complete, or there are no more.
    pub(crate) fn add(&mut self, rows: Vec<ClientRow>) -> bool {
        let is_last = u32::try_from(rows.len()).is_ok_and(|rows| rows < self.missing());
        if let Some((last, _)) = rows.last() {
            self.after.clone_from(last);
        }
        self.clients
            .extend(rows.into_iter().flat_map(|(_, client)| client));
        is_last || self.missing() == 0
    }
}

#[cfg(test)]
pub(crate) mod tests;
