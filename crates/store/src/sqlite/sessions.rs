//! Sessions in SQLite: the packed record, and beside it what statements compare.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use signet_core::account::Epoch;
use signet_core::ids::{AccountId, SessionId};
use signet_core::session::Session;
use signet_verifier::Timestamp;

use super::Sqlite;
use super::deny_list::deny_session;
use super::every_row::each;
use super::fault::SqliteFault;
use super::job::atomically;
use super::status_log::set_bits_of_record;
use crate::accounts::PendingEnding;
use crate::columns::millis;
use crate::error::StoreError;
use crate::packed::{pack, unpack};
use crate::sessions::{Sessions, Swapped};

#[async_trait]
impl Sessions for Sqlite {
    async fn create(
        &self,
        session: &Session,
        max_sessions: usize,
        denied_until: Timestamp,
    ) -> Result<(), StoreError> {
        let row = SessionRow::new(session).map_err(|fault| fault.in_store(STORE))?;
        let others = max_sessions.saturating_sub(1);
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                row.insert(connection)?;
                end_oldest(connection, &row, others, denied_until)
            })
        })
        .await
    }

    async fn find(
        &self,
        account_id: AccountId,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(FIND)?;
            let key = params![account_id.as_bytes(), id.as_bytes()];
            let found = statement.query_row(key, |row| Ok(read(account_id, row)));
            let session = found.optional()?.transpose()?;
            Ok(session.filter(|session| !session.lifetime.has_expired(now)))
        })
    }

    async fn swap(&self, next: &Session) -> Result<Swapped, StoreError> {
        let row = SessionRow::new(next).map_err(|fault| fault.in_store(STORE))?;
        self.write(STORE, move |connection| row.replace_predecessor(connection))
            .await
    }

    async fn end(
        &self,
        account_id: AccountId,
        id: SessionId,
        denied_until: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                end(connection, account_id, id, denied_until)
            })
        })
        .await
    }

    async fn end_before(
        &self,
        ending: PendingEnding,
        denied_until: Timestamp,
    ) -> Result<usize, StoreError> {
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                let ids = ended_by(connection, ending)?;
                for id in &ids {
                    end(connection, ending.account_id, *id, denied_until)?;
                }
                Ok(ids.len())
            })
        })
        .await
    }

    async fn list(
        &self,
        account_id: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let account = params![account_id.as_bytes(), millis(now)];
            let rows = statement.query_map(account, |row| Ok(read(account_id, row)))?;
            rows.map(|row| row?).collect()
        })
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let purged = self.purge_sessions(now, limit).await;
        purged.map_err(|fault| fault.in_store(STORE))
    }
}

/// Adds a session as it is.
pub(super) fn add_row(connection: &Connection, session: &Session) -> Result<(), SqliteFault> {
    SessionRow::new(session)?.insert(connection)
}

/// Reads every session, those that have expired included.
pub(super) fn every_session(
    connection: &Connection,
    found: &mut dyn FnMut(Session),
) -> Result<(), SqliteFault> {
    each(connection, EVERY, &mut |row| {
        let account_id = AccountId::from_bytes(row.get(3)?);
        found(read(account_id, row)?);
        Ok(())
    })
}

/// A row, made before the job is queued so that the writer has little to do.
struct SessionRow {
    account_id: AccountId,
    id: SessionId,
    version: u64,
    epoch: u32,
    created_at: i64,
    expires_at: i64,
    record: Vec<u8>,
}

impl SessionRow {
    fn new(session: &Session) -> Result<Self, SqliteFault> {
        Ok(Self {
            account_id: session.account_id,
            id: session.id,
            version: session.version,
            epoch: session.grant.epoch.number(),
            created_at: millis(session.lifetime.created_at),
            expires_at: millis(session.lifetime.expires_at()),
            record: pack(session)?,
        })
    }

    fn insert(&self, connection: &Connection) -> Result<(), SqliteFault> {
        let mut statement = connection.prepare_cached(INSERT)?;
        statement.execute(params![
            self.account_id.as_bytes(),
            self.id.as_bytes(),
            self.version,
            self.epoch,
            self.created_at,
            self.expires_at,
            self.record,
        ])?;
        Ok(())
    }

