//! Clients: the programs that are registered.

use async_trait::async_trait;
use signet_core::client::Client;
use signet_core::names::ClientId;

use crate::error::StoreError;
use crate::sessions::Swapped;

/// Remembers clients.
///
/// Promises: what was answered `Ok` survives the death of the process and of the machine; an id
/// belongs to at most one client at any time; of all swaps to one version at most one is done.
#[async_trait]
pub trait Clients: Send + Sync {
    /// Adds a client unless its id is taken.
    async fn create(&self, client: &Client) -> Result<Registered, StoreError>;

    /// The client with this id. A deleted client is gone at once.
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError>;

    /// Clients in the order of their ids, byte by byte, at most `limit`, from the first behind
    /// `after` on.
    async fn list(&self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError>;

    /// Replaces the client by `next` if the one that is there is its predecessor: its version is
    /// one lower.
    async fn swap(&self, next: &Client) -> Result<Swapped, StoreError>;

    /// Removes the client; says whether there was one.
    async fn delete(&self, id: &ClientId) -> Result<bool, StoreError>;
}

/// What became of an attempt to add a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Registered {
    /// It was added.
    Added,
    /// Another client has the id.
    IdTaken,
}
