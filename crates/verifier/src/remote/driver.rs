//! The task that fetches: when it is due, when it is asked to, and never twice at once.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use aws_lc_rs::rand;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::fetch::{self, Document, FetchError};
use super::freshness::{fresh_for, refresh_after, retry_after};
use super::shared::{Shared, Snapshot};
use crate::keys::Keys;

/// How a fetch succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fetched {
    /// The server sent a key set.
    Received,
    /// The server said that the known one has not changed.
    NotModified,
}

/// Starts the driver, once, on the runtime of the caller; without one, a later call does.
pub(super) fn ensure_driven(shared: &Arc<Shared>) {
    if shared.is_driven.load(Ordering::Acquire) {
        return;
    }
    let Ok(runtime) = Handle::try_current() else {
        return;
    };
    if !shared.is_driven.swap(true, Ordering::AcqRel) {
        runtime.spawn(drive(Driver(Arc::downgrade(shared))));
    }
}

/// Says that nobody drives any more when the task ends, as with its runtime.
struct Driver(Weak<Shared>);

impl Drop for Driver {
    fn drop(&mut self) {
        let Some(shared) = self.0.upgrade() else {
            return;
        };
        shared
            .flight
            .send_modify(|flight| flight.is_running = false);
        shared.is_driven.store(false, Ordering::Release);
    }
}

async fn drive(driver: Driver) {
    while let Some(shared) = driver.0.upgrade() {
        let is_asked_for = shared.flight.borrow().is_asked_for;
        let until_due = shared.until_due(shared.now());
        if is_asked_for || until_due.is_zero() {
            fetch_once(&shared).await;
            continue;
        }
        let wake = Arc::clone(&shared.wake);
        drop(shared);
        // Woken or due: either way there is something to look at.
        let _ = timeout(until_due, wake.notified()).await.is_ok();
    }
}

async fn fetch_once(shared: &Shared) {
    shared
        .flight
        .send_modify(|flight| (flight.is_running, flight.is_asked_for) = (true, false));
    let started_at = shared.now();
    let known = shared.snapshot.load_full();
    let etag = known.as_deref().and_then(|known| known.etag.as_ref());
    let settings = &shared.settings;
    let outcome = fetch::get(&settings.endpoint, &settings.tls, etag)
        .await
        .and_then(|document| take_in(shared, document, known.as_deref(), started_at));
    schedule_next(shared, &outcome);
    if let Some(observer) = &settings.observer {
        observer.fetched(outcome.as_ref().copied());
    }
    shared
        .flight
        .send_modify(|flight| (flight.is_running, flight.ended) = (false, flight.ended + 1));
}

/// Makes the document the snapshot of all readers. A key that it lacks is gone at once.
fn take_in(
    shared: &Shared,
    document: Document,
    known: Option<&Snapshot>,
    fetched_at: Duration,
) -> Result<Fetched, FetchError> {
    let fresh_for = fresh_for(document.max_age_seconds, document.age_seconds);
    let (keys, etag, fetched) = match (document.body, known) {
        (Some(body), _) => {
            let keys =
                Keys::from_jwks_with(body, shared.settings.rule).map_err(FetchError::Keys)?;
            (keys, document.etag, Fetched::Received)
        }
        (
            None,
            Some(Snapshot {
                keys,
                etag: Some(etag),
                ..
            }),
        ) => (keys.clone(), Some(etag.clone()), Fetched::NotModified),
        // Nobody asked whether it was modified.
        (None, _) => return Err(FetchError::Status(304)),
    };
    let snapshot = Snapshot {
        keys,
        fetched_at,
        fresh_for,
        etag,
    };
    shared.snapshot.store(Some(Arc::new(snapshot)));
    Ok(fetched)
}

fn schedule_next(shared: &Shared, outcome: &Result<Fetched, FetchError>) {
    let mut failures = shared.failures();
    let wait = if let Err(error) = outcome {
        failures.in_a_row = failures.in_a_row.saturating_add(1);
        failures.last = Some(error.clone());
        retry_after(failures.in_a_row, jitter())
    } else {
        *failures = super::shared::Failures::default();
        let snapshot = shared.snapshot.load();
        refresh_after(
            snapshot
                .as_ref()
                .map_or(Duration::ZERO, |new| new.fresh_for),
            jitter(),
        )
    };
    shared.set_due_at(shared.now() + wait);
}

/// Spreads what many services do at one time. Nothing secret depends on it.
fn jitter() -> u8 {
    let mut byte = [0];
    // Without a random byte there is less spread, and nothing worse.
    let _ = rand::fill(&mut byte).is_ok();
    let [jitter] = byte;
    jitter
}
