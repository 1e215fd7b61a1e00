//! Compares the key ring in use with the newest one that any replica has seen, so that a replica
//! whose folder is behind does not sign with a key that others have retired or revoked.
//!
//! Looking at the store happens in the background; a request compares two numbers. When the store
//! does not answer, what it said last counts: a replica that was up to date signs on. This module
//! must not know what is signed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use signet_core::keys::{KeyRing, NewestRing};
use signet_store::{RingNotes, StoreError};
use signet_verifier::{Clock, Timestamp};
use tokio::time::MissedTickBehavior;

use super::LiveKeys;

/// What is known of the newest ring.
#[derive(Debug)]
pub struct RingWatch {
    newest: ArcSwapOption<NewestRing>,
    ring_lag: Duration,
}

impl RingWatch {
    /// Knows nothing yet, and allows a replica to be behind for `ring_lag`.
    pub fn new(ring_lag: Duration) -> Self {
        Self {
            newest: ArcSwapOption::empty(),
            ring_lag,
        }
    }

    /// Why nothing may be signed with the keys of `ring`, if it may not.
    pub fn lag(&self, ring: &KeyRing, now: Timestamp) -> Option<RingLag> {
        let newest = self.newest.load();
        let newest = newest.as_deref()?;
        let here = ring.generation();
        let behind_for = newest.outdates(here, self.ring_lag, now)?;
        Some(RingLag {
            here,
            newest: newest.generation,
            behind_for,
        })
    }

    /// Looks every second. Never ends.
    pub(crate) async fn follow(
        &self,
        keys: &LiveKeys,
        notes: &dyn RingNotes,
        clock: &Arc<dyn Clock>,
    ) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.look(keys, notes, clock.now()).await {
                tracing::debug!(%error, "the newest key ring is not known at the moment");
            }
        }
    }

    /// Notes the ring in use and learns of a newer one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; what was known is still known then.
    pub async fn look(
        &self,
        keys: &LiveKeys,
        notes: &dyn RingNotes,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ring = &keys.current().ring;
        let was_behind = self.lag(ring, now).is_some();
        let newest = notes.note(ring.name(), NewestRing::of(ring, now)).await?;
        let newest = newest.after(self.newest.load().as_deref().copied(), ring.generation());
        self.newest.store(Some(Arc::new(newest)));
        let lag = self.lag(&keys.current().ring, now);
        metrics::gauge!("signet_key_ring_behind").set(u8::from(lag.is_some()));
        match lag {
            Some(lag) if !was_behind => tracing::error!(%lag, "no tokens are issued here"),
            None if was_behind => tracing::info!("the key ring is the newest, tokens are issued"),
            _ => {}
        }
        Ok(())
    }
}

/// By how much the ring in use is behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RingLag {
    here: u64,
    newest: u64,
    behind_for: Duration,
}

impl fmt::Display for RingLag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { here, newest, .. } = self;
        let seconds = self.behind_for.as_secs();
        write!(
            f,
            "the keys folder has generation {here} of the key ring, and others have had generation \
             {newest} for {seconds} s: bring it up to date, or run `signet keys restore` if it was \
             put back on purpose"
        )
    }
}

/// Half of the time in which a change of the folder is noticed.
const PERIOD: Duration = Duration::from_secs(1);
