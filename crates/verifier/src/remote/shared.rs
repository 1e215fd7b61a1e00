//! The state that all handles of remote keys share: the snapshot, which readers load without a
//! lock, and the single fetch that requests wait for. Must not know claims.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

use super::endpoint::Endpoint;
use super::miss::Misses;
use super::snapshot::Snapshot;
use crate::clock::Clock;
use crate::fetching::MissAction;
use crate::key_set::{KidRule, Wait};
use crate::observer::Observer;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) endpoint: Endpoint,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) rule: KidRule,
    pub(super) max_stale: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Option<Arc<dyn Observer>>,
    pub(super) snapshot: ArcSwap<Snapshot>,
    /// How many fetches have succeeded or failed.
    pub(super) fetches: watch::Sender<u64>,
    pub(super) wake: Arc<Notify>,
    pub(super) driver: Mutex<Option<JoinHandle<()>>>,
    /// When the next fetch is due, in monotonic milliseconds. It is in the past while a fetch runs.
    pub(super) due_at_millis: AtomicU64,
    pub(super) misses: Mutex<Misses>,
    pub(super) miss_permits: Arc<Semaphore>,
    pub(super) first_permits: Arc<Semaphore>,
}

impl Shared {
    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Returns the time until the next fetch, or zero while one is due or running.
    pub(super) fn until_due(&self, now: Duration) -> Duration {
        let due_at = Duration::from_millis(self.due_at_millis.load(Ordering::Acquire));
        due_at.saturating_sub(now)
    }

    pub(super) fn set_due_at(&self, due_at: Duration) {
        let millis = u64::try_from(due_at.as_millis()).unwrap_or(u64::MAX);
        self.due_at_millis.store(millis, Ordering::Release);
    }

    /// Returns a wait for the fetch that runs, or that is due and begins now.
    pub(super) fn wait_if_due(&self) -> Option<Wait> {
        if !self.until_due(self.now()).is_zero() {
            return None;
        }
        let wait = self.wait(&self.first_permits, FIRST_WAIT);
        self.wake.notify_one();
        wait
    }

    /// Returns a wait for the next end of a fetch, or `None` if too many requests wait already.
    /// After the wait, the snapshot shows whether the fetch has succeeded.
    pub(super) fn wait(&self, permits: &Arc<Semaphore>, at_most: Duration) -> Option<Wait> {
        let permit = Arc::clone(permits).try_acquire_owned().ok()?;
        let mut fetches = self.fetches.subscribe();
        Some(Box::pin(async move {
            let _ = timeout(at_most, fetches.changed()).await.is_ok();
            drop(permit);
        }))
    }

    /// Applies the rule for misses, and wakes the driver if a fetch is allowed.
    pub(super) fn ask_for(&self, kid: &str) -> MissAction {
        let mut misses = self.misses.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let action = misses.ask(kid, now, *self.fetches.borrow());
        if action == MissAction::Asked {
            self.set_due_at(now);
            self.wake.notify_one();
        }
        action
    }
}

impl Drop for Shared {
    /// Wakes the driver, which holds no strong reference and so ends.
    fn drop(&mut self) {
        self.wake.notify_one();
    }
}

/// The first requests of a new service wait as long as one fetch may take.
const FIRST_WAIT: Duration = Duration::from_secs(3);
/// A token with an unknown key is more often invalid than new, so its request waits less.
pub(super) const MISS_WAIT: Duration = Duration::from_secs(1);

/// How many requests may wait. Further requests are refused immediately.
pub(super) const FIRST_WAITS_MAX: usize = 1_024;
pub(super) const MISS_WAITS_MAX: usize = 128;
