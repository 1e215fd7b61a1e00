//! The key set at one moment. Each fetch replaces it as a whole. Decides whether it may be used, in
//! pure functions. Must not do I/O.

use std::time::Duration;

use http::HeaderValue;

use super::fetch::Document;
use super::freshness::{self, KeysState};
#[cfg(feature = "status")]
use super::status::StatusListHealth;
use crate::fetching::{FetchError, Fetched};
use crate::key_set::{Keys, KidRule};

/// An issuer's keys and their age. All times are monotonic.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    /// `None` until the first fetch succeeds.
    pub(super) keys: Option<Keys>,
    pub(super) etag: Option<HeaderValue>,
    fetched_at: Duration,
    fresh_for: Duration,
    failures_in_a_row: u32,
    last_failure: Option<FetchError>,
}

/// The state of remote keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether the keys are up to date and usable.
    pub state: KeysState,
    /// The number of keys.
    pub keys: usize,
    /// Time since the last successful fetch.
    pub age: Option<Duration>,
    /// The number of failed fetches since then.
    pub failures_in_a_row: u32,
    /// The error of the latest failed fetch.
    pub last_failure: Option<FetchError>,
    /// The status lists that recent tokens have named, if they are checked.
    #[cfg(feature = "status")]
    pub status_lists: Vec<StatusListHealth>,
}

impl Snapshot {
    /// Returns a snapshot of keys that were not fetched. They are stale from the beginning.
    pub(super) fn of_unknown_age(keys: Keys, now: Duration) -> Self {
        Self {
            keys: Some(keys),
            fetched_at: now,
            ..Self::default()
        }
    }

    /// Returns the snapshot after `document` was fetched at `now`. Keys that the document lacks are
    /// removed.
    pub(super) fn renewed_by(
        &self,
        document: Document,
        rule: KidRule,
        now: Duration,
    ) -> Result<(Self, Fetched), FetchError> {
        let (keys, etag, fetched) = match document.body {
            Some(body) => {
                let keys = Keys::from_jwks_with(body, rule).map_err(FetchError::Keys)?;
                (Some(keys), document.etag, Fetched::Received)
            }
            None => (self.keys.clone(), self.etag.clone(), Fetched::NotModified),
        };
        let renewed = Self {
            keys,
            etag,
            fetched_at: now,
            fresh_for: document.fresh_for,
            ..Self::default()
        };
        Ok((renewed, fetched))
    }

    /// Returns the snapshot after a failed fetch: the keys stay.
    pub(super) fn failing(&self, error: FetchError) -> Self {
        Self {
            failures_in_a_row: self.failures_in_a_row.saturating_add(1),
            last_failure: Some(error),
            ..self.clone()
        }
    }

    /// Returns the time from the latest fetch to the next one.
    pub(super) fn due_after(&self, jitter: u8) -> Duration {
        match self.failures_in_a_row {
            0 => freshness::refresh_after(self.fresh_for, jitter),
            failures => freshness::retry_after(failures, jitter),
        }
    }

    pub(super) fn usable_keys_at(&self, now: Duration, max_stale: Duration) -> Option<&Keys> {
        let keys = self.keys.as_ref();
        keys.filter(|_| self.state_at(now, max_stale) != KeysState::Dead)
    }

    pub(super) fn age_at(&self, now: Duration) -> Duration {
        now.saturating_sub(self.fetched_at)
    }

    fn state_at(&self, now: Duration, max_stale: Duration) -> KeysState {
        match self.keys {
            None => KeysState::Empty,
            Some(_) => freshness::state(self.age_at(now), self.fresh_for, max_stale),
        }
    }

    pub(super) fn health_at(&self, now: Duration, max_stale: Duration) -> Health {
        Health {
            state: self.state_at(now, max_stale),
            keys: self.keys.as_ref().map_or(0, Keys::len),
            age: self.keys.as_ref().map(|_| self.age_at(now)),
            failures_in_a_row: self.failures_in_a_row,
            last_failure: self.last_failure.clone(),
            #[cfg(feature = "status")]
            status_lists: Vec::new(),
        }
    }
}
