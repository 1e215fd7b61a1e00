//! The metrics that show a state rather than count what happens: the keys and the outbox.

use signet_core::keys::{KeyRing, KeyState, Times};
use signet_store::StoreError;
use signet_verifier::Timestamp;

use crate::flows::Flows;

impl Flows {
    /// Shows the state as it is now. Called periodically.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the outbox cannot be counted. Its last numbers stay then.
    pub(crate) async fn show_state(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        show_keys(&self.keys().ring, now);
        let backlog = self.stores.outbox.backlog().await?;
        let entries = u32::try_from(backlog.mails).unwrap_or(u32::MAX);
        let overdue = backlog.next_due.map(|due| now.saturating_since(due));
        metrics::gauge!("signet_outbox_entries").set(entries);
        metrics::gauge!("signet_outbox_overdue_seconds")
            .set(overdue.unwrap_or_default().as_secs_f64());
        Ok(())
    }
}

fn show_keys(ring: &KeyRing, now: Timestamp) {
    let signing = ring.signing().iter().map(|key| &key.times);
    show_keys_of("signing", &signing.collect::<Vec<_>>(), now);
    let mac = ring.mac().iter().map(|key| &key.times);
    show_keys_of("mac", &mac.collect::<Vec<_>>(), now);
    let data = ring.data().iter().map(|key| &key.times);
    show_keys_of("data", &data.collect::<Vec<_>>(), now);
}

/// Shows each state, also those that no key has.
fn show_keys_of(purpose: &'static str, keys: &[&Times], now: Timestamp) {
    for state in STATES {
        let in_state = keys.iter().filter(|times| times.state_at(now) == state);
        let count = u32::try_from(in_state.clone().count()).unwrap_or(u32::MAX);
        let ages = in_state.map(|times| now.saturating_since(times.published_at));
        let oldest = ages.max().unwrap_or_default();
        let state = state.as_str();
        metrics::gauge!("signet_keys", "purpose" => purpose, "state" => state).set(count);
        metrics::gauge!("signet_key_age_seconds", "purpose" => purpose, "state" => state)
            .set(oldest.as_secs_f64());
    }
}

const STATES: [KeyState; 5] = [
    KeyState::Next,
    KeyState::Active,
    KeyState::Retiring,
    KeyState::Retired,
    KeyState::Compromised,
];
