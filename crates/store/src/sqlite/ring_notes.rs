//! How far key rings have come, in SQLite: one row each, written only when a ring has changed.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, params};
use signet_core::keys::NewestRing;
use signet_verifier::Timestamp;

use super::Sqlite;
use super::fault::SqliteFault;
use crate::columns::millis;
use crate::error::StoreError;
use crate::ring_notes::RingNotes;

#[async_trait]
impl RingNotes for Sqlite {
    async fn note(&self, ring: &str, seen: NewestRing) -> Result<NewestRing, StoreError> {
        let known = self.read(STORE, |connection| newest(connection, ring))?;
        if let Some(known) = known.filter(|known| known.generation >= seen.generation) {
            return Ok(known);
        }
        let ring = ring.to_owned();
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(NOTE)?;
            statement.execute(params![ring, seen.generation, millis(seen.seen_at)])?;
            Ok(newest(connection, &ring)?.unwrap_or(seen))
        })
        .await
    }
}

fn newest(connection: &Connection, ring: &str) -> Result<Option<NewestRing>, SqliteFault> {
    let mut statement = connection.prepare_cached(NEWEST)?;
    let found = statement.query_row([ring], |row| {
        Ok(NewestRing {
            generation: row.get(0)?,
            seen_at: Timestamp::from_millis(row.get(1)?),
        })
    });
    Ok(found.optional()?)
}

const STORE: &str = "ring notes";

const NEWEST: &str = "SELECT generation, seen_at FROM ring_notes WHERE ring = ?1";

const NOTE: &str = "
    INSERT INTO ring_notes (ring, generation, seen_at) VALUES (?1, ?2, ?3)
    ON CONFLICT (ring) DO UPDATE SET generation = excluded.generation, seen_at = excluded.seen_at
    WHERE generation < excluded.generation";
