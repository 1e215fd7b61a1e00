//! What all handles of remote keys share: the snapshot that readers take without a lock, and the
//! one fetch that everybody waits for. Knows nothing of claims.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::HeaderValue;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

use super::endpoint::Endpoint;
use super::fetch::FetchError;
use super::freshness::{self, KeysState};
use super::miss::{MissAction, Misses};
use crate::clock::Clock;
use crate::keys::{Keys, KidRule};
use crate::observer::Observer;

/// What is fixed when remote keys are made.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) endpoint: Endpoint,
    pub(super) rule: KidRule,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Option<Arc<dyn Observer>>,
    pub(super) tls: Arc<ClientConfig>,
}

/// Keys as they were fetched. All times are monotonic.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) keys: Keys,
    pub(super) fetched_at: Duration,
    pub(super) fresh_for: Duration,
    pub(super) etag: Option<HeaderValue>,
}

impl Snapshot {
    /// Keys that nobody fetched: stale from the beginning.
    pub(super) fn of_unknown_age(keys: Keys, now: Duration) -> Self {
        Self {
            keys,
            fetched_at: now,
            fresh_for: Duration::ZERO,
            etag: None,
        }
    }

    pub(super) fn age_at(&self, now: Duration) -> Duration {
        now.saturating_sub(self.fetched_at)
    }

    pub(super) fn state_at(&self, now: Duration) -> KeysState {
        freshness::state(self.age_at(now), self.fresh_for)
    }
}

/// The one fetch that may run, and the count of those that ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flight {
    pub(super) ended: u64,
    pub(super) is_running: bool,
    pub(super) is_asked_for: bool,
}

/// How the latest fetches failed.
#[derive(Clone, Debug, Default)]
pub(super) struct Failures {
    pub(super) in_a_row: u32,
    pub(super) last: Option<FetchError>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) snapshot: ArcSwapOption<Snapshot>,
    pub(super) flight: watch::Sender<Flight>,
    pub(super) wake: Arc<Notify>,
    pub(super) is_driven: AtomicBool,
    /// When to fetch next without being asked, in monotonic milliseconds.
    due_at_millis: AtomicU64,
    failures: Mutex<Failures>,
    misses: Mutex<Misses>,
    miss_waiters: Semaphore,
    cold_waiters: Semaphore,
}

impl Shared {
    pub(super) fn new(settings: Settings, snapshot: Option<Snapshot>) -> Self {
        Self {
            settings,
            snapshot: ArcSwapOption::from_pointee(snapshot),
            flight: watch::Sender::default(),
            wake: Arc::default(),
            is_driven: AtomicBool::new(false),
            due_at_millis: AtomicU64::new(0),
            failures: Mutex::default(),
            misses: Mutex::new(Misses::new()),
            miss_waiters: Semaphore::new(MISS_WAITERS_MAX),
            cold_waiters: Semaphore::new(COLD_WAITERS_MAX),
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.settings.clock.monotonic()
    }

    pub(super) fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time until the next fetch that nobody has to ask for.
    pub(super) fn until_due(&self, now: Duration) -> Duration {
        let due_at = Duration::from_millis(self.due_at_millis.load(Ordering::Acquire));
        due_at.saturating_sub(now)
    }

    pub(super) fn set_due_at(&self, due_at: Duration) {
        let millis = u64::try_from(due_at.as_millis()).unwrap_or(u64::MAX);
        self.due_at_millis.store(millis, Ordering::Release);
    }

    /// Wakes the driver if a fetch is due: its own timer sleeps on when the machine is suspended.
    pub(super) fn wake_if_due(&self, now: Duration) {
        if self.until_due(now).is_zero() {
            self.wake.notify_one();
        }
    }

    /// Waits for the fetch that is running or due; returns at once if the next one is not due.
    pub(super) async fn wait_for_keys(&self) {
        let flight = *self.flight.borrow();
        if !flight.is_running && !self.until_due(self.now()).is_zero() {
            return;
        }
        let Ok(_permit) = self.cold_waiters.try_acquire() else {
            return;
        };
        self.wake.notify_one();
        self.wait_for_end_of(flight, COLD_WAIT).await;
    }

    /// Applies the kid-miss rule and, where it allows a fetch, waits for the end of it.
    pub(super) async fn wait_for_kid(&self, kid: &str) -> MissAction {
        let Ok(_permit) = self.miss_waiters.try_acquire() else {
            return MissAction::Crowded;
        };
        let (action, flight) = self.ask_for(kid);
        if matches!(action, MissAction::Asked | MissAction::Joined) {
            self.wait_for_end_of(flight, MISS_WAIT).await;
        }
        action
    }

    /// Applies the kid-miss rule and waits for nothing.
    pub(super) fn ask_for(&self, kid: &str) -> (MissAction, Flight) {
        let mut misses = self.misses.lock().unwrap_or_else(PoisonError::into_inner);
        let flight = *self.flight.borrow();
        let action = misses.ask(kid, self.now(), flight.ended);
        drop(misses);
        if action == MissAction::Asked {
            self.flight.send_if_modified(|flight| {
                flight.is_asked_for |= !flight.is_running;
                false
            });
            self.wake.notify_one();
        }
        (action, flight)
    }

    async fn wait_for_end_of(&self, flight: Flight, at_most: Duration) {
        let mut flights = self.flight.subscribe();
        let has_ended = flights.wait_for(|now| now.ended > flight.ended);
        // Whether it ended in time or not, the snapshot tells the rest.
        let _ = timeout(at_most, has_ended).await.is_ok();
    }
}

impl Drop for Shared {
    /// The driver holds no strong reference: woken, it finds that it is alone and ends.
    fn drop(&mut self) {
        self.wake.notify_one();
    }
}

/// The first callers of a cold service wait as long as one fetch may take.
const COLD_WAIT: Duration = Duration::from_secs(3);
const COLD_WAITERS_MAX: usize = 1_024;

/// A token with an unknown key is more likely bad than new: its caller waits less.
const MISS_WAIT: Duration = Duration::from_secs(1);
const MISS_WAITERS_MAX: usize = 128;
