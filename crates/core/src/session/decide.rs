//! The refresh rule: decides what happens to a session when one of its refresh tokens is used.
//!
//! It is a pure function of a record, a generation and a time. A burst of requests with the same or
//! neighbouring tokens comes from a browser that restores its tabs. A token that is used after its
//! successor was used means theft. ARCHITECTURE.md explains the rule; the code below defines it.

use std::time::Duration;

use signet_verifier::Timestamp;

use super::policy::{DISPLACED_GRACE, SessionPolicy};
use super::record::{Generation, Rotation, Session};
use super::seen_from::SeenFrom;
use crate::account::Standing;

/// What happens to a session when one of its refresh tokens is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// The session has ended: it expired, or its account is deleted, disabled or at another epoch.
    Expired,
    /// The token is ahead of the record, so the store lost a write. Its tag shows that we made it.
    Heal(Session),
    /// The newest token was used. The next one replaces it.
    Rotate(Session),
    /// The token was used moments ago. The response has the newest token, and nothing changes.
    Replay,
    /// A recovery displaced the token moments ago. The response has the newest token.
    ReplayDisplaced,
    /// The response with the newest token was lost. Another token replaces the newest one.
    Recover(Session),
    /// Another party has a token of this session. The session must end.
    Reuse(Reuse),
}

impl Decision {
    /// Sets where the request came from in the record to swap in, if there is one.
    #[must_use]
    pub fn seen_from(mut self, origin: SeenFrom) -> Self {
        if let Some(next) = self.next_mut() {
            next.refreshed_from = origin;
        }
        self
    }

    /// The record to swap in, if there is one.
    pub fn next_mut(&mut self) -> Option<&mut Session> {
        match self {
            Self::Heal(next) | Self::Rotate(next) | Self::Recover(next) => Some(next),
            Self::Expired | Self::Replay | Self::ReplayDisplaced | Self::Reuse(_) => None,
        }
    }
}

/// The token by which a reuse was noticed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reuse {
    /// A token that was used long ago.
    Stale,
    /// A token that a recovery displaced.
    Displaced,
}

/// Decides about the token of generation `presented` at `now`. `standing` is the account's, read
/// after the record; `None` means that the account does not exist.
///
/// A session in the decision is the new record, with the next version. Elapsed times are never
/// negative, so a clock that goes back only prolongs a grace period.
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

/// The inputs of the rule. Each method is one row of the table, and knows only this row.
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
        // Only the first displaced token sets this time, so that polling does not help a thief.
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
