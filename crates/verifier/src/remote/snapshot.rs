//! The key set at one moment, replaced as a whole after each fetch: what a fetch makes of it,
//! and whether it may be used. Pure; knows nothing of HTTP.

use std::time::Duration;

use http::HeaderValue;

use super::fetch::Document;
use super::freshness::{self, KeysState};
use crate::fetching::{FetchError, Fetched};
use crate::keys::{Keys, KidRule};

/// What is known of an issuer's keys. All times are monotonic.
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

/// How remote keys are doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether the keys can be relied upon.
    pub state: KeysState,
    /// How many keys there are.
    pub keys: usize,
    /// Time since the last successful fetch.
    pub age: Option<Duration>,
    /// How many fetches failed since then.
    pub failures_in_a_row: u32,
    /// How the latest of them failed.
    pub last_failure: Option<FetchError>,
}

impl Snapshot {
    /// Keys that nobody fetched: stale from the beginning.
    pub(super) fn of_unknown_age(keys: Keys, now: Duration) -> Self {
        Self {
            keys: Some(keys),
            fetched_at: now,
            ..Self::default()
        }
    }

    /// What a document makes of this at `now`. A key that it lacks is gone at once.
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
            // Nobody asked whether it was modified.
            None if self.etag.is_none() => return Err(FetchError::Status(304)),
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

    /// What a failure makes of this: the keys stay.
    pub(super) fn failing(&self, error: FetchError) -> Self {
        Self {
            failures_in_a_row: self.failures_in_a_row.saturating_add(1),
            last_failure: Some(error),
            ..self.clone()
        }
    }

    /// How long after the fetch that made this the next one is due.
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
        }
    }
}
