//! When the next fetch of one document is due, the one task that fetches it, and the requests that
//! wait for it. This module must not know what a document says.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::key_set::Wait;

#[derive(Debug)]
pub(super) struct Schedule {
    clock: Arc<dyn Clock>,
    /// When the next fetch is due, in monotonic milliseconds. It is in the past while a fetch runs.
    due_at_millis: AtomicU64,
    wake: Arc<Notify>,
    /// How many fetches have succeeded or failed.
    fetches: watch::Sender<u64>,
    driver: Mutex<Option<JoinHandle<()>>>,
}

impl Schedule {
    /// Returns a schedule whose first fetch is due.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            due_at_millis: AtomicU64::default(),
            wake: Arc::default(),
            fetches: watch::Sender::default(),
            driver: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Returns the time until the next fetch, or zero while one is due or running.
    pub(super) fn until_due(&self, now: Duration) -> Duration {
        let due_at = Duration::from_millis(self.due_at_millis.load(Ordering::Acquire));
        due_at.saturating_sub(now)
    }

    /// Returns the time until the next fetch, and wakes the driver if it is zero. A reader calls this,
    /// because the driver's timer does not run while the machine is suspended.
    pub(super) fn until_due_or_wake(&self, now: Duration) -> Duration {
        let until_due = self.until_due(now);
        if until_due.is_zero() {
            self.wake();
        }
        until_due
    }

    fn set_due_at(&self, due_at: Duration) {
        let millis = u64::try_from(due_at.as_millis()).unwrap_or(u64::MAX);
        self.due_at_millis.store(millis, Ordering::Release);
    }

    /// Wakes the driver, which then looks at its state again.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Makes a fetch due now.
    pub(super) fn hurry(&self) {
        self.set_due_at(self.now());
        self.wake();
    }

    /// Returns how many fetches have ended.
    pub(super) fn ended(&self) -> u64 {
        *self.fetches.borrow()
    }

    /// Notes that a fetch has ended, and when the next one is due.
    pub(super) fn end_fetch(&self, due_after: Duration) {
        self.set_due_at(self.now() + due_after);
        self.fetches.send_modify(|ended| *ended += 1);
    }

    /// Returns a wait for the fetch that runs, or that is due and begins now.
    pub(super) fn wait_if_due(&self, permits: &Arc<Semaphore>, at_most: Duration) -> Option<Wait> {
        if !self.until_due(self.now()).is_zero() {
            return None;
        }
        let wait = self.wait(permits, at_most);
        self.wake();
        wait
    }

    /// Returns a wait for the next end of a fetch, or `None` if too many requests wait already.
    /// After the wait, the caller looks whether the fetch has succeeded.
    pub(super) fn wait(&self, permits: &Arc<Semaphore>, at_most: Duration) -> Option<Wait> {
        let permit = Arc::clone(permits).try_acquire_owned().ok()?;
        let mut fetches = self.fetches.subscribe();
        Some(Box::pin(async move {
            let _ = timeout(at_most, fetches.changed()).await.is_ok();
            drop(permit);
        }))
    }

    /// Starts the driver on the caller's runtime, if it does not run yet. Does nothing outside a
    /// runtime; a later call starts it.
    pub(super) fn ensure_driven<F>(&self, drive: impl FnOnce() -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        if driver.as_ref().is_some_and(|driver| !driver.is_finished()) {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            *driver = Some(runtime.spawn(drive()));
        }
    }

    /// Returns a pause of the driver that ends when it is woken, or after `at_most`. The pause
    /// does not borrow the schedule, so that the driver need not keep it alive.
    pub(super) fn pause(&self, at_most: Duration) -> impl Future<Output = ()> + use<> {
        let wake = Arc::clone(&self.wake);
        async move {
            let _ = timeout(at_most, wake.notified()).await.is_ok();
        }
    }
}
