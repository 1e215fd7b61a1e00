//! The change from one key to the next, for signing keys, MAC keys and data keys.
//!
//! `now` is never before the last change of the ring. So recorded times are in the past, except
//! those of a scheduled rotation.

use std::time::Duration;

use signet_verifier::Timestamp;

use super::entry::HasTimes;
use super::times::{KeyState, Times};

/// The keys of one kind, in the order in which they were published.
pub(super) struct RotationOrder<'a, K>(pub(super) &'a mut [K]);

/// The reasons why a rotation is not possible yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotYet {
    /// An earlier rotation takes effect at this time.
    Pending(Timestamp),
    /// All verifiers know the next key at this time.
    Unknown(Timestamp),
}

impl<K: HasTimes> RotationOrder<'_, K> {
    /// Schedules the next key to become active at `now + lag`, if it was published for `lead`.
    pub(super) fn hand_over(
        &mut self,
        lead: Duration,
        lag: Duration,
        now: Timestamp,
    ) -> Result<(), NotYet> {
        if let Some(scheduled) = self.scheduled(now) {
            return Err(NotYet::Pending(scheduled.activates_at.unwrap_or(now)));
        }
        let possible_at = self
            .waiting()
            .map_or(now, |next| next.published_at.saturating_add(lead));
        if now < possible_at {
            return Err(NotYet::Unknown(possible_at));
        }
        let at = now.saturating_add(lag);
        if let Some(active) = self.active(now) {
            active.stops_at = Some(at);
        }
        if let Some(next) = self.waiting() {
            next.activates_at = Some(at);
        }
        Ok(())
    }

    /// Revokes the key at `index` immediately. If it is active, the next key becomes active.
    pub(super) fn revoke(&mut self, index: usize, now: Timestamp) {
        let Some(times) = self.0.get_mut(index).map(HasTimes::times_mut) else {
            return;
        };
        let state = times.state_at(now);
        let was_scheduled = state == KeyState::Next && times.activates_at.is_some();
        times.revoked_at = times.revoked_at.or(Some(now));
        match state {
            KeyState::Next if was_scheduled => {
                times.activates_at = None;
                if let Some(active) = self.active(now) {
                    active.stops_at = None;
                }
            }
            KeyState::Active => {
                times.stops_at = Some(now);
                self.activate_next(now);
            }
            _ => {}
        }
    }

    /// Revokes every key immediately. The caller adds new keys.
    pub(super) fn revoke_all(&mut self, now: Timestamp) {
        for times in self.0.iter_mut().map(HasTimes::times_mut) {
            if times.is_gone() {
                continue;
            }
            times.revoked_at = Some(now);
            if times.activates_at.is_some_and(|at| at > now) {
                times.activates_at = None;
            } else if times.activates_at.is_some() {
                times.stops_at = Some(times.stops_at.map_or(now, |at| at.min(now)));
            }
        }
    }

    /// Stops the active key immediately and revokes the next keys. The active key and its
    /// predecessors stay accepted.
    pub(super) fn stop_all(&mut self, now: Timestamp) {
        for times in self.0.iter_mut().map(HasTimes::times_mut) {
            match times.state_at(now) {
                KeyState::Active => times.stops_at = Some(now),
                KeyState::Next => {
                    times.activates_at = None;
                    times.revoked_at = Some(now);
                }
                _ => {}
            }
        }
    }

    /// Retires the keys that stopped at least `needed_for` ago. Returns how many.
    pub(super) fn retire(&mut self, needed_for: Duration, now: Timestamp) -> usize {
        let times = self.0.iter_mut().map(HasTimes::times_mut);
        let dead = times.filter(|times| {
            times.state_at(now) == KeyState::Retiring && retirable_at(times, needed_for) <= now
        });
        dead.map(|times| times.retired_at = Some(now)).count()
    }

    /// Returns whether a key waits for the next rotation.
    pub(super) fn has_waiting(&mut self) -> bool {
        self.waiting().is_some()
    }

    fn activate_next(&mut self, now: Timestamp) {
        if let Some(scheduled) = self.scheduled(now) {
            scheduled.activates_at = Some(now);
        } else if let Some(next) = self.waiting() {
            next.activates_at = Some(now);
        }
    }

    fn active(&mut self, now: Timestamp) -> Option<&mut Times> {
        self.find(|times| times.state_at(now) == KeyState::Active)
    }

    fn scheduled(&mut self, now: Timestamp) -> Option<&mut Times> {
        self.find(|times| !times.is_gone() && times.activates_at.is_some_and(|at| at > now))
    }

    fn waiting(&mut self) -> Option<&mut Times> {
        self.find(Times::is_waiting)
    }

    fn find(&mut self, wanted: impl Fn(&Times) -> bool) -> Option<&mut Times> {
        let mut times = self.0.iter_mut().map(HasTimes::times_mut);
        times.find(|times| wanted(times))
    }
}

/// Returns when a key that has stopped may be retired: its last token or session has expired then.
pub(super) fn retirable_at(times: &Times, needed_for: Duration) -> Timestamp {
    let stopped_at = times.stops_at.unwrap_or(times.published_at);
    stopped_at.saturating_add(needed_for)
}
