//! The deny list in SQLite: one row per thing that is refused.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, params};
use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::names::ClientId;
use signet_verifier::Timestamp;

use super::Sqlite;
use super::every_row::each;
use super::fault::SqliteFault;
use super::job::atomically;
use super::status_log::{set_bits, set_bits_of_record, set_held_bits};
use crate::columns::{millis, timestamp};
use crate::deny_list::{Denied, DenyList, TokenFacts};
use crate::error::StoreError;
use crate::moved::SharedRow;
use crate::status_lists::StatusHolder;

#[async_trait]
impl DenyList for Sqlite {
    async fn deny(&self, denied: &Denied, until: Timestamp) -> Result<(), StoreError> {
        let denied = denied.clone();
        self.write(STORE, move |connection| {
            atomically(connection, |connection| add(connection, &denied, until))
        })
        .await
    }

    async fn is_denied(&self, token: TokenFacts<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let account_key = token.account_id.map(account_key);
        let session_key = token
            .account_id
            .zip(token.session_id)
            .map(|(account_id, id)| session_key(account_id, id));
        let own = [
            Some(EVERY_TOKEN.to_vec()),
            Some(token_key(token.id).to_vec()),
            account_key.map(|key| key.to_vec()),
            session_key.map(|key| key.to_vec()),
        ];
        let clients = token.clients.iter().map(client_key);
        let keys: Vec<Vec<u8>> = own.into_iter().flatten().chain(clients).collect();
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(IS_DENIED)?;
            // Nearly every token is one group: only exchanged ones name more than two clients.
            for group in keys.chunks(KEYS_AT_ONCE) {
                let key = |index: usize| group.get(index);
                let (now, issued_at) = (millis(now), millis(token.issued_at));
                let keys = (
                    key(0),
                    key(1),
                    key(2),
                    key(3),
                    key(4),
                    key(5),
                    now,
                    issued_at,
                );
                if statement.query_row(keys, |row| row.get(0))? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

/// Denies the access tokens of a session, within a job of another store.
pub(super) fn deny_session(
    connection: &Connection,
    account_id: AccountId,
    id: SessionId,
    until: Timestamp,
) -> Result<(), SqliteFault> {
    let key = session_key(account_id, id);
    insert(connection, &key, ALL, until)?;
    set_held_bits(connection, &key)
}

/// Until when issued every token is denied. The beginning of time if none is.
pub(super) fn all_denied_until(connection: &Connection) -> Result<Timestamp, SqliteFault> {
    let mut statement = connection.prepare_cached(ISSUED_UNTIL)?;
    let found = statement.query_row(params![EVERY_TOKEN], |row| row.get(0));
    Ok(timestamp(found.optional()?.unwrap_or_default())?)
}

/// The key of the denial of a holder, by which its bits are found.
pub(super) fn holder_key(holder: &StatusHolder) -> Vec<u8> {
    match holder {
        StatusHolder::Session { account_id, id } => session_key(*account_id, *id).to_vec(),
        StatusHolder::Account(id) => account_key(*id).to_vec(),
        StatusHolder::Client(id) => client_key(id),
    }
}

/// The holder of bits with this key.
pub(super) fn holder_of(key: &[u8]) -> Option<StatusHolder> {
    denied(key, ALL)?.holder()
}

/// Adds a denial without setting bits.
pub(super) fn put(
    connection: &Connection,
    denied: &Denied,
    until: Timestamp,
) -> Result<(), SqliteFault> {
    let (key, issued_until) = key(denied);
    insert(connection, &key, issued_until, until)
}

/// Reads every denial.
pub(super) fn every_denial(
    connection: &Connection,
    found: &mut dyn FnMut(SharedRow),
) -> Result<(), SqliteFault> {
    each(connection, EVERY, &mut |row| {
        let key: Vec<u8> = row.get(0)?;
        let issued_until = timestamp(row.get(1)?)?;
        let until = timestamp(row.get(2)?)?;
        found(match denied(&key, issued_until) {
            Some(denied) => SharedRow::Denial { denied, until },
            None if key == EVERY_TOKEN => SharedRow::EveryToken(issued_until),
            None => return Err(SqliteFault::Impossible("a denial of no kind")),
        });
        Ok(())
    })
}

/// Adds a denial, and sets the bits of what is denied.
fn add(connection: &Connection, denied: &Denied, until: Timestamp) -> Result<(), SqliteFault> {
    let (key, issued_until) = key(denied);
    insert(connection, &key, issued_until, until)?;
    match denied {
        Denied::Token { status, .. } => {
            status.map_or(Ok(()), |index| set_bits(connection, index.range()))
        }
        Denied::Account { id, .. } => {
            set_held_bits(connection, &key)?;
            let mut statement = connection.prepare_cached(RECORDS)?;
            let mut rows = statement.query(params![id.as_bytes()])?;
            while let Some(row) = rows.next()? {
                let record = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                set_bits_of_record(connection, record)?;
            }
            Ok(())
        }
        Denied::Session { .. } | Denied::Client { .. } => set_held_bits(connection, &key),
    }
}

/// Denies every access token that was issued until `now`.
pub(super) fn deny_all(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let until = now.saturating_add(LONGEST_TOKEN);
    let row = params![EVERY_TOKEN, millis(now), millis(until)];
    connection.execute(INSERT, row).map(drop)
}

fn insert(
    connection: &Connection,
    key: &[u8],
    issued_until: Timestamp,
    until: Timestamp,
) -> Result<(), SqliteFault> {
    let mut statement = connection.prepare_cached(INSERT)?;
    statement.execute(params![key, millis(issued_until), millis(until)])?;
    Ok(())
}

/// The key of a denial, and the last `iat` that it refuses.
fn key(denied: &Denied) -> (Vec<u8>, Timestamp) {
    match denied {
        Denied::Session { account_id, id } => (session_key(*account_id, *id).to_vec(), ALL),
        Denied::Token { id, .. } => (token_key(*id).to_vec(), ALL),
        Denied::Client { id, issued_until } => (client_key(id), *issued_until),
        Denied::Account { id, issued_until } => (account_key(*id).to_vec(), *issued_until),
    }
}

/// What the denial with this key refuses; `None` if the key names nothing.
fn denied(key: &[u8], issued_until: Timestamp) -> Option<Denied> {
    let (kind, name) = key.split_first()?;
    let (id, rest) = name.split_first_chunk().unwrap_or((&[0; 16], name));
    Some(match kind {
        1 => Denied::Session {
            account_id: AccountId::from_bytes(*id),
            id: SessionId::from_bytes(rest.try_into().ok()?),
        },
        2 => Denied::Token {
            id: TokenId::from_bytes(name.try_into().ok()?),
            status: None,
        },
        3 => Denied::Client {
            id: std::str::from_utf8(name).ok()?.parse().ok()?,
            issued_until,
        },
        4 => Denied::Account {
            id: AccountId::from_bytes(name.try_into().ok()?),
            issued_until,
        },
        _ => return None,
    })
}

// The first byte keeps the kinds apart; 3 is the only one whose length varies.

fn session_key(account_id: AccountId, id: SessionId) -> [u8; 33] {
    let mut key = [1; 33];
    let (account_bytes, id_bytes) = (account_id.as_bytes(), id.as_bytes());
    for (to, from) in key
        .iter_mut()
        .skip(1)
        .zip(account_bytes.iter().chain(id_bytes))
    {
        *to = *from;
    }
    key
}

fn token_key(id: TokenId) -> [u8; 17] {
    prefixed(2, id.as_bytes())
}

fn client_key(id: &ClientId) -> Vec<u8> {
    [&[3], id.as_str().as_bytes()].concat()
}

fn account_key(id: AccountId) -> [u8; 17] {
    prefixed(4, id.as_bytes())
}

fn prefixed(kind: u8, id: &[u8; 16]) -> [u8; 17] {
    let mut key = [kind; 17];
    for (to, from) in key.iter_mut().skip(1).zip(id) {
        *to = *from;
    }
    key
}

/// Later than every `iat`: refuses all tokens, whenever they were issued.
const ALL: Timestamp = Timestamp::from_millis(u64::MAX);

const STORE: &str = "deny list";

/// How many keys one statement looks up.
const KEYS_AT_ONCE: usize = 6;

/// The key of what denies every token.
const EVERY_TOKEN: [u8; 1] = [0];

/// Longer than any access token is valid.
const LONGEST_TOKEN: Duration = Duration::from_hours(24);

const INSERT: &str = "
    INSERT INTO denials (key, issued_until, until) VALUES (?1, ?2, ?3)
    ON CONFLICT (key) DO UPDATE SET
        issued_until = max(issued_until, excluded.issued_until),
        until = max(until, excluded.until)";

/// Joins the keys instead of comparing with `IN`, for which SQLite would make a table each time.
pub(super) const IS_DENIED: &str = "
    WITH asked (key) AS (VALUES (?1), (?2), (?3), (?4), (?5), (?6))
    SELECT EXISTS (
        SELECT 1 FROM asked CROSS JOIN denials USING (key)
        WHERE until > ?7 AND issued_until >= ?8)";

const EVERY: &str = "SELECT key, issued_until, until FROM denials";

const ISSUED_UNTIL: &str = "SELECT issued_until FROM denials WHERE key = ?1";

const RECORDS: &str = "SELECT record FROM sessions WHERE account = ?1";

const PURGE: &str = "
    DELETE FROM denials
    WHERE key IN (SELECT key FROM denials WHERE until <= ?1 ORDER BY until LIMIT ?2)";
