//! The task that fetches, when a fetch is due or requested. At most one fetch runs at a time.

use std::sync::{Arc, PoisonError, Weak};

use aws_lc_rs::rand;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::fetch;
use super::shared::Shared;

/// Starts the driver on the caller's runtime, if it does not run yet. Does nothing outside a
/// runtime; a later call starts it.
pub(super) fn ensure_driven(shared: &Arc<Shared>) {
    let mut driver = shared.driver.lock().unwrap_or_else(PoisonError::into_inner);
    if driver.as_ref().is_some_and(|driver| !driver.is_finished()) {
        return;
    }
    if let Ok(runtime) = Handle::try_current() {
        *driver = Some(runtime.spawn(drive(Arc::downgrade(shared))));
    }
}

/// Fetches until the last handle of the keys is dropped.
async fn drive(shared: Weak<Shared>) {
    while let Some(shared) = shared.upgrade() {
        let until_due = shared.until_due(shared.now());
        if until_due.is_zero() {
            fetch_once(&shared).await;
            continue;
        }
        let wake = Arc::clone(&shared.wake);
        drop(shared);
        // Woken or due: the loop checks which.
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

/// Returns a random number that spreads the fetches of many services. It is not a secret.
fn jitter() -> u8 {
    let mut byte = [0_u8];
    // A failure only reduces the spread.
    let _ = rand::fill(&mut byte).is_ok();
    u8::from_le_bytes(byte)
}
