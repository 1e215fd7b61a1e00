//! A clock that a store contradicts: nothing is rotated and no private key is deleted.

use async_trait::async_trait;
use signet_store::{BackendHealth, StoreError};

use super::*;

/// A store with a clock of its own.
struct Clocked(ManualClock);

#[async_trait]
impl Backend for Clocked {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn check(&self) -> Result<BackendHealth, StoreError> {
        Ok(BackendHealth {
            clock: Some(self.0.now()),
            latest: None,
            unreadable_roles: 0,
            unreadable_clients: 0,
        })
    }

    async fn end_everything(&self, _now: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[tokio::test]
async fn no_private_key_is_deleted_on_the_word_of_a_clock_that_a_store_contradicts() {
    let mut running = Running::start(Some(Duration::from_hours(48)));
    let right = Arc::new(Clocked(ManualClock::new(NOW)));
    running.stores = vec![Arc::clone(&right) as _];
    running.clock.advance(Duration::from_hours(24));
    right.0.advance(Duration::from_hours(24));
    let now = running.clock.now();
    running.change(|ring| ring.rotate(&RotationPolicy::default(), now));
    running.look().await;
    assert_eq!(running.private_keys(), 3);

    running.clock.advance(Duration::from_hours(49));
    running.look().await;
    assert_eq!((running.private_keys(), running.generation()), (3, 2));

    right.0.advance(Duration::from_hours(49));
    running.look().await;
    running.look().await;
    assert_eq!((running.private_keys(), running.generation()), (3, 3));
}

#[tokio::test]
async fn a_private_key_that_was_deleted_too_early_leaves_the_next_key_to_sign() {
    let running = Running::start(None);
    running.clock.advance(Duration::from_hours(24));
    let now = running.clock.now();
    running.change(|ring| ring.rotate(&RotationPolicy::default(), now));
    running.look().await;
    let next = running.keys.current().ring.signing()[1].kid().to_string();
    let excursion = now.saturating_add(Duration::from_hours(2));
    running.followed.folder.tidy(excursion).unwrap();
    let loaded = running.followed.folder.load(now).unwrap();
    assert_eq!(loaded.signing.active_at(now).kid().to_string(), next);
    assert_eq!(loaded.ring.published_at(now).count(), 3);
}
