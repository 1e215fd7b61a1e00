//! Clients: the programs that are registered.

use async_trait::async_trait;
use signet_core::client::Client;
use signet_core::names::ClientId;

use crate::error::StoreError;
use crate::sessions::Swapped;

/// Remembers clients.
///
/// Promises: a write that was answered `Ok` survives a crash of the process and of the machine. An id
/// belongs to at most one client. Of all swaps to one version, at most one is done.
#[async_trait]
pub trait Clients: Send + Sync {
    /// Adds a client unless its id is taken.
    async fn create(&self, client: &Client) -> Result<Registered, StoreError>;

    /// Returns the client with this id. A deleted client is never returned.
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError>;

    /// Returns at most `limit` clients whose ids follow `after`, in the byte order of the ids.
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