    fn replace_predecessor(&self, connection: &Connection) -> Result<Swapped, SqliteFault> {
        let mut statement = connection.prepare_cached(SWAP)?;
        let changed = statement.execute(params![
            self.account_id.as_bytes(),
            self.id.as_bytes(),
            self.version,
            self.epoch,
            self.expires_at,
            self.record,
        ])?;
        match changed {
            0 => Ok(Swapped::Lost),
            _ => Ok(Swapped::Done),
        }
    }
}

/// Ends what the account has beyond its newest `others` sessions and the one of `row`.
fn end_oldest(
    connection: &Connection,
    row: &SessionRow,
    others: usize,
    denied_until: Timestamp,
) -> Result<(), SqliteFault> {
    let mut statement = connection.prepare_cached(OLDEST)?;
    let account_bytes = row.account_id.as_bytes();
    let facts = params![account_bytes, row.id.as_bytes(), row.created_at, others];
    let ids = statement
        .query_map(facts, session_id)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for id in ids {
        end(connection, row.account_id, id, denied_until)?;
    }
    Ok(())
}

/// The sessions that are over by an ending.
fn ended_by(connection: &Connection, ending: PendingEnding) -> Result<Vec<SessionId>, SqliteFault> {
    let mut statement = connection.prepare_cached(BEFORE)?;
    let facts = params![ending.account_id.as_bytes(), ending.before.number()];
    let sessions = statement
        .query_map(facts, |row| {
            Ok((session_id(row)?, Epoch::from_number(row.get(1)?)))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let over = sessions
        .into_iter()
        .filter(|(id, at)| ending.ends(*id, *at));
    Ok(over.map(|(id, _)| id).collect())
}

fn end(
    connection: &Connection,
    account_id: AccountId,
    id: SessionId,
    denied_until: Timestamp,
) -> Result<bool, SqliteFault> {
    let mut statement = connection.prepare_cached(END)?;
    let key = params![account_id.as_bytes(), id.as_bytes()];
    let removed = statement.query_row(key, |row| row.get::<_, Vec<u8>>(0));
    let removed = removed.optional()?;
    if let Some(record) = &removed {
        set_bits_of_record(connection, record)?;
    }
    deny_session(connection, account_id, id, denied_until)?;
    Ok(removed.is_some())
}

/// Columns: `sid`, `version`, `record`.
fn read(account_id: AccountId, row: &Row<'_>) -> Result<Session, SqliteFault> {
    let record = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
    let session = unpack(account_id, session_id(row)?, record)?;
    if session.version == row.get::<_, u64>(1)? {
        Ok(session)
    } else {
        Err(SqliteFault::Impossible(
            "a version that is not the record's",
        ))
    }
}

/// Column 0: `sid`.
fn session_id(row: &Row<'_>) -> rusqlite::Result<SessionId> {
    row.get(0).map(SessionId::from_bytes)
}

const STORE: &str = "sessions";

const INSERT: &str = "
    INSERT INTO sessions (account, sid, version, epoch, created_at, expires_at, record)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

pub(super) const FIND: &str =
    "SELECT sid, version, record FROM sessions WHERE account = ?1 AND sid = ?2";

pub(super) const SWAP: &str = "
    UPDATE sessions SET version = ?3, epoch = ?4, expires_at = ?5, record = ?6
    WHERE account = ?1 AND sid = ?2 AND version = ?3 - 1";

const EVERY: &str = "SELECT sid, version, record, account FROM sessions";

const END: &str = "DELETE FROM sessions WHERE account = ?1 AND sid = ?2 RETURNING record";

const BEFORE: &str = "SELECT sid, epoch FROM sessions WHERE account = ?1 AND epoch < ?2";

const LIST: &str = "
    SELECT sid, version, record FROM sessions WHERE account = ?1 AND expires_at > ?2
    ORDER BY created_at DESC, sid";

const OLDEST: &str = "
    SELECT sid FROM sessions WHERE account = ?1 AND sid <> ?2 AND expires_at > ?3
    ORDER BY created_at DESC, sid LIMIT -1 OFFSET ?4";
