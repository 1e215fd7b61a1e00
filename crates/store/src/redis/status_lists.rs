//! Revocation lists in Redis.
//!
//! One hash has the lists. What ends appends its bits to a log for each list and partition, in the
//! script that ends it; readers remember how far they have read each log. The holders of bits have a
//! string of entries each. A Cluster may lose partitions one by one, so a loss in any of them revokes
//! the lists from before.

use async_trait::async_trait;
use futures::future::try_join_all;
use redis::{Cmd, Pipeline};
use signet_core::names::ClientId;
use signet_core::status_list::{
    BLOCK_BITS, BitRange, LIST_BITS, ListId, StatusChanges, StatusIndex, StatusList,
};
use signet_verifier::Timestamp;

use super::Redis;
use super::epoch::Seen;
use super::fault::RedisFault;
use super::keys::Partition;
use super::record::millis;
use crate::error::StoreError;
use crate::status_entry;
use crate::status_lists::{LeasedBlock, StatusCursor, StatusHolder, StatusLists};

#[async_trait]
impl StatusLists for Redis {
    async fn lease(
        &self,
        owner: &ClientId,
        fresh: StatusList,
        times: (Timestamp, Timestamp),
    ) -> Result<LeasedBlock, StoreError> {
        let leased = self.lease_block(owner, fresh, times).await;
        leased.map_err(|fault| fault.in_store(STORE))
    }

    async fn attach(
        &self,
        index: StatusIndex,
        holders: &[StatusHolder],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let range = index.range();
        let each = holders
            .iter()
            .map(|holder| self.attach_range(range, holder, now));
        let attached = try_join_all(each).await;
        attached.map(drop).map_err(|fault| fault.in_store(STORE))
    }

    async fn changes(
        &self,
        cursor: &StatusCursor,
        now: Timestamp,
    ) -> Result<(StatusChanges, StatusCursor), StoreError> {
        let read = self.read_changes(cursor, now).await;
        read.map_err(|fault| fault.in_store(STORE))
    }

