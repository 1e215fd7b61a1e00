//! Notices that Redis came back without denials that it had stored.
//!
//! The deny list has an epoch: a time until which all access tokens are refused. It is stored in
//! Redis, and every process remembers the newest one that it has seen. Every process also counts
//! the denials that it has written, in a key of its own, in Redis and in memory. If the epoch is
//! missing or older than the remembered one, or the count is lower, Redis has lost writes: it was
//! flushed, restarted without its files, or restored from an older copy. Then the first process
//! that notices begins a new epoch, and all accept it. The servers of a Cluster lose writes one by
//! one, so each partition has an epoch and counts of its own.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::Cmd;
use signet_verifier::Timestamp;
use tokio::time::Instant;

use super::Redis;
use super::fault::RedisFault;
use super::keys::{Layout, Partition};
use super::scripts::Invocation;

/// What this process knows about the deny list.
pub(super) struct Epoch {
    layout: Layout,
    process: [u8; 16],
    known: Mutex<Vec<Remembered>>,
}

/// What this process remembers of the denials of one partition.
#[derive(Clone, Copy)]
struct Remembered {
    refused_until: Timestamp,
    count: u64,
    counted_at: Instant,
}

/// A state of the denials of one partition, as this process knew it at one moment.
#[derive(Clone, Copy)]
pub(super) struct Known {
    partition: Partition,
    refused_until: Timestamp,
    count: u64,
}

/// A state of the denials of one partition, as Redis has it.
pub(super) struct Seen {
    refused_until: Option<Timestamp>,
    count: u64,
}

impl Epoch {
    /// Knows nothing yet. `process` tells this process from all others.
    pub(super) fn new(layout: Layout, process: [u8; 16]) -> Self {
        let nothing = Remembered {
            refused_until: NEVER,
            count: 0,
            counted_at: Instant::now(),
        };
        Self {
            layout,
            process,
            known: Mutex::new(layout.partitions().map(|_| nothing).collect()),
        }
    }

    /// What to compare an answer with. Take it before the question is sent.
    pub(super) fn known(&self, partition: Partition) -> Known {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = known.get(partition.index());
        let (refused_until, count) = remembered.map_or((NEVER, 0), |remembered| {
            let matters = remembered.counted_at.elapsed() <= COUNT_MATTERS;
            let count = if matters { remembered.count } else { 0 };
            (remembered.refused_until, count)
        });
        Known {
            partition,
            refused_until,
            count,
        }
    }

    /// The keys that [`Seen::read`] expects the values of.
    pub(super) fn keys(&self, partition: Partition) -> [Vec<u8>; 2] {
        [
            self.layout.denial_epoch(partition),
            self.layout.denial_count(partition, self.process),
        ]
    }

    /// Notes how many denials of this process Redis has counted.
    pub(super) fn counted(&self, partition: Partition, count: u64) {
        self.change(partition, |known| {
            known.count = known.count.max(count);
            known.counted_at = Instant::now();
        });
    }

    fn change(&self, partition: Partition, change: impl FnOnce(&mut Remembered)) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get_mut(partition.index()) {
            change(known);
        }
    }
}

impl Seen {
    /// Reads the values of [`Epoch::keys`].
    pub(super) fn read(epoch: Option<&[u8]>, count: Option<&[u8]>) -> Result<Self, RedisFault> {
        let impossible = || RedisFault::Impossible("an invalid epoch of the deny list");
        let count = count.map(|text| std::str::from_utf8(text).ok().and_then(|t| t.parse().ok()));
        Ok(Self {
            refused_until: epoch
                .map(|bytes| read_epoch(bytes).ok_or_else(impossible))
                .transpose()?,
            count: count
                .map_or(Some(0), |count| count)
                .ok_or_else(impossible)?,
        })
    }

    /// Until when all access tokens are refused; the beginning of time if there is no epoch.
    pub(super) fn refused_until(&self) -> Timestamp {
        self.refused_until.unwrap_or(NEVER)
    }
}

impl Redis {
    /// Learns the epochs at the start. A new deny list begins one, in which only tokens from before
    /// the start are refused.
    pub(super) async fn learn_epochs(&self, now: Timestamp) -> Result<(), RedisFault> {
        for partition in self.layout.partitions() {
            let key = self.layout.denial_epoch(partition);
            let stored: Option<Vec<u8>> = self.hot.query(&Cmd::get(key)).await?;
            let seen = Seen::read(stored.as_deref(), None)?;
            let refused_until = match seen.refused_until {
                Some(refused_until) => refused_until,
                None => self.renew_epoch(partition, None, before(now)).await?,
            };
            self.epoch
                .change(partition, |known| known.refused_until = refused_until);
        }
        Ok(())
    }

