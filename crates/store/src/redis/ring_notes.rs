//! How far key rings have come, in Redis: one value each, the generation and when it was seen.

use async_trait::async_trait;
use signet_core::keys::NewestRing;
use signet_verifier::Timestamp;

use super::Redis;
use super::fault::RedisFault;
use crate::error::StoreError;
use crate::ring_notes::RingNotes;

#[async_trait]
impl RingNotes for Redis {
    async fn note(&self, ring: &str, seen: NewestRing) -> Result<NewestRing, StoreError> {
        let newest = self.note_ring(ring, seen).await;
        newest.map_err(|fault| fault.in_store(STORE))
    }
}

impl Redis {
    async fn note_ring(&self, ring: &str, seen: NewestRing) -> Result<NewestRing, RedisFault> {
        let seen_at = seen.seen_at.as_millis();
        let note = [seen.generation.to_be_bytes(), seen_at.to_be_bytes()].concat();
        let mut script = self.scripts.note_ring.prepare_invoke();
        script.key(self.layout.ring_note(ring)).arg(&note);
        let newest: Vec<u8> = self.hot.run(&script).await?;
        read(&newest).ok_or(RedisFault::Impossible("a ring note that is too short"))
    }
}

fn read(note: &[u8]) -> Option<NewestRing> {
    let (generation, rest) = note.split_first_chunk()?;
    let (seen_at, _) = rest.split_first_chunk()?;
    Some(NewestRing {
        generation: u64::from_be_bytes(*generation),
        seen_at: Timestamp::from_millis(u64::from_be_bytes(*seen_at)),
    })
}

const STORE: &str = "ring notes";
