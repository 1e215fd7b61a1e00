//! The task that fetches keys, when a fetch is due or requested. At most one fetch runs at a time.

use std::sync::{Arc, Weak};

use aws_lc_rs::rand;

use super::fetch;
use super::shared::Shared;

/// Starts the driver on the caller's runtime, if it does not run yet.
pub(super) fn ensure_driven(shared: &Arc<Shared>) {
    let drive = || drive(Arc::downgrade(shared));
    shared.schedule.ensure_driven(drive);
}

/// Fetches until the last handle of the keys is dropped.
async fn drive(shared: Weak<Shared>) {
    while let Some(shared) = shared.upgrade() {
        let until_due = shared.schedule.until_due(shared.schedule.now());
        if until_due.is_zero() {
            fetch_once(&shared).await;
            continue;
        }
        let pause = shared.schedule.pause(until_due);
        drop(shared);
        // Woken or due: the loop checks which.
        pause.await;
    }
}

async fn fetch_once(shared: &Shared) {
    let started_at = shared.schedule.now();
    let known = shared.snapshot.load_full();
    let etag = known.etag.as_ref();
    let document = fetch::get(&shared.endpoint, &shared.tls, &fetch::KEY_SET, etag).await;
    let renewed = document.and_then(|document| known.renewed_by(document, shared.rule, started_at));
    let (snapshot, outcome) = match renewed {
        Ok((snapshot, fetched)) => (snapshot, Ok(fetched)),
        Err(error) => (shared.snapshot.load().failing(error.clone()), Err(error)),
    };
    let due_after = snapshot.due_after(jitter());
    shared.snapshot.store(Arc::new(snapshot));
    if let Some(observer) = &shared.observer {
        observer.fetched(outcome.as_ref().copied());
    }
    shared.schedule.end_fetch(due_after);
}

/// Returns a random number that spreads the fetches of many services. It is not a secret.
pub(super) fn jitter() -> u8 {
    let mut byte = [0_u8];
    // A failure only reduces the spread.
    let _ = rand::fill(&mut byte).is_ok();
    u8::from_le_bytes(byte)
}
