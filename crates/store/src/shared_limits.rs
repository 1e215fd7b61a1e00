//! Counters of requests that all replicas share.

use std::time::Duration;

use async_trait::async_trait;
use signet_core::limits::{CounterId, Quota};
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// Remembers how many requests were counted lately.
///
/// Promises: a request is counted against all counters of its group, or against none if one of them
/// refuses it, in one step of which no other call sees a part. The result is what
/// `signet_core::limits::admit` says, to the microsecond. A counter that is whole again may be
/// forgotten. Counts need not survive a crash.
#[async_trait]
pub trait SharedLimits: Send + Sync {
    /// Counts one request at `now`.
    async fn count(&self, group: &CounterGroup, now: Timestamp) -> Result<Counts, StoreError>;

    /// Takes back one request that was counted.
    async fn take_back(&self, group: &CounterGroup, now: Timestamp) -> Result<(), StoreError>;

    /// Makes all counters of the group whole.
    async fn reset(&self, group: CounterId) -> Result<(), StoreError>;

    /// Removes counters that are whole at `now`, at most `limit`; returns how many.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// Counters that a request is counted against together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CounterGroup {
    /// The name of the group. Counters with the same name in two groups are two counters.
    pub id: CounterId,
    /// The counters and how much each admits.
    pub counters: Vec<(CounterId, Quota)>,
}

/// What the counters say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Whether the request was counted. If not, no counter has changed.
    pub counted: bool,
    /// How long it takes until each counter is whole, in the order of the group.
    pub whole_in: Vec<Duration>,
}

/// A time in microseconds, as both backends store it.
pub(crate) fn micros(at: Timestamp) -> i64 {
    let micros = at.as_millis().saturating_mul(1_000);
    i64::try_from(micros).unwrap_or(i64::MAX)
}

/// The interval and the capacity of a quota, in microseconds.
pub(crate) fn quota_micros(quota: Quota) -> (i64, i64) {
    let interval = i64::try_from(quota.interval().as_micros()).unwrap_or(i64::MAX);
    let interval = interval.clamp(1, LONGEST_INTERVAL_MICROS);
    (interval, interval.saturating_mul(quota.burst().into()))
}

/// A year: the sum of a time and a capacity stays exact in the numbers of Lua.
const LONGEST_INTERVAL_MICROS: i64 = 365 * 24 * 3_600 * 1_000_000;
