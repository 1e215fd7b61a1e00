//! Values that are used once, in SQLite: one row each.

use async_trait::async_trait;
use rusqlite::params;
use signet_verifier::Timestamp;

use super::Sqlite;
use crate::columns::millis;
use crate::error::StoreError;
use crate::one_time::{Claimed, OneTimeValues};

#[async_trait]
impl OneTimeValues for Sqlite {
    async fn claim(
        &self,
        value: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let value = *value;
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(CLAIM)?;
            match statement.execute(params![value, millis(until), millis(now)])? {
                0 => Ok(Claimed::Again),
                _ => Ok(Claimed::First),
            }
        })
        .await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

const STORE: &str = "one-time values";

const CLAIM: &str = "
    INSERT INTO one_time_values (value, until) VALUES (?1, ?2)
    ON CONFLICT (value) DO UPDATE SET until = excluded.until WHERE until <= ?3";

const PURGE: &str = "
    DELETE FROM one_time_values
    WHERE value IN (SELECT value FROM one_time_values WHERE until <= ?1 ORDER BY until LIMIT ?2)";
