//! The status lists that recent tokens have named (feature `status`). Decides which lists are
//! fetched, and when a new signer of lists is a reason to fetch the keys. Must not know their bits.

mod slot;

use std::cell::OnceCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

pub use slot::{StatusListHealth, StatusListState};

use super::endpoint::Endpoint;
use super::miss::Misses;
use super::shared::{FIRST_WAITS_MAX, Shared};
use crate::clock::{Clock, Timestamp};
use crate::error::Error;
use crate::fetching::{MissAction, SetupError};
use crate::key_set::{Keys, Wait};
use crate::policy::Policy;
use crate::status::StatusClaim;
use slot::Slot;

/// Where lists are fetched.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// At their own URLs, which are under the issuer's URL.
    Issuer,
    /// Under this URL, in place of the issuer's.
    At(String),
}

#[derive(Debug)]
pub(super) struct Lists {
    source: Source,
    http_hosts: Vec<String>,
    clock: Arc<dyn Clock>,
    /// Replaced as a whole, so that readers take no lock.
    slots: ArcSwap<Vec<Arc<Slot>>>,
    /// Each change of `slots` holds this lock.
    changes: Mutex<()>,
    signer: Mutex<Signer>,
    first_permits: Arc<Semaphore>,
}

/// The key that signed the latest list.
#[derive(Debug, Default)]
struct Signer {
    kid: Box<str>,
    /// How often the keys will still be fetched because of this signer.
    fetches_left: u8,
    misses: Misses,
}

impl Lists {
    pub(super) fn new(
        source: Source,
        http_hosts: &[String],
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        if let Source::At(base_url) = &source {
            Endpoint::parse(base_url, http_hosts)?;
        }
        Ok(Self {
            source,
            http_hosts: http_hosts.to_vec(),
            clock: Arc::clone(clock),
            slots: ArcSwap::default(),
            changes: Mutex::default(),
            signer: Mutex::default(),
            first_permits: Arc::new(Semaphore::new(FIRST_WAITS_MAX)),
        })
    }

