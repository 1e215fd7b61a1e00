//! Purging expired sessions: a look through the table in slices, then deletes by key.
//!
//! An index on the expiry would cost the hot path: every rotation would move its entry, and the file
//! would be a fifth larger. Looking through a million sessions takes half a second, off the writer
//! and off the async workers, once in a while.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Row, params};
use signet_verifier::Timestamp;

use super::Sqlite;
use super::fault::SqliteFault;
use super::readers::Readers;
use crate::columns::millis;
use crate::fault::Unanswered;

/// Up to where the last purge has come, so that the next one need not look there again.
#[derive(Default)]
pub(super) struct PurgeCursor(Mutex<Key>);

impl PurgeCursor {
    fn load(&self) -> Key {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, key: Key) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }
}

impl Sqlite {
    /// Removes what has expired at `now`, at most `limit` rows; says how many.
    pub(super) async fn purge_sessions(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<usize, SqliteFault> {
        let (now, from) = (millis(now), self.purge_cursor.load());
        let readers = Arc::clone(&self.readers);
        let look = move || look_from(&readers, from, now, limit);
        let look = tokio::task::spawn_blocking(look).await;
        let (keys, reached) = look.map_err(|_| Unanswered::Panicked)??;
        let mut deleted = 0;
        for chunk in keys.chunks(CHUNK_ROWS) {
            let chunk = chunk.to_vec();
            let work = move |connection: &Connection| delete(connection, &chunk, now);
            deleted += self.writer.submit(work).await?;
        }
        self.purge_cursor.store(reached);
        if reached == Key::default() {
            // Once for each round through the table, so that what was deleted leaves the log too.
            self.writer.empty_log().await?;
        }
        Ok(deleted)
    }
}

/// `account` and `sid`. No id is all zeroes, so the default stands before the first row.
type Key = ([u8; 16], [u8; 16]);

/// At most `limit` keys of expired rows behind `from`, and up to where it has looked: the default
/// when it has seen the last row.
fn look_from(
    readers: &Readers,
    from: Key,
    now: i64,
    limit: usize,
) -> Result<(Vec<Key>, Key), SqliteFault> {
    let mut keys = Vec::new();
    let mut reached = from;
    loop {
        // One slice at a time, so that no reader is kept and no log is pinned for long.
        let slice = readers.read(|connection| {
            let mut statement = connection.prepare_cached(SLICE)?;
            let rows = statement.query_map(params![reached.0, reached.1, SLICE_ROWS], key)?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
        })?;
        for (key, expires_at) in &slice {
            reached = *key;
            if *expires_at <= now {
                keys.push(*key);
            }
            if keys.len() >= limit {
                return Ok((keys, reached));
            }
        }
        if slice.len() < SLICE_ROWS {
            return Ok((keys, Key::default()));
        }
    }
}

/// Deletes what has not been refreshed since it was looked at.
fn delete(connection: &Connection, keys: &[Key], now: i64) -> Result<usize, SqliteFault> {
    let mut statement = connection.prepare_cached(DELETE)?;
    let mut deleted = 0;
    for (account, sid) in keys {
        deleted += statement.execute(params![account, sid, now])?;
    }
    Ok(deleted)
}

fn key(row: &Row<'_>) -> rusqlite::Result<(Key, i64)> {
    Ok(((row.get(0)?, row.get(1)?), row.get(2)?))
}

/// Rows looked at in one go: about two milliseconds.
const SLICE_ROWS: usize = 4_000;

/// Rows deleted in one job: about two milliseconds, in which no refresh is committed.
const CHUNK_ROWS: usize = 500;

pub(super) const SLICE: &str = "
    SELECT account, sid, expires_at FROM sessions WHERE (account, sid) > (?1, ?2)
    ORDER BY account, sid LIMIT ?3";

const DELETE: &str = "
    DELETE FROM sessions WHERE account = ?1 AND sid = ?2 AND expires_at <= ?3";
