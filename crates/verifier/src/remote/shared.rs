//! What all handles of remote keys share: the snapshot that readers take without a lock, and the
//! one fetch that everybody waits for. Knows nothing of claims.

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
use crate::keys::{KidRule, Wait};
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
    /// How many fetches have ended, well or badly.
    pub(super) fetches: watch::Sender<u64>,
    pub(super) wake: Arc<Notify>,
    pub(super) driver: Mutex<Option<JoinHandle<()>>>,
    /// When to fetch next, in monotonic milliseconds. It stays in the past while a fetch runs.
    pub(super) due_at_millis: AtomicU64,
    pub(super) misses: Mutex<Misses>,
    pub(super) miss_seats: Arc<Semaphore>,
    pub(super) first_seats: Arc<Semaphore>,
}

impl Shared {
    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Time until the next fetch; zero while one is due or running.
    pub(super) fn until_due(&self, now: Duration) -> Duration {
        let due_at = Duration::from_millis(self.due_at_millis.load(Ordering::Acquire));
        due_at.saturating_sub(now)
    }

    pub(super) fn set_due_at(&self, due_at: Duration) {
        let millis = u64::try_from(due_at.as_millis()).unwrap_or(u64::MAX);
        self.due_at_millis.store(millis, Ordering::Release);
    }

    /// The wait for the fetch that is running or due, which begins now.
    pub(super) fn wait_if_due(&self) -> Option<Wait> {
        if !self.until_due(self.now()).is_zero() {
            return None;
        }
        let wait = self.wait(&self.first_seats, FIRST_WAIT);
        self.wake.notify_one();
        wait
    }

    /// The wait for the next end of a fetch, if there is a seat to wait in. Whether it ends in
    /// time or not, the snapshot tells the rest.
    pub(super) fn wait(&self, seats: &Arc<Semaphore>, at_most: Duration) -> Option<Wait> {
        let seat = Arc::clone(seats).try_acquire_owned().ok()?;
        let mut fetches = self.fetches.subscribe();
        Some(Box::pin(async move {
            let _ = timeout(at_most, fetches.changed()).await.is_ok();
            drop(seat);
        }))
    }

    /// Applies the kid-miss rule. What it asks for while a fetch runs is answered by that one.
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
    /// The driver holds no strong reference: woken, it finds that it is alone and ends.
    fn drop(&mut self) {
        self.wake.notify_one();
    }
}

/// The first callers of a cold service wait as long as one fetch may take.
const FIRST_WAIT: Duration = Duration::from_secs(3);
/// A token with an unknown key is more likely bad than new: its caller waits less.
pub(super) const MISS_WAIT: Duration = Duration::from_secs(1);

/// How many may wait; whoever finds no seat is answered at once.
pub(super) const FIRST_SEATS: usize = 1_024;
pub(super) const MISS_SEATS: usize = 128;