    /// Decides whether the token with this `status` claim is revoked. Never waits.
    pub(super) fn check(
        &self,
        shared: &Arc<Shared>,
        claim: &StatusClaim,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(), Error> {
        let entry = match claim {
            StatusClaim::Absent if policy.status.is_required => return Err(Error::StatusMissing),
            StatusClaim::Absent => return Ok(()),
            StatusClaim::Malformed => return Err(Error::ClaimsMalformed),
            StatusClaim::Entry(entry) => entry,
        };
        let (slots, added) = (self.slots.load(), OnceCell::new());
        let slot = if let Some(slot) = find(&slots, &entry.uri) {
            slot
        } else {
            let slot = self.add(&entry.uri, policy)?;
            added.get_or_init(|| slot)
        };
        let checked = slot.check(entry.index, policy, now);
        if matches!(checked, Err(Error::RevocationUnknown { .. })) {
            slot::ensure_polled(slot, shared);
        }
        checked
    }

    /// Returns a wait for the first fetch of the list that `claim` names.
    pub(super) fn wait_for(&self, claim: &StatusClaim) -> Option<Wait> {
        let StatusClaim::Entry(entry) = claim else {
            return None;
        };
        let slots = self.slots.load();
        find(&slots, &entry.uri)?.wait_for_first(&self.first_permits)
    }

    pub(super) fn health_at(&self, now: Duration) -> Vec<StatusListHealth> {
        let slots = self.slots.load();
        let wall_clock = self.clock.now();
        let health = slots.iter().map(|slot| slot.health_at(now, wall_clock));
        health.collect()
    }

    /// Adds a list. If there are too many, it replaces the one that no token has named for longest.
    fn add(&self, uri: &str, policy: &Policy) -> Result<Arc<Slot>, Error> {
        let endpoint = self.endpoint(uri, &policy.issuer);
        let endpoint = endpoint.ok_or(Error::StatusListRefused)?;
        let _changing = lock(&self.changes);
        let now = self.clock.monotonic();
        let mut slots = Vec::clone(&self.slots.load());
        if let Some(added) = find(&slots, uri) {
            return Ok(Arc::clone(added));
        }
        slots.retain(|slot| slot.idle_at(now) < DROPPED_AFTER);
        if slots.len() >= LISTS_MAX {
            let idle = |slot: &&Arc<Slot>| slot.idle_at(now) >= REPLACEABLE_AFTER;
            let longest = slots
                .iter()
                .filter(idle)
                .max_by_key(|slot| slot.idle_at(now));
            let longest = longest.cloned().ok_or(Error::RevocationUnknown {
                retry_after: REPLACEABLE_AFTER,
            })?;
            slots.retain(|slot| !Arc::ptr_eq(slot, &longest));
        }
        let slot = Slot::new(uri, &policy.issuer, endpoint, &self.clock);
        slots.push(Arc::clone(&slot));
        self.slots.store(Arc::new(slots));
        Ok(slot)
    }

    /// Returns whether a list is still in use, and drops it if no token has named it for long.
    fn keep(&self, slot: &Arc<Slot>) -> bool {
        let _changing = lock(&self.changes);
        let slots = self.slots.load();
        let is_known = slots.iter().any(|known| Arc::ptr_eq(known, slot));
        if !is_known || slot.idle_at(self.clock.monotonic()) < DROPPED_AFTER {
            return is_known;
        }
        let others = slots.iter().filter(|other| !Arc::ptr_eq(other, slot));
        self.slots.store(Arc::new(others.cloned().collect()));
        false
    }

    /// Returns where to fetch a list, if it is under the issuer's URL.
    fn endpoint(&self, uri: &str, issuer: &str) -> Option<Endpoint> {
        let path = uri.strip_prefix(issuer.trim_end_matches('/'))?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
        if !path.starts_with('/') || path.contains("..") || !path.chars().all(is_plain) {
            return None;
        }
        let url = match &self.source {
            Source::Issuer => uri.to_owned(),
            Source::At(base_url) => format!("{}{path}", base_url.trim_end_matches('/')),
        };
        Endpoint::parse(&url, &self.http_hosts).ok()
    }

    /// Fetches the keys because a list has an unknown signer, as often as the rule for misses
    /// allows.
    fn ask_for_signer(&self, kid: &str, shared: &Shared) {
        shared.ask_for(kid, &mut lock(&self.signer).misses);
    }

    /// Fetches the keys if the issuer does not publish one of them any more. Fetches them again after
    /// the next list, because replicas of the issuer may learn of it later.
    fn look_for_removed_keys(&self, kids: &[Box<str>], shared: &Shared) {
        let snapshot = shared.snapshot.load();
        let known = snapshot.keys.iter().flat_map(Keys::kids);
        let removed = known.filter(|kid| kids.iter().all(|published| **published != **kid));
        let removed = removed.collect::<Vec<_>>().join(" ");
        if removed.is_empty() {
            return;
        }
        let misses = &mut lock(&self.signer).misses;
        for attempt in 0..FETCHES_OF_A_CHANGE {
            let action = shared.ask_for(&format!("{removed} {attempt}"), misses);
            if action != MissAction::AskedBefore {
                return;
            }
        }
    }

    /// Fetches the keys if the signer of lists has changed and the lists do not name the published
    /// keys: a key may have been revoked. Fetches them twice for the same reason as above.
    fn note_signer(&self, kid: &str, shared: &Shared) {
        let mut signer = lock(&self.signer);
        if *signer.kid != *kid {
            // The keys were fetched shortly before the first list.
            let is_first = signer.kid.is_empty();
            signer.fetches_left = if is_first { 0 } else { FETCHES_OF_A_CHANGE };
            signer.kid = kid.into();
        }
        if signer.fetches_left > 0 {
            let reason = format!("{kid} {}", signer.fetches_left);
            let action = shared.ask_for(&reason, &mut signer.misses);
            if matches!(action, MissAction::Asked | MissAction::Joined) {
                signer.fetches_left -= 1;
            }
        }
    }
}

impl Drop for Lists {
    /// Wakes the tasks, which hold no strong reference and so end.
    fn drop(&mut self) {
        for slot in self.slots.load().iter() {
            slot.stop();
        }
    }
}

fn find<'a>(slots: &'a [Arc<Slot>], uri: &str) -> Option<&'a Arc<Slot>> {
    slots.iter().find(|slot| *slot.uri == *uri)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Signet has two or three lists at a time, unless it needs more than 131,072 bits in one lifetime of
/// access tokens.
const LISTS_MAX: usize = 8;
/// A list that no token has named for this long may be replaced by another one.
const REPLACEABLE_AFTER: Duration = Duration::from_secs(60);
/// A list that no token has named for this long is not polled any more.
const DROPPED_AFTER: Duration = Duration::from_secs(5 * 60);
const FETCHES_OF_A_CHANGE: u8 = 2;
