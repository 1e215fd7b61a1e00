//! The task that fetches: when it is due, when it is asked to, and never twice at once.

use std::sync::{Arc, PoisonError, Weak};

use aws_lc_rs::rand;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::fetch;
use super::shared::Shared;

/// Starts the driver, if none runs, on the runtime of the caller; without one, a later call does.
pub(super) fn ensure_driven(shared: &Arc<Shared>) {
    let mut driver = shared.driver.lock().unwrap_or_else(PoisonError::into_inner);
    if driver.as_ref().is_some_and(|driver| !driver.is_finished()) {
        return;
    }
    if let Ok(runtime) = Handle::try_current() {
        *driver = Some(runtime.spawn(drive(Arc::downgrade(shared))));
    }
}

/// Ends with the last handle of the keys.
async fn drive(shared: Weak<Shared>) {
    while let Some(shared) = shared.upgrade() {
        let until_due = shared.until_due(shared.now());
        if until_due.is_zero() {
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
    let started_at = shared.now();
    let known = shared.snapshot.load_full();
    let document = fetch::get(&shared.endpoint, &shared.tls, known.etag.as_ref()).await;
    let renewed = document.and_then(|document| known.renewed_by(document, shared.rule, started_at));
    let (snapshot, outcome) = match renewed {
        Ok((snapshot, fetched)) => (snapshot, Ok(fetched)),
        Err(error) => (shared.snapshot.load().failing(error.clone()), Err(error)),
    };
    let due_after = snapshot.due_after(jitter());
    shared.snapshot.store(Arc::new(snapshot));
    shared.set_due_at(shared.now() + due_after);
    if let Some(observer) = &shared.observer {
        observer.fetched(outcome.as_ref().copied());
    }
    shared.fetches.send_modify(|ended| *ended += 1);
}

/// Spreads what many services do at one time. Nothing secret depends on it.
fn jitter() -> u8 {
    let mut byte = [0_u8];
    // Without a random byte there is less spread, and nothing worse.
    let _ = rand::fill(&mut byte).is_ok();
    u8::from_le_bytes(byte)
}
