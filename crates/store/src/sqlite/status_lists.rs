//! Revocation lists in SQLite: a table of lists, one of holders, and the log that endings write.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use signet_core::names::ClientId;
use signet_core::status_list::{
    BLOCK_BITS, BitRange, LIST_BITS, ListId, StatusChanges, StatusIndex, StatusList,
};
use signet_verifier::Timestamp;

use super::Sqlite;
use super::deny_list::{all_denied_until, holder_key};
use super::fault::SqliteFault;
use super::job::atomically;
use crate::columns::{millis, timestamp};
use crate::error::StoreError;
use crate::status_lists::{LeasedBlock, StatusCursor, StatusHolder, StatusLists};

#[async_trait]
impl StatusLists for Sqlite {
    async fn lease(
        &self,
        owner: &ClientId,
        fresh: StatusList,
        times: (Timestamp, Timestamp),
    ) -> Result<LeasedBlock, StoreError> {
        let holder = holder_key(&StatusHolder::Client(owner.clone()));
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                let leased = lease_block(connection, fresh, times)?;
                attach(connection, &holder, leased.range())?;
                Ok(leased)
            })
        })
        .await
    }

    async fn attach(
        &self,
        index: StatusIndex,
        holders: &[StatusHolder],
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        let keys: Vec<_> = holders.iter().map(holder_key).collect();
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                for key in &keys {
                    attach(connection, key, index.range())?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn changes(
        &self,
        cursor: &StatusCursor,
        now: Timestamp,
    ) -> Result<(StatusChanges, StatusCursor), StoreError> {
        let from = cursor.0.get(LOG).copied().unwrap_or_default();
        let (changes, until) =
            self.read(STORE, |connection| read_changes(connection, from, now))?;
        let mut next = StatusCursor::default();
        next.0.insert(LOG.to_vec(), until);
        Ok((changes, next))
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let lists = self.purge_rows(STORE, PURGE_LISTS, now, limit).await?;
        let holders = self.purge_rows(STORE, PURGE_HOLDERS, now, limit).await?;
        let log = self.purge_rows(STORE, PURGE_LOG, now, limit).await?;
        // Each may have more; the largest decides whether the caller asks again.
        Ok(lists.max(holders).max(log))
    }
}

fn lease_block(
    connection: &Connection,
    fresh: StatusList,
    (now, refused_until): (Timestamp, Timestamp),
) -> Result<LeasedBlock, SqliteFault> {
    let lost_until = all_denied_until(connection)?.max(refused_until);
    let mut statement = connection.prepare_cached(OPEN_LIST)?;
    let facts = params![millis(now), millis(lost_until), LIST_BITS - BLOCK_BITS];
    let open = statement.query_row(facts, |row| Ok((read_list(row), row.get(4)?)));
    let (list, first) = if let Some((list, first)) = open.optional()? {
        (list?, first)
    } else {
        (fresh.opened_after(lost_until), 0)
    };
    let mut statement = connection.prepare_cached(LEASE)?;
    statement.execute(params![
        list.id.as_bytes(),
        millis(list.opened_at),
        millis(list.issues_until),
        millis(list.expires_at),
        first + BLOCK_BITS,
    ])?;
    Ok(LeasedBlock { list, first })
}

/// Lists and log are of one moment: a list is stored before any of its bits.
fn read_changes(
    connection: &Connection,
    from: u64,
    now: Timestamp,
) -> Result<(StatusChanges, u64), SqliteFault> {
    let (mut revoked, mut until) = (Vec::new(), from);
    let mut statement = connection.prepare_cached(LOG_BEHIND)?;
    let rows = statement.query_map(params![from], |row| {
        Ok((row.get::<_, u64>(0)?, read_range(row)))
    })?;
    for row in rows {
        let (seq, range) = row?;
        until = seq;
        revoked.push(range?);
    }
    let mut statement = connection.prepare_cached(LISTS)?;
    let lists = statement.query_map(params![millis(now)], |row| Ok(read_list(row)))?;
    let changes = StatusChanges {
        lists: lists.map(|list| list?).collect::<Result<_, _>>()?,
        revoked,
        refused_until: all_denied_until(connection)?,
    };
    Ok((changes, until))
}

fn attach(connection: &Connection, holder: &[u8], range: BitRange) -> Result<(), SqliteFault> {
    let mut statement = connection.prepare_cached(ATTACH)?;
    statement.execute(params![
        holder,
        range.list.as_bytes(),
        range.first,
        range.count,
        millis(range.expires_at)
    ])?;
    Ok(())
}

/// Columns: `id`, `opened_at`, `issues_until`, `expires_at`.
fn read_list(row: &Row<'_>) -> Result<StatusList, SqliteFault> {
    Ok(StatusList {
        id: ListId::from_bytes(row.get(0)?),
        opened_at: timestamp(row.get(1)?)?,
        issues_until: timestamp(row.get(2)?)?,
        expires_at: timestamp(row.get(3)?)?,
    })
}

/// Columns: `seq`, `list`, `first`, `count`, `expires_at`.
fn read_range(row: &Row<'_>) -> Result<BitRange, SqliteFault> {
    Ok(BitRange {
        list: ListId::from_bytes(row.get(1)?),
        first: row.get(2)?,
        count: row.get(3)?,
        expires_at: timestamp(row.get(4)?)?,
    })
}

const STORE: &str = "revocation lists";

/// The key of the cursor: there is one log.
const LOG: &[u8] = b"log";

const OPEN_LIST: &str = "
    SELECT id, opened_at, issues_until, expires_at, free FROM status_lists
    WHERE issues_until > ?1 AND opened_at > ?2 AND free <= ?3
    ORDER BY issues_until LIMIT 1";

const LEASE: &str = "
    INSERT INTO status_lists (id, opened_at, issues_until, expires_at, free)
    VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (id) DO UPDATE SET free = excluded.free";

const LISTS: &str = "
    SELECT id, opened_at, issues_until, expires_at FROM status_lists WHERE expires_at > ?1";

const ATTACH: &str = "
    INSERT INTO status_holders (holder, list, first, count, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const LOG_BEHIND: &str = "
    SELECT seq, list, first, count, expires_at FROM status_log WHERE seq > ?1 ORDER BY seq";

const PURGE_LISTS: &str = "
    DELETE FROM status_lists
    WHERE id IN (SELECT id FROM status_lists WHERE expires_at <= ?1 LIMIT ?2)";

const PURGE_HOLDERS: &str = "
    DELETE FROM status_holders
    WHERE seq IN (
        SELECT seq FROM status_holders WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

const PURGE_LOG: &str = "
    DELETE FROM status_log
    WHERE seq IN (SELECT seq FROM status_log WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
