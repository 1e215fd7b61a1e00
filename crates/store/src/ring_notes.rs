//! The newest generation of each key ring, by which a replica notices that its folder is behind.

use async_trait::async_trait;
use signet_core::keys::NewestRing;

use crate::error::StoreError;

/// Remembers the newest generation of each key ring that any replica has seen.
///
/// Promises: the answer is the newest generation that any process has noted for the ring, with the
/// time of its first note. It includes this note and concurrent ones. If the store has lost notes,
/// the answer counts later notes only.
#[async_trait]
pub trait RingNotes: Send + Sync {
    /// Notes a generation of the ring with this [`name`](signet_core::keys::KeyRing::name). Returns
    /// the newest one.
    async fn note(&self, ring: &str, seen: NewestRing) -> Result<NewestRing, StoreError>;
}
