//! What Redis stores as keys, as rows of an export, and back.
//!
//! This module must not know where rows come from or go to.

use std::collections::HashMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use redis::{Cmd, Pipeline};
use signet_core::status_list::{BitRange, ListId, StatusList};
use signet_verifier::Timestamp;

use super::Redis;
use super::deny_list::read as read_denial;
use super::epoch::Seen;
use super::fault::RedisFault;
use super::moved_key::MovedKey;
use super::record::{self, garbage_after_ms};
use super::scan::Scan;
use super::status_lists::{RUN_BYTES, list_value, read_list_value, read_run};
use crate::deny_list::{Denied, DenyList as _};
use crate::error::StoreError;
use crate::moved::{MovingError, Pages, RowCounter, SharedRow};
use crate::one_time::OneTimeValues as _;
use crate::status_entry;

impl Redis {
    /// Calls `put` with everything that is stored.
    pub(crate) async fn export(
        &self,
        now: Timestamp,
        mut put: impl FnMut(SharedRow) -> Result<(), MovingError>,
    ) -> Result<(), MovingError> {
        let refused_until = self.stored_epoch().await.map_err(failed)?;
        put(SharedRow::EveryToken(refused_until))?;
        let lists = self.stored_lists().await.map_err(failed)?;
        for (list, free) in lists.values().copied() {
            put(SharedRow::StatusList { list, free })?;
        }
        let mut scan = Scan::begin(self).await.map_err(failed)?;
        while let Some(keys) = scan.next().await.map_err(failed)? {
            for (key, value) in self.values(keys).await.map_err(failed)? {
                let rows = self.rows_of(key, &value, &lists, now).await;
                rows.map_err(failed)?.into_iter().try_for_each(&mut put)?;
            }
        }
        Ok(())
    }

    /// Fails if something is stored that an import would add.
    pub(crate) async fn refuse_filled(&self) -> Result<(), MovingError> {
        if !self.stored_lists().await.map_err(failed)?.is_empty() {
            return Err(MovingError::RedisFilled);
        }
        let mut scan = Scan::begin(self).await.map_err(failed)?;
        while let Some(keys) = scan.next().await.map_err(failed)? {
            if !keys.is_empty() {
                return Err(MovingError::RedisFilled);
            }
        }
        Ok(())
    }

