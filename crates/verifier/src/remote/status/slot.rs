//! One status list: its latest version, and the task that polls it. Decides whether the list can
//! answer for a token. Must not know other lists.

use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderValue;
use tokio::sync::Semaphore;

use crate::clock::{Clock, Timestamp};
use crate::error::Error;
use crate::fetching::{FetchError, Fetched};
use crate::key_set::{Keys, Wait};
use crate::policy::Policy;
use crate::remote::driver::jitter;
use crate::remote::endpoint::Endpoint;
use crate::remote::fetch::{self, Document};
use crate::remote::freshness;
use crate::remote::schedule::Schedule;
use crate::remote::shared::Shared;
use crate::status::{Expected, StatusList, StatusListError, UnverifiedList};

#[derive(Debug)]
pub(super) struct Slot {
    pub(super) uri: Box<str>,
    issuer: Box<str>,
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    view: ArcSwap<View>,
    /// When a token last named the list, in whole monotonic seconds.
    used_at_seconds: AtomicU64,
}

/// The list at one moment. Each fetch replaces it as a whole. All times are monotonic.
#[derive(Clone, Debug, Default)]
struct View {
    /// `None` until the first fetch succeeds.
    list: Option<Arc<StatusList>>,
    etag: Option<HeaderValue>,
    /// The published keys, as the latest document names them.
    kids: Option<Vec<Box<str>>>,
    /// An older list renews this time too, but not the times in `list`.
    fetched_at: Duration,
    failures_in_a_row: u32,
    last_failure: Option<FetchError>,
}

/// The state of a status list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusListHealth {
    /// The URL of the list, as tokens name it.
    pub uri: Box<str>,
    /// Whether the list can be used.
    pub state: StatusListState,
    /// Time since the last successful fetch.
    pub age: Option<Duration>,
    /// The number of failed fetches since then.
    pub failures_in_a_row: u32,
    /// The error of the latest failed fetch.
    pub last_failure: Option<FetchError>,
}

/// Whether a status list can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusListState {
    /// No fetch has succeeded yet. Its tokens are refused.
    Empty,
    /// The list is within the lifetime that the issuer allows.
    Current,
    /// The list has expired. Its tokens are refused, unless the policy accepts stale lists.
    Stale,
}

impl Slot {
    pub(super) fn new(
        uri: &str,
        issuer: &str,
        endpoint: Endpoint,
        clock: &Arc<dyn Clock>,
    ) -> Arc<Self> {
        Arc::new(Self {
            uri: uri.into(),
            issuer: issuer.into(),
            endpoint,
            clock: Arc::clone(clock),
            schedule: Schedule::new(Arc::clone(clock)),
            view: ArcSwap::default(),
            used_at_seconds: AtomicU64::new(clock.monotonic().as_secs()),
        })
    }

    /// Decides whether the token with this entry is revoked.
    pub(super) fn check(&self, index: u64, policy: &Policy, now: Timestamp) -> Result<(), Error> {
        let monotonic = self.schedule.now();
        self.note_use(monotonic);
        let until_due = self.schedule.until_due_or_wake(monotonic);
        let view = self.view.load();
        let usable = view.list.as_ref().filter(|list| {
            policy.status.accepts_stale || !view.is_stale(list, monotonic, now, policy.leeway)
        });
        match usable.and_then(|list| list.status(index)) {
            Some(VALID) => Ok(()),
            Some(_) => Err(Error::Revoked),
            None => Err(Error::RevocationUnknown {
                retry_after: until_due,
            }),
        }
    }

    /// Returns a wait for the first fetch, or `None` if it has failed.
    pub(super) fn wait_for_first(&self, permits: &Arc<Semaphore>) -> Option<Wait> {
        let wait = self.schedule.wait(permits, FIRST_WAIT)?;
        match self.schedule.ended() {
            0 => Some(wait),
            // The fetch may have ended after the token was refused.
            _ if self.view.load().list.is_some() => Some(Box::pin(ready(()))),
            _ => None,
        }
    }

    pub(super) fn health_at(&self, now: Duration, wall_clock: Timestamp) -> StatusListHealth {
        let view = self.view.load();
        let state = match &view.list {
            None => StatusListState::Empty,
            Some(list) if view.is_stale(list, now, wall_clock, Duration::ZERO) => {
                StatusListState::Stale
            }
            Some(_) => StatusListState::Current,
        };
        StatusListHealth {
            uri: self.uri.clone(),
            state,
            age: view.age_at(now),
            failures_in_a_row: view.failures_in_a_row,
            last_failure: view.last_failure.clone(),
        }
    }

    /// Returns the time since a token named the list.
    pub(super) fn idle_at(&self, now: Duration) -> Duration {
        let used_at = self.used_at_seconds.load(Ordering::Relaxed);
        now.saturating_sub(Duration::from_secs(used_at))
    }

    /// Wakes the task, which ends if the list is not in use any more.
    pub(super) fn stop(&self) {
        self.schedule.wake();
    }

    /// Writes at most once a second, so that threads do not compete for the memory.
    fn note_use(&self, now: Duration) {
        if self.used_at_seconds.load(Ordering::Relaxed) != now.as_secs() {
            self.used_at_seconds.store(now.as_secs(), Ordering::Relaxed);
        }
    }
}

/// Starts the task that polls the list, if it does not run yet.
pub(super) fn ensure_polled(slot: &Arc<Slot>, shared: &Arc<Shared>) {
    let poll = || poll(Arc::clone(slot), Arc::downgrade(shared));
    slot.schedule.ensure_driven(poll);
}

