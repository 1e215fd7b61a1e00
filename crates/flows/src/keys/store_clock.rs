//! Compares the clock of this host with the clocks of the stores, before a private key is deleted or
//! a rotation begins because of the time.
//!
//! This module must not know keys.

use std::sync::Arc;

use signet_core::keys::MAX_REPLICA_CLOCK_DIFFERENCE;
use signet_store::Backend;
use signet_verifier::Timestamp;

/// Returns a sentence for operators if a store has another time than `now`. A store that does not
/// answer contradicts nothing.
pub(super) async fn contradiction(stores: &[Arc<dyn Backend>], now: Timestamp) -> Option<String> {
    for store in stores {
        let health = store.check().await.ok();
        let apart = health.and_then(|health| health.clock_difference(now));
        if apart.is_some_and(|apart| apart > MAX_REPLICA_CLOCK_DIFFERENCE) {
            return Some(format!(
                "the clock of this server and the clock of the {} differ by more than {} s, so no \
                 key is rotated or deleted: set the clocks right",
                store.name(),
                MAX_REPLICA_CLOCK_DIFFERENCE.as_secs()
            ));
        }
    }
    None
}