    /// Adds rows. Denials come before what they would end.
    pub(crate) async fn import(
        &self,
        mut pages: Pages<SharedRow>,
        now: Timestamp,
        counter: RowCounter<'_>,
    ) -> Result<(), MovingError> {
        let mut refused_until = Timestamp::from_millis(0);
        while let Some(page) = pages.recv().await {
            let is_denial = |row: &SharedRow| matches!(row, SharedRow::Denial { .. });
            let page = page?;
            let rows = page.len();
            let (denials, others): (Vec<_>, Vec<_>) = page.into_iter().partition(is_denial);
            for row in &others {
                refused_until = refused_until.max(row.refuses_every_token_until());
            }
            for rows in [denials, others] {
                let added = stream::iter(&rows).map(|row| self.put(row, now));
                added.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
            }
            counter(rows);
        }
        // Opening an empty Redis has begun an epoch that refuses the tokens of the imported sessions.
        for partition in self.layout.partitions() {
            let epoch = Cmd::set(
                self.layout.denial_epoch(partition),
                &record::millis(refused_until),
            );
            self.write_surely::<()>(epoch).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn put(&self, row: &SharedRow, now: Timestamp) -> Result<(), MovingError> {
        let done = match row {
            SharedRow::Session(session) if session.lifetime.has_expired(now) => Ok(()),
            SharedRow::Session(session) => self.add(session, usize::MAX, now).await,
            SharedRow::Denial { until, .. } | SharedRow::OneTimeValue { until, .. }
                if *until <= now =>
            {
                Ok(())
            }
            SharedRow::Denial { denied, until } => return Ok(self.deny(denied, *until).await?),
            SharedRow::OneTimeValue { value, until } => {
                return Ok(self.claim(value, *until, now).await.map(drop)?);
            }
            SharedRow::EveryToken(_) => Ok(()),
            SharedRow::StatusList { list, free } => self.put_list(list, *free).await,
            SharedRow::HeldBits(holder, range) => self.attach_range(*range, holder, now).await,
            SharedRow::SetBits(range) => self.put_set_bits(*range, now).await,
        };
        done.map_err(failed)
    }

    async fn put_list(&self, list: &StatusList, free: u32) -> Result<(), RedisFault> {
        let mut command = redis::cmd("HSET");
        command
            .arg(self.layout.status_lists())
            .arg(list.id.as_bytes())
            .arg(list_value(list, free));
        self.write_surely(command).await
    }

    async fn put_set_bits(&self, range: BitRange, now: Timestamp) -> Result<(), RedisFault> {
        let partition = self.layout.of_status_lists();
        let key = self.layout.status_log_of(partition, range.list);
        let run = [range.first.to_be_bytes(), range.count.to_be_bytes()].concat();
        let mut commands = Pipeline::new();
        commands.cmd("APPEND").arg(&key).arg(run).ignore();
        let lives_ms = garbage_after_ms(now, range.expires_at);
        commands.cmd("PEXPIRE").arg(&key).arg(lives_ms).ignore();
        self.endings.run_all(&commands).await
    }

    async fn stored_epoch(&self) -> Result<Timestamp, RedisFault> {
        let mut refused_until = Timestamp::from_millis(0);
        for partition in self.layout.partitions() {
            let key = self.layout.denial_epoch(partition);
            let stored: Option<Vec<u8>> = self.hot.query(&Cmd::get(key)).await?;
            let stored = Seen::read(stored.as_deref(), None)?.refused_until();
            refused_until = refused_until.max(stored);
        }
        Ok(refused_until)
    }

    async fn stored_lists(&self) -> Result<HashMap<ListId, (StatusList, u32)>, RedisFault> {
        let mut command = redis::cmd("HGETALL");
        command.arg(self.layout.status_lists());
        let rows: Vec<(Vec<u8>, Vec<u8>)> = self.hot.query(&command).await?;
        let lists = rows.iter().map(|(id, value)| {
            let (list, free) = read_list_value(id, value)?;
            Ok((list.id, (list, free)))
        });
        lists.collect()
    }

    /// The values of keys that still exist.
    async fn values(
        &self,
        keys: Vec<(Vec<u8>, MovedKey)>,
    ) -> Result<Vec<((Vec<u8>, MovedKey), Vec<u8>)>, RedisFault> {
        let values = stream::iter(keys).map(async |key| {
            let value: Option<Vec<u8>> = self.hot.query(&Cmd::get(&key.0)).await?;
            Ok::<_, RedisFault>(value.map(|value| (key, value)))
        });
        let values: Vec<_> = values.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(values.into_iter().flatten().collect())
    }

    async fn rows_of(
        &self,
        (key, moved): (Vec<u8>, MovedKey),
        value: &[u8],
        lists: &HashMap<ListId, (StatusList, u32)>,
        now: Timestamp,
    ) -> Result<Vec<SharedRow>, RedisFault> {
        Ok(match moved {
            MovedKey::Session(account_id, id) => {
                let session = record::read(account_id, id, value)?;
                let lives = !session.lifetime.has_expired(now);
                let row = lives.then(|| SharedRow::Session(Box::new(session)));
                row.into_iter().collect()
            }
            MovedKey::Denial(denied) => {
                let denial = read_denial(value)?;
                let denied = denied.until_issued(denial.issued_until);
                let until = denial.until;
                vec![SharedRow::Denial { denied, until }]
            }
            MovedKey::OneTimeValue(value) => {
                let left_ms: i64 = self.hot.query(&Cmd::pttl(&key)).await?;
                let left_ms = u64::try_from(left_ms).unwrap_or_default();
                let until = now.as_millis().saturating_add(left_ms);
                let until = Timestamp::from_millis(until);
                vec![SharedRow::OneTimeValue { value, until }]
            }
            MovedKey::HeldBits(holder) => {
                let ranges = status_entry::read_all(value);
                let ranges = ranges.ok_or(RedisFault::Impossible("bits that are not whole"))?;
                let held = |range| SharedRow::HeldBits(holder.clone(), range);
                ranges.into_iter().map(held).collect()
            }
            MovedKey::SetBits(id) => {
                let (runs, _) = value.as_chunks::<RUN_BYTES>();
                let list = lists.get(&id).map(|(list, _)| list);
                let runs = runs.iter().filter_map(|run| read_run(list?, run));
                runs.map(SharedRow::SetBits).collect()
            }
        })
    }
}

impl Denied {
    /// The same, for tokens that were issued until then, if it depends on that.
    fn until_issued(self, at: Timestamp) -> Self {
        match self {
            Self::Client { id, .. } => Self::Client {
                id,
                issued_until: at,
            },
            Self::Account { id, .. } => Self::Account {
                id,
                issued_until: at,
            },
            other => other,
        }
    }
}

impl SharedRow {
    fn refuses_every_token_until(&self) -> Timestamp {
        match self {
            Self::EveryToken(until) => *until,
            _ => Timestamp::from_millis(0),
        }
    }
}

fn failed(fault: RedisFault) -> MovingError {
    let error: StoreError = fault.in_store(STORE);
    error.into()
}

const STORE: &str = "moving";

/// How many commands wait for their answers.
const AT_ONCE: usize = 64;
