//! Counters of requests in Redis: one hash for each group, gone soon after all of it is whole again.
//!
//! On the quick connection and without waiting for replicas: a fail-over may forget counts.

use std::time::Duration;

use async_trait::async_trait;
use redis::Cmd;
use signet_core::limits::CounterId;
use signet_verifier::Timestamp;

use super::Redis;
use super::fault::RedisFault;
use super::keys;
use crate::error::StoreError;
use crate::shared_limits::{CounterGroup, Counts, SharedLimits, micros, quota_micros};

#[async_trait]
impl SharedLimits for Redis {
    async fn count(&self, group: &CounterGroup, now: Timestamp) -> Result<Counts, StoreError> {
        let mut script = self.scripts.count_requests.prepare_invoke();
        script.key(keys::counters(group.id)).arg(micros(now));
        for (id, quota) in &group.counters {
            let (interval, capacity) = quota_micros(*quota);
            script.arg(id.as_bytes()).arg(interval).arg(capacity);
        }
        let answer = self.hot.run::<Vec<u64>>(&script).await;
        let counts = answer.and_then(|answer| read(&answer, group));
        counts.map_err(|fault| fault.in_store(STORE))
    }

    async fn take_back(&self, group: &CounterGroup, now: Timestamp) -> Result<(), StoreError> {
        let mut script = self.scripts.take_back_requests.prepare_invoke();
        script.key(keys::counters(group.id)).arg(micros(now));
        for (id, quota) in &group.counters {
            let (interval, _) = quota_micros(*quota);
            script.arg(id.as_bytes()).arg(interval);
        }
        let done = self.hot.run::<()>(&script).await;
        done.map_err(|fault| fault.in_store(STORE))
    }

    async fn reset(&self, group: CounterId) -> Result<(), StoreError> {
        let done = self.hot.query::<()>(&Cmd::del(keys::counters(group))).await;
        done.map_err(|fault| fault.in_store(STORE))
    }

    /// Redis removes what has expired by itself.
    async fn purge(&self, _now: Timestamp, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

fn read(answer: &[u64], group: &CounterGroup) -> Result<Counts, RedisFault> {
    let (counted, whole_in) = match answer.split_first() {
        Some((counted, rest)) if rest.len() == group.counters.len() => (*counted, rest),
        _ => return Err(RedisFault::Impossible("counts of another number")),
    };
    let whole_in = whole_in.iter().copied().map(Duration::from_micros);
    Ok(Counts {
        counted: counted == 1,
        whole_in: whole_in.collect(),
    })
}

const STORE: &str = "shared limits";