    /// Begins a new epoch, in which all access tokens issued until `now` are refused.
    pub(super) async fn refuse_all(&self, now: Timestamp) -> Result<(), RedisFault> {
        for partition in self.layout.partitions() {
            let key = self.layout.denial_epoch(partition);
            let stored: Option<Vec<u8>> = self.hot.query(&Cmd::get(key)).await?;
            let seen = Seen::read(stored.as_deref(), None)?;
            // An epoch that another process has just begun refuses these tokens too.
            if seen.refused_until.is_none_or(|stored| stored < now) {
                self.renew_epoch(partition, seen.refused_until, now).await?;
            }
        }
        Ok(())
    }

    /// The time until which all access tokens are refused. Begins a new epoch if Redis has lost
    /// what was `known`.
    pub(super) async fn refused_until(
        &self,
        known: Known,
        seen: &Seen,
        now: Timestamp,
    ) -> Result<Timestamp, RedisFault> {
        match seen.refused_until {
            Some(stored) if stored > known.refused_until => {
                self.epoch.change(known.partition, |known| {
                    known.refused_until = known.refused_until.max(stored);
                    known.count = seen.count;
                });
                Ok(stored)
            }
            Some(stored) if stored == known.refused_until && seen.count >= known.count => {
                Ok(stored)
            }
            lost => self.begin_epoch(known, lost, now).await,
        }
    }

    /// Counts a denial that was just written on the connection for quick commands.
    pub(super) async fn count_denial(&self, partition: Partition) -> Result<(), RedisFault> {
        let count = self.hot.run(&self.counting_denial(partition)).await?;
        self.epoch.counted(partition, count);
        Ok(())
    }

    /// The script that counts a denial.
    pub(super) fn counting_denial(&self, partition: Partition) -> Invocation<'_> {
        let mut script = self.scripts.count_denial.prepare_invoke();
        script
            .key(self.layout.denial_count(partition, self.epoch.process))
            .arg(COUNT_LIVES.as_secs());
        script
    }

    async fn begin_epoch(
        &self,
        known: Known,
        stored: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Timestamp, RedisFault> {
        let newest = stored.map_or(known.refused_until, |stored| {
            stored.max(known.refused_until)
        });
        let next = now.max(Timestamp::from_millis(newest.as_millis().saturating_add(1)));
        let partition = known.partition;
        let refused_until = self.renew_epoch(partition, stored, next).await?;
        self.epoch.change(partition, |known| {
            known.refused_until = refused_until;
            known.count = 0;
        });
        tracing::error!(
            event.name = "deny_list.lost",
            refused_until_ms = refused_until.as_millis(),
            "Redis came back empty or older and has lost denials; \
             all access tokens issued until now are refused"
        );
        Ok(refused_until)
    }

    async fn renew_epoch(
        &self,
        partition: Partition,
        stored: Option<Timestamp>,
        next: Timestamp,
    ) -> Result<Timestamp, RedisFault> {
        let bytes = |at: Timestamp| at.as_millis().to_be_bytes().to_vec();
        let mut script = self.scripts.renew_epoch.prepare_invoke();
        script
            .key(self.layout.denial_epoch(partition))
            .arg(stored.map(bytes).unwrap_or_default())
            .arg(bytes(next));
        let epoch: Vec<u8> = self.hot.run(&script).await?;
        read_epoch(&epoch).ok_or(RedisFault::Impossible("an invalid epoch of the deny list"))
    }
}

/// The last second before `at`: tokens have whole seconds, and those of the first second after a
/// start are good.
fn before(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_sub(1_000))
}

fn read_epoch(bytes: &[u8]) -> Option<Timestamp> {
    let bytes = bytes.try_into().ok()?;
    Some(Timestamp::from_millis(u64::from_be_bytes(bytes)))
}

/// How long Redis keeps the count of a process that writes no denials.
const COUNT_LIVES: Duration = Duration::from_hours(48);

/// How long a process compares its count: less than Redis keeps it, and longer than any access
/// token is valid.
const COUNT_MATTERS: Duration = Duration::from_hours(24);

/// Before every `iat`.
const NEVER: Timestamp = Timestamp::from_millis(0);