    /// Redis drops what is past its time by itself.
    async fn purge(&self, _now: Timestamp, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

/// What one partition has to say.
struct PartitionChanges {
    revoked: Vec<BitRange>,
    refused_until: Timestamp,
    read_until: Vec<(Vec<u8>, u64)>,
}

impl Redis {
    async fn lease_block(
        &self,
        owner: &ClientId,
        fresh: StatusList,
        (now, refused_until): (Timestamp, Timestamp),
    ) -> Result<LeasedBlock, RedisFault> {
        let lost_until = self.lost_until(now).await?.max(refused_until);
        let fresh = fresh.opened_after(lost_until);
        let mut script = self.scripts.lease_status.prepare_invoke();
        script
            .key(self.layout.status_lists())
            .arg(now.as_millis())
            .arg(lost_until.as_millis())
            .arg(fresh.id.as_bytes())
            .arg(written(&fresh))
            .arg(BLOCK_BITS)
            .arg(LIST_BITS);
        // Counted like a denial: a server that has lost a lease would give its bits again.
        let partition = self.layout.of_status_lists();
        let leased = self.end_surely(script.in_full(), partition).await?;
        let (id, list, first): (Vec<u8>, Vec<u8>, u32) = leased;
        let list = read_list(&id, &list)?;
        let leased = LeasedBlock { list, first };
        let owner = StatusHolder::Client(owner.clone());
        self.attach_range(leased.range(), &owner, now).await?;
        Ok(leased)
    }

    /// Until when a loss in the partition of the lists has revoked lists.
    async fn lost_until(&self, now: Timestamp) -> Result<Timestamp, RedisFault> {
        let partition = self.layout.of_status_lists();
        let known = self.epoch.known(partition);
        let (_, seen) = self.look_up(partition, Vec::new()).await?;
        self.refused_until(known, &seen, now).await
    }

    pub(super) async fn attach_range(
        &self,
        range: BitRange,
        holder: &StatusHolder,
        now: Timestamp,
    ) -> Result<(), RedisFault> {
        let mut entry = Vec::new();
        status_entry::write(range, &mut entry);
        let mut script = self.scripts.attach_status.prepare_invoke();
        script
            .key(self.layout.status_holder(holder))
            .arg(&entry)
            .arg(now.as_millis());
        let partition = self.layout.of_status_holder(holder);
        self.end_surely(script.in_full(), partition).await
    }

    async fn read_changes(
        &self,
        cursor: &StatusCursor,
        now: Timestamp,
    ) -> Result<(StatusChanges, StatusCursor), RedisFault> {
        let mut command = Cmd::new();
        command.arg("HGETALL").arg(self.layout.status_lists());
        let rows: Vec<(Vec<u8>, Vec<u8>)> = self.hot.query(&command).await?;
        let lists = rows.iter().map(|(id, list)| read_list(id, list));
        let mut lists = lists.collect::<Result<Vec<_>, _>>()?;
        lists.retain(|list| !list.has_expired(now));
        let partitions = self.layout.partitions();
        let reads = partitions.map(|partition| self.read_partition(partition, &lists, cursor, now));
        let mut changes = StatusChanges::default();
        let mut next = StatusCursor::default();
        for partition in try_join_all(reads).await? {
            changes.refused_until = changes.refused_until.max(partition.refused_until);
            changes.revoked.extend(partition.revoked);
            next.0.extend(partition.read_until);
        }
        changes.lists = lists;
        Ok((changes, next))
    }

    /// Epoch and logs are of the same moment.
    async fn read_partition(
        &self,
        partition: Partition,
        lists: &[StatusList],
        cursor: &StatusCursor,
        now: Timestamp,
    ) -> Result<PartitionChanges, RedisFault> {
        let known = self.epoch.known(partition);
        let mut commands = Pipeline::new();
        for key in self.epoch.keys(partition) {
            commands.cmd("GET").arg(key);
        }
        let mut logs = Vec::with_capacity(lists.len());
        for list in lists {
            let key = self.layout.status_log_of(partition, list.id);
            let from = cursor.0.get(&key).copied().unwrap_or_default();
            commands.cmd("GETRANGE").arg(&key).arg(from).arg(-1);
            logs.push((list, key, from));
        }
        let values: Vec<Option<Vec<u8>>> = self.hot.run_all(&commands).await?;
        let mut values = values.iter().map(Option::as_deref);
        let (epoch, count) = (values.next().flatten(), values.next().flatten());
        let seen = Seen::read(epoch, count)?;
        let mut changes = PartitionChanges {
            revoked: Vec::new(),
            refused_until: self.refused_until(known, &seen, now).await?,
            read_until: Vec::with_capacity(logs.len()),
        };
        for ((list, key, from), bytes) in logs.into_iter().zip(values) {
            let (runs, _) = bytes.unwrap_or_default().as_chunks::<RUN_BYTES>();
            changes
                .revoked
                .extend(runs.iter().filter_map(|run| read_run(list, run)));
            let read = u64::try_from(runs.len() * RUN_BYTES).unwrap_or_default();
            changes.read_until.push((key, from.saturating_add(read)));
        }
        Ok(changes)
    }
}

/// A list and its first bit that is not leased, as they are stored.
pub(super) fn list_value(list: &StatusList, free: u32) -> Vec<u8> {
    [written(list).as_slice(), &free.to_be_bytes()].concat()
}

/// Reads what [`list_value`] has written.
pub(super) fn read_list_value(id: &[u8], value: &[u8]) -> Result<(StatusList, u32), RedisFault> {
    let list = read_list(id, value)?;
    let free = value.last_chunk().copied().map(u32::from_be_bytes);
    let free = free.filter(|_| value.len() == TIMES_BYTES + 4);
    let too_short = RedisFault::Impossible("a revocation list that is too short");
    Ok((list, free.ok_or(too_short)?))
}

/// Period and end of a list: three times in milliseconds, big-endian.
fn written(list: &StatusList) -> Vec<u8> {
    let times = [list.opened_at, list.issues_until, list.expires_at];
    times.into_iter().flat_map(millis).collect()
}

fn read_list(id: &[u8], times: &[u8]) -> Result<StatusList, RedisFault> {
    let read = || {
        let (opened_at, rest) = times.split_first_chunk()?;
        let (issues_until, rest) = rest.split_first_chunk()?;
        let (expires_at, _) = rest.split_first_chunk()?;
        let at = |bytes: &[u8; 8]| Timestamp::from_millis(u64::from_be_bytes(*bytes));
        Some(StatusList {
            id: ListId::from_bytes(id.try_into().ok()?),
            opened_at: at(opened_at),
            issues_until: at(issues_until),
            expires_at: at(expires_at),
        })
    };
    read().ok_or(RedisFault::Impossible(
        "a revocation list that is too short",
    ))
}

pub(super) fn read_run(list: &StatusList, run: &[u8]) -> Option<BitRange> {
    let (first, rest) = run.split_first_chunk()?;
    let (count, _) = rest.split_first_chunk()?;
    Some(BitRange {
        list: list.id,
        first: u32::from_be_bytes(*first),
        count: u32::from_be_bytes(*count),
        expires_at: list.expires_at,
    })
}

/// A run of bits in a log: the first bit and the count.
pub(super) const RUN_BYTES: usize = 8;

/// The three times of a list.
const TIMES_BYTES: usize = 24;

const STORE: &str = "revocation lists";