/// Polls until the list is not in use any more, or the last handle of the keys is dropped.
async fn poll(slot: Arc<Slot>, shared: Weak<Shared>) {
    while let Some(shared) = shared.upgrade() {
        if !shared.lists.as_ref().is_some_and(|lists| lists.keep(&slot)) {
            return;
        }
        let until_due = slot.schedule.until_due(slot.schedule.now());
        if until_due.is_zero() {
            fetch_once(&slot, &shared).await;
            continue;
        }
        drop(shared);
        slot.schedule.pause(until_due).await;
    }
}

async fn fetch_once(slot: &Slot, shared: &Shared) {
    let started_at = slot.schedule.now();
    let known = slot.view.load_full();
    let now = slot.clock.now();
    let usable_etag = known.etag.as_ref().filter(|_| {
        let list = known.list.as_ref();
        list.is_some_and(|list| is_trusted(list, shared) && !list.has_expired(now, Duration::ZERO))
    });
    let document = fetch::get(
        &slot.endpoint,
        &shared.tls,
        &fetch::STATUS_LIST,
        usable_etag,
    )
    .await;
    let renewed = document.and_then(|document| slot.renewed(&known, document, started_at, shared));
    let (view, outcome) = match renewed {
        Ok((view, fetched)) => (view, Ok(fetched)),
        Err(error) => (known.failing(error.clone()), Err(error)),
    };
    let (due_after, age) = (view.due_after(jitter()), view.age_at(slot.schedule.now()));
    slot.view.store(Arc::new(view));
    if let Some(observer) = &shared.observer {
        observer.status_list_fetched(&slot.uri, outcome.as_ref().copied(), age);
    }
    slot.schedule.end_fetch(due_after);
}

impl Slot {
    /// Returns the view that follows `known` after `document` was fetched at `fetched_at`.
    fn renewed(
        &self,
        known: &View,
        document: Document,
        fetched_at: Duration,
        shared: &Shared,
    ) -> Result<(View, Fetched), FetchError> {
        let (view, fetched) = match document.body {
            Some(body) => {
                let list = self.verify(&body, shared).map_err(FetchError::StatusList)?;
                let kids = list.kids.clone();
                let list = known.merged(list, shared).map_err(FetchError::StatusList)?;
                let view = View {
                    list: Some(Arc::new(list)),
                    etag: document.etag,
                    kids,
                    ..View::default()
                };
                (view, Fetched::Received)
            }
            None => (known.clone(), Fetched::NotModified),
        };
        if let (Some(kids), Some(lists)) = (&view.kids, &shared.lists) {
            lists.look_for_removed_keys(kids, shared);
        }
        let view = View {
            fetched_at,
            failures_in_a_row: 0,
            last_failure: None,
            ..view
        };
        Ok((view, fetched))
    }

    fn verify(&self, document: &[u8], shared: &Shared) -> Result<StatusList, StatusListError> {
        let unverified = UnverifiedList::parse(document)?;
        let snapshot = shared.snapshot.load();
        let keys = snapshot.usable_keys_at(shared.schedule.now(), shared.max_stale);
        let is_known = keys.is_some_and(|keys| keys.find(unverified.kid()).is_some());
        if let (false, Some(lists)) = (is_known, &shared.lists) {
            lists.ask_for_signer(unverified.kid(), shared);
        }
        let expected = Expected {
            uri: &self.uri,
            issuer: &self.issuer,
            now: self.clock.now(),
        };
        let list = unverified.verify(keys.ok_or(Error::UnknownKey)?, &expected)?;
        if let (None, Some(lists)) = (&list.kids, &shared.lists) {
            // Also of an older list: a replica with a new key may have a clock that is behind.
            lists.note_signer(&list.kid, shared);
        }
        Ok(list)
    }
}

/// Returns whether the key that signed a list is still published.
fn is_trusted(list: &StatusList, shared: &Shared) -> bool {
    let snapshot = shared.snapshot.load();
    let keys: Option<&Keys> = snapshot.keys.as_ref();
    keys.is_some_and(|keys| keys.find(&list.kid).is_some())
}

impl View {
    /// Returns the fetched list together with what the known one has revoked.
    fn merged(&self, list: StatusList, shared: &Shared) -> Result<StatusList, StatusListError> {
        match &self.list {
            Some(known) if is_trusted(known, shared) => list.merge(known),
            _ => Ok(list),
        }
    }

    fn failing(&self, error: FetchError) -> Self {
        Self {
            failures_in_a_row: self.failures_in_a_row.saturating_add(1),
            last_failure: Some(error),
            ..self.clone()
        }
    }

    /// Returns the time to the next fetch. One lost fetch must not delay a revocation beyond 10 s.
    fn due_after(&self, jitter: u8) -> Duration {
        let ttl = self.list.as_ref().map_or(RETRY_MAX, |list| list.ttl);
        match self.failures_in_a_row {
            0 => freshness::spread(ttl, 0.5..0.7, jitter),
            failures => freshness::retry_after(failures, jitter).min(RETRY_MAX),
        }
    }

    fn age_at(&self, now: Duration) -> Option<Duration> {
        let list = self.list.as_ref();
        list.map(|_| now.saturating_sub(self.fetched_at))
    }

    /// Returns whether the list has expired by the time of day, which may be set back, or whether
    /// its lifetime has passed since its fetch, which does not count while the machine is suspended.
    fn is_stale(
        &self,
        list: &StatusList,
        monotonic: Duration,
        now: Timestamp,
        leeway: Duration,
    ) -> bool {
        let lifetime = list.expires_at.saturating_since(list.issued_at);
        let usable_until = self.fetched_at + lifetime;
        list.has_expired(now, leeway) || usable_until <= monotonic
    }
}

/// Section 7.1 of the draft.
const VALID: u8 = 0;
/// A token of an unknown list waits at most this long, once.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// After an outage, the next fetch comes this soon.
const RETRY_MAX: Duration = Duration::from_secs(4);
