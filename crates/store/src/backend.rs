//! A backend, as `/readyz` and the shutdown see it.

use std::time::Duration;

use async_trait::async_trait;
use signet_core::ids::AccountId;
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// A database or a Redis that stores data.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Its name in a report, for example `database`.
    fn name(&self) -> &'static str;

    /// Whether opening it has made a new database.
    fn was_made(&self) -> bool {
        false
    }

    /// Checks that it answers and accepts writes. Returns what it reports.
    async fn check(&self) -> Result<BackendHealth, StoreError>;

    /// Checks that it can be read, for a backend whose [`check`](Self::check) has failed.
    async fn check_reads(&self) -> Result<(), StoreError> {
        self.check().await.map(drop)
    }

    /// Returns each account that was read with stored roles that break their rule, once.
    fn newly_unreadable_roles(&self) -> Vec<AccountId> {
        Vec::new()
    }

    /// Returns the stored id of each client that was read and whose row breaks a rule, once. The id
    /// itself may break its rule.
    fn newly_unreadable_clients(&self) -> Vec<String> {
        Vec::new()
    }

    /// Notes that the time of this host is `now`. Returns the latest time that was noted; `None` if
    /// it has a clock of its own.
    async fn note_time(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let _its_own_is_better = now;
        Ok(None)
    }

    /// Brings noted times that are later than `now` back to `now`.
    async fn bring_time_back(&self, now: Timestamp) -> Result<(), StoreError> {
        let _nothing_is_noted = now;
        Ok(())
    }

    /// Ends what it has after a restore: every session, every access token issued until `now`, and
    /// every one-time value that could be used again. It is safe to repeat.
    async fn end_everything(&self, now: Timestamp) -> Result<(), StoreError>;

    /// Finishes pending work and refuses new work. It is safe to repeat.
    async fn close(&self) -> Result<(), StoreError>;
}

/// What a backend reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BackendHealth {
    /// The time by its own clock; `None` if it uses the clock of this host.
    pub clock: Option<Timestamp>,
    /// The latest time of a host that was noted in it; `None` if it has a clock of its own.
    pub latest: Option<Timestamp>,
    /// The number of accounts that were read with stored roles that break their rule.
    pub unreadable_roles: usize,
    /// The number of clients that were read and whose row breaks a rule.
    pub unreadable_clients: usize,
}

impl BackendHealth {
    /// How far its own clock is from `now`. `None` if it uses the clock of this host.
    pub fn clock_difference(&self, now: Timestamp) -> Option<Duration> {
        let clock = self.clock?;
        Some(clock.saturating_since(now).max(now.saturating_since(clock)))
    }
}
