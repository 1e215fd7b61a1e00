//! Challenges in SQLite: one row each.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_verifier::Timestamp;

use super::Sqlite;
use super::fault::SqliteFault;
use crate::challenges::{Attempt, Challenge, ChallengePayload, Challenges};
use crate::columns::millis;
use crate::error::{ImpossibleRow, StoreError};

#[async_trait]
impl Challenges for Sqlite {
    async fn put(&self, challenge: &Challenge, _now: Timestamp) -> Result<(), StoreError> {
        let challenge = challenge.clone();
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(PUT)?;
            statement.execute(params![
                challenge.purpose.number(),
                challenge.id.as_bytes(),
                challenge.payload.as_bytes(),
                millis(challenge.until),
            ])?;
            Ok(())
        })
        .await
    }

    async fn replace(
        &self,
        challenge: &Challenge,
        previous: Option<&ChallengePayload>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (challenge, previous) = (challenge.clone(), previous.cloned());
        self.write(STORE, move |connection| {
            let (until, now) = (millis(challenge.until), millis(now));
            let (id, payload) = (challenge.id.as_bytes(), challenge.payload.as_bytes());
            let purpose = challenge.purpose.number();
            let changed = match &previous {
                None => connection
                    .prepare_cached(PUT_FIRST)?
                    .execute(params![purpose, id, payload, until, now])?,
                Some(previous) => connection.prepare_cached(REPLACE)?.execute(params![
                    purpose,
                    id,
                    payload,
                    until,
                    now,
                    previous.as_bytes(),
                ])?,
            };
            Ok(changed == 1)
        })
        .await
    }

    async fn take(
        &self,
        purpose: OneTimePurpose,
        id: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<ChallengePayload>, StoreError> {
        self.write(STORE, move |connection| {
            let taken = find(connection, TAKE, (purpose, id), now)?;
            Ok(taken.map(|attempt| attempt.payload))
        })
        .await
    }

    async fn attempt(
        &self,
        purpose: OneTimePurpose,
        id: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Attempt>, StoreError> {
        self.write(STORE, move |connection| {
            find(connection, ATTEMPT, (purpose, id), now)
        })
        .await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

fn find(
    connection: &Connection,
    sql: &str,
    (purpose, id): (OneTimePurpose, OneTimeDigest),
    now: Timestamp,
) -> Result<Option<Attempt>, SqliteFault> {
    let mut statement = connection.prepare_cached(sql)?;
    let key = params![purpose.number(), id.as_bytes(), millis(now)];
    let found = statement.query_row(key, |row| Ok(attempt(row)));
    found.optional()?.transpose()
}

/// Columns: `attempts`, `payload`.
fn attempt(row: &Row<'_>) -> Result<Attempt, SqliteFault> {
    let payload: Vec<u8> = row.get(1)?;
    let payload = ChallengePayload::try_from(payload);
    Ok(Attempt {
        number: row.get(0)?,
        payload: payload.map_err(|_| ImpossibleRow("a payload that is too long"))?,
    })
}

const STORE: &str = "challenges";

const PUT: &str = "
    INSERT INTO challenges (purpose, id, payload, until) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (purpose, id)
    DO UPDATE SET payload = excluded.payload, until = excluded.until, attempts = 0";

const PUT_FIRST: &str = "
    INSERT INTO challenges (purpose, id, payload, until) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (purpose, id)
    DO UPDATE SET payload = excluded.payload, until = excluded.until, attempts = 0
    WHERE challenges.until <= ?5";

const REPLACE: &str = "
    UPDATE challenges SET payload = ?3, until = ?4
    WHERE purpose = ?1 AND id = ?2 AND until > ?5 AND payload = ?6";

const TAKE: &str = "
    DELETE FROM challenges WHERE purpose = ?1 AND id = ?2 AND until > ?3
    RETURNING attempts, payload";

const ATTEMPT: &str = "
    UPDATE challenges SET attempts = attempts + 1 WHERE purpose = ?1 AND id = ?2 AND until > ?3
    RETURNING attempts, payload";

const PURGE: &str = "
    DELETE FROM challenges WHERE (purpose, id) IN (
        SELECT purpose, id FROM challenges WHERE until <= ?1 ORDER BY until LIMIT ?2
    )";
