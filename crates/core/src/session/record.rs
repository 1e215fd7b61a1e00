//! The record of a session: counters, times and the grant.
//!
//! No refresh token can be made from it, because it does not contain the handle.

use signet_verifier::Timestamp;

use super::policy::SessionPolicy;
use super::seen_from::SeenFrom;
use crate::account::Epoch;
use crate::ids::{AccountId, SessionId};
use crate::names::{Audience, ClientId, Scope};
use crate::status_list::StatusIndex;

/// One sign-in of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// The public id of the session.
    pub id: SessionId,
    /// The account.
    pub account_id: AccountId,
    /// How often the record was changed. Compare-and-swap compares this number.
    pub version: u64,
    /// Which refresh tokens were issued and used.
    pub rotation: Rotation,
    /// When it began and when it ends.
    pub lifetime: Lifetime,
    /// What was granted when it began.
    pub grant: Grant,
    /// The browser sign-in that it belongs to: the id of the first session of that browser. `None`
    /// if the sign-in was not by redirect.
    pub browser: Option<SessionId>,
    /// Where the sign-in came from.
    pub begun_from: SeenFrom,
    /// Where the latest rotation came from; the sign-in before the first one.
    pub refreshed_from: SeenFrom,
    /// The bits of revocation lists that its valid access tokens name, the newest last. Its end sets
    /// all of them.
    pub status: Vec<StatusIndex>,
}

impl Session {
    /// Returns a session that begins at `now`: generation 1 is issued and not used yet.
    pub fn begin(
        id: SessionId,
        account_id: AccountId,
        grant: Grant,
        now: Timestamp,
        policy: &SessionPolicy,
    ) -> Self {
        Self {
            id,
            account_id,
            version: 1,
            rotation: Rotation::begin(now),
            lifetime: Lifetime::begin(now, policy),
            grant,
            browser: None,
            begun_from: SeenFrom::default(),
            refreshed_from: SeenFrom::default(),
            status: Vec::new(),
        }
    }

    /// Adds the bit that its next access tokens name, and forgets bits of lists that have expired.
    pub fn add_status(&mut self, index: StatusIndex, now: Timestamp) {
        self.status.retain(|known| known.expires_at > now);
        let surplus = (self.status.len() + 1).saturating_sub(MAX_STATUS_INDICES);
        self.status.drain(..surplus);
        self.status.push(index);
    }

    /// Sets where the sign-in came from, so that the owner recognises the session.
    #[must_use]
    pub fn seen_from(self, origin: SeenFrom) -> Self {
        Self {
            refreshed_from: origin.clone(),
            begun_from: origin,
            ..self
        }
    }
}

/// A session has a bit in each list whose period it was refreshed in: up to five at a time with the
/// shortest lifetime of access tokens. One more is added when a bit is replaced, and a bit is
/// replaced only after it was set.
const MAX_STATUS_INDICES: usize = 8;

/// The counters and times of the refresh rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rotation {
    /// The newest issued token.
    pub generation: Generation,
    /// The newest used token.
    pub accepted: Generation,
    /// The oldest token used in the current burst.
    pub floor: Generation,
    /// The oldest token used in the previous burst.
    pub previous_floor: Generation,
    /// When the current burst began.
    pub burst_at: Timestamp,
    /// When the newest token was issued.
    pub rotated_at: Timestamp,
    /// When a recovery first displaced a token since the newest token was last used.
    pub recovered_at: Timestamp,
}

impl Rotation {
    fn begin(now: Timestamp) -> Self {
        Self {
            generation: Generation::FIRST,
            accepted: Generation::NONE,
            floor: Generation::FIRST,
            previous_floor: Generation::FIRST,
            burst_at: Timestamp::default(),
            rotated_at: now,
            recovered_at: Timestamp::default(),
        }
    }
}

/// When a session began and when it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifetime {
    /// When the session began.
    pub created_at: Timestamp,
    /// When the person last signed in; the `auth_time` of access tokens.
    pub authenticated_at: Timestamp,
    /// When it ends without a refresh; never after `absolute_expires_at`.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub absolute_expires_at: Timestamp,
}

impl Lifetime {
    fn begin(now: Timestamp, policy: &SessionPolicy) -> Self {
        let absolute_expires_at = now.saturating_add(policy.absolute_ttl);
        Self {
            created_at: now,
            authenticated_at: now,
            idle_expires_at: now.saturating_add(policy.idle_ttl).min(absolute_expires_at),
            absolute_expires_at,
        }
    }

    /// Makes the session end at `end` at the latest.
    pub fn end_by(&mut self, end: Timestamp) {
        self.absolute_expires_at = self.absolute_expires_at.min(end);
        self.idle_expires_at = self.idle_expires_at.min(end);
    }

    /// Returns when the person signed in for the session; `None` after a step-up, which replaces
    /// that time.
    pub fn signed_in_at(&self) -> Option<Timestamp> {
        (self.authenticated_at <= self.created_at).then_some(self.authenticated_at)
    }

    /// Returns when the session ends without another refresh.
    pub fn expires_at(&self) -> Timestamp {
        self.idle_expires_at.min(self.absolute_expires_at)
    }

    /// Returns whether the session has expired at `now`.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at() <= now
    }
}

/// What was granted when the session began. Its access tokens never have more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The client that the session is bound to.
    pub client_id: ClientId,
    /// The scopes of its access tokens.
    pub scope: Vec<Scope>,
    /// The audiences of its access tokens.
    pub audience: Vec<Audience>,
    /// The methods of the sign-in; RFC 8176.
    pub amr: Vec<String>,
    /// The account's epoch, read before the password was checked. It never changes.
    pub epoch: Epoch,
    /// The key that tokens are bound to (RFC 7800). No feature binds tokens yet.
    pub cnf: Option<String>,
}

/// The number of a refresh token in its session: a counter from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Generation(u32);

impl Generation {
    /// No token.
    pub const NONE: Self = Self(0);
    /// The first token of a session.
    pub const FIRST: Self = Self(1);

    /// Returns the generation with this number.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number of this generation.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Returns the next generation, or `None` at the end of the counter.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}
