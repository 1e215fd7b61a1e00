//! The refresh rule: what a refresh token with a right tag is worth.
//!
//! One pure function of a record, a generation and a time. A burst of requests that carry the same
//! or neighbouring tokens is a browser restoring its tabs; a token that comes back after its
//! successor was used is theft. ARCHITECTURE.md tells the story; the rows below are the law.

use std::time::Duration;

use signet_verifier::Timestamp;

use super::policy::{DISPLACED_GRACE, SessionPolicy};
use super::record::{Generation, Rotation, Session};
use crate::account::Standing;

/// What happens to a session when one of its refresh tokens is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// The session is over: expired, or its account is gone, disabled or at another epoch.
    Expired,
    /// The token is ahead of the record, so the store lost writes; only we can have made it.
    Heal(Session),
    /// The newest token was shown: the next one takes its place.
    Rotate(Session),
    /// A token that was exchanged a moment ago: the newest token again, nothing changes.
    Replay,
    /// A token that a recovery displaced a moment ago: the same.
    ReplayDisplaced,
    /// The answer that carried the newest token was lost: another one takes its place.
    Recover(Session),
    /// Somebody else holds a token of this session: end it.
    Reuse(Reuse),
}

/// Which token gave the reuse away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reuse {
    /// One that was exchanged long ago.
    Stale,
    /// One that a recovery displaced.
    Displaced,
}

/// Decides what the token of generation `presented` is worth at `now`. `standing` is the
/// account's, read after the record; `None` when there is no such account.
///
/// A session that is returned inside the decision is the record to swap in; its version is one
/// higher. Elapsed times saturate at zero, so a clock that steps back only prolongs a grace.
pub fn decide(
    session: &Session,
    presented: Generation,
    standing: Option<Standing>,
    now: Timestamp,
    policy: &SessionPolicy,
) -> Decision {
    if session.lifetime.has_expired(now) || !is_current(session, standing) {
        return Decision::Expired;
    }
    let rule = Rule {
        rotation: &session.rotation,
        presented,
        now,
        policy,
    };
    let moved = |rotation| session.moved_to(rotation, now, policy);
    if let Some(rotation) = rule.heal() {
        Decision::Heal(moved(rotation))
    } else if let Some(rotation) = rule.rotate() {
        Decision::Rotate(moved(rotation))
    } else if rule.is_replay() {
        Decision::Replay
    } else if rule.is_displaced_replay() {
        Decision::ReplayDisplaced
    } else if let Some(rotation) = rule.recover() {
        Decision::Recover(moved(rotation))
    } else {
        Decision::Reuse(rule.reuse())
    }
}

fn is_current(session: &Session, standing: Option<Standing>) -> bool {
    standing.is_some_and(|standing| standing.admits(session.id, session.grant.epoch))
}

impl Session {
    fn moved_to(&self, rotation: Rotation, now: Timestamp, policy: &SessionPolicy) -> Self {
        let mut session = self.clone();
        session.rotation = rotation;
        session.version = session.version.saturating_add(1);
        session.lifetime.idle_expires_at = now
            .saturating_add(policy.idle_ttl)
            .min(session.lifetime.absolute_expires_at);
        session
    }
}

/// One look at a token; each method is a row of the table and knows only that row.
struct Rule<'a> {
    rotation: &'a Rotation,
    presented: Generation,
    now: Timestamp,
    policy: &'a SessionPolicy,
}

impl Rule<'_> {
    fn heal(&self) -> Option<Rotation> {
        if !self.policy.heal || self.presented <= self.rotation.generation {
            return None;
        }
        Some(Rotation {
            generation: self.presented.next()?,
            accepted: self.presented,
            floor: self.presented,
            previous_floor: self.presented,
            burst_at: self.now,
            rotated_at: self.now,
            ..*self.rotation
        })
    }

    fn rotate(&self) -> Option<Rotation> {
        if self.presented != self.rotation.generation {
            return None;
        }
        let mut next = *self.rotation;
        if !self.burst_goes_on() {
            next.previous_floor = next.floor;
            next.floor = self.presented;
            next.burst_at = self.now;
        }
        next.accepted = self.presented;
        next.generation = self.presented.next()?;
        next.rotated_at = self.now;
        Some(next)
    }

    fn is_replay(&self) -> bool {
        let oldest = if self.burst_goes_on() {
            self.rotation.previous_floor
        } else {
            self.rotation.floor
        };
        self.allows_replay()
            && (oldest..=self.rotation.accepted).contains(&self.presented)
            && self.elapsed_since(self.rotation.rotated_at) <= self.policy.grace
    }

    fn is_displaced_replay(&self) -> bool {
        self.allows_replay()
            && self.is_displaced()
            && self.elapsed_since(self.rotation.recovered_at) <= DISPLACED_GRACE
    }

    fn recover(&self) -> Option<Rotation> {
        let exchanged = self.rotation.floor..=self.rotation.accepted;
        if self.policy.recover_within.is_zero()
            || !exchanged.contains(&self.presented)
            || self.elapsed_since(self.rotation.rotated_at) > self.policy.recover_within
        {
            return None;
        }
        let mut next = *self.rotation;
        // Only the first token displaced starts the clock, so that polling does not help a thief.
        if Some(next.generation) == next.accepted.next() {
            next.recovered_at = self.now;
        }
        next.generation = next.generation.next()?;
        next.rotated_at = self.now;
        Some(next)
    }

    fn reuse(&self) -> Reuse {
        if self.is_displaced() {
            Reuse::Displaced
        } else {
            Reuse::Stale
        }
    }

    fn is_displaced(&self) -> bool {
        self.rotation.accepted < self.presented && self.presented < self.rotation.generation
    }

    fn burst_goes_on(&self) -> bool {
        self.elapsed_since(self.rotation.burst_at) <= self.policy.grace
    }

    fn allows_replay(&self) -> bool {
        !self.policy.grace.is_zero()
    }

    fn elapsed_since(&self, earlier: Timestamp) -> Duration {
        self.now.saturating_since(earlier)
    }
}
