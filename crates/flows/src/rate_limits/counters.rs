//! The counters of one limit: a bounded table, and shared counters for keys beyond it.
//!
//! A key in the table stays there until its counter is whole again, however many new keys come. A
//! counter that is whole says nothing, so it may be forgotten. This module must not know what keys
//! stand for.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use signet_core::limits::{Quota, Verdict, admit};

/// The counters of one limit. Each is the time at which it is whole again.
#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    own: HashMap<u64, Duration>,
    /// Made when the table is full for the first time.
    shared: Vec<Duration>,
    /// When counters that were whole were last forgotten.
    swept_at: Option<Duration>,
}

impl Counters {
    /// Counts a request against all of its counters, or against none if one of them refuses it.
    /// Returns the tightest verdict.
    pub(super) fn count(&self, keys: &[(u64, Quota)], now: Duration) -> Option<Verdict> {
        let mut state = self.state();
        let tightest = state.judge(keys, now)?;
        if tightest.allowed {
            for &(key, quota) in keys {
                let counter = state.counter(key, now);
                *counter = (*counter).max(now).saturating_add(quota.interval());
            }
        }
        Some(tightest)
    }

    /// The tightest verdict, without counting.
    pub(super) fn look(&self, keys: &[(u64, Quota)], now: Duration) -> Option<Verdict> {
        self.state().judge(keys, now)
    }

    /// Takes back a request that was counted.
    pub(super) fn take_back(&self, keys: &[(u64, Quota)]) {
        let mut state = self.state();
        for &(key, quota) in keys {
            if let Some(counter) = state.known(key) {
                *counter = counter.saturating_sub(quota.interval());
            }
        }
    }

    /// Makes the counter of `key`, if it is its own, whole no sooner than `whole_in` after `now`.
    pub(super) fn raise(&self, key: u64, whole_in: Duration, now: Duration) {
        if let Some(counter) = self.state().own.get_mut(&key) {
            *counter = (*counter).max(now.saturating_add(whole_in));
        }
    }

    /// Forgets counters that are whole at `now`.
    pub(super) fn forget_idle(&self, now: Duration) {
        let mut state = self.state();
        state.sweep(now);
        state.own.shrink_to_fit();
        if state.shared.iter().all(|whole_at| *whole_at <= now) {
            state.shared = Vec::new();
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.state().own.len()
    }

    /// Every change is a single assignment, so a poisoned table is still whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn judge(&mut self, keys: &[(u64, Quota)], now: Duration) -> Option<Verdict> {
        let verdicts = keys.iter().map(|&(key, quota)| {
            let whole_at = self.known(key).map_or(Duration::ZERO, |counter| *counter);
            admit(whole_at, quota, now)
        });
        verdicts.min_by_key(|verdict| (verdict.allowed, verdict.remaining))
    }

    /// The counter of a key that has one, its own or a shared one.
    fn known(&mut self, key: u64) -> Option<&mut Duration> {
        let place = place_of(key);
        match self.own.get_mut(&key) {
            Some(counter) => Some(counter),
            None => self.shared.get_mut(place),
        }
    }

    /// The counter of a key. A new key gets its own while the table has room.
    fn counter(&mut self, key: u64, now: Duration) -> &mut Duration {
        if !self.own.contains_key(&key) && !self.has_room(now) {
            if self.shared.is_empty() {
                self.shared = vec![Duration::ZERO; SHARED_COUNTERS];
            }
            if let Some(shared) = self.shared.get_mut(place_of(key)) {
                return shared;
            }
        }
        self.own.entry(key).or_default()
    }

    fn has_room(&mut self, now: Duration) -> bool {
        let is_due = |at: Duration| now.saturating_sub(at) >= SWEEP_PERIOD;
        if self.own.len() >= MAX_KEYS && self.swept_at.is_none_or(is_due) {
            self.sweep(now);
        }
        self.own.len() < MAX_KEYS
    }

    fn sweep(&mut self, now: Duration) {
        self.own.retain(|_, whole_at| *whole_at > now);
        self.swept_at = Some(now);
    }
}

/// The key is a keyed hash already.
fn place_of(key: u64) -> usize {
    usize::try_from(key).unwrap_or_default() % SHARED_COUNTERS
}

/// How many keys have a counter of their own; each takes about 40 bytes.
pub(super) const MAX_KEYS: usize = 50_000;
/// How many counters all other keys share: 1 MiB. As many keys as the table holds, once more,
/// leave three quarters of a burst to nearly everyone.
const SHARED_COUNTERS: usize = 65_536;
/// Looking through a full table takes a millisecond.
const SWEEP_PERIOD: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_million_addresses_take_no_more_memory_than_fifty_thousand() {
        let (counters, quota) = (Counters::default(), Quota::per_minute(60));
        for number in 0..10_000_000_u64 {
            // Keys are hashes, so they are spread over all numbers.
            let key = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            counters.count(&[(key, quota)], Duration::ZERO);
        }
        let state = counters.state();
        assert_eq!(
            (state.own.len(), state.shared.len()),
            (MAX_KEYS, SHARED_COUNTERS)
        );
        assert!(state.own.capacity() < 3 * MAX_KEYS);
    }
}
