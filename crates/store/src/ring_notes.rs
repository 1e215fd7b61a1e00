//! How far key rings have come: what tells a replica that its keys folder is behind.

use async_trait::async_trait;
use signet_core::keys::NewestRing;

use crate::error::StoreError;

/// Remembers the newest generation of each key ring that any replica has seen.
///
/// Promises: the answer is the newest generation that was ever noted of the ring, by whomever and
/// at once too, this note included, with the time of its first note. A store that has lost notes
/// answers with those that came after.
#[async_trait]
pub trait RingNotes: Send + Sync {
    /// Notes what was seen of a ring, called by [`name`](signet_core::keys::KeyRing::name), and
    /// answers with the newest.
    async fn note(&self, ring: &str, seen: NewestRing) -> Result<NewestRing, StoreError>;
}
