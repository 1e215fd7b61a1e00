//! The record of a session: counters, times and what was granted.
//!
//! It holds nothing from which a refresh token could be made; the handle is never stored.

use std::net::IpAddr;

use signet_verifier::Timestamp;

use super::policy::SessionPolicy;
use crate::account::Epoch;
use crate::ids::{AccountId, SessionId};
use crate::names::{Audience, ClientId, Scope};

/// One sign-in of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Which session, its public name.
    pub id: SessionId,
    /// Whose session.
    pub account_id: AccountId,
    /// How often the record was changed; what compare-and-swap compares.
    pub version: u64,
    /// Which refresh tokens were handed out and exchanged.
    pub rotation: Rotation,
    /// When it began and when it ends.
    pub lifetime: Lifetime,
    /// What was granted when it began.
    pub grant: Grant,
    /// The `User-Agent` it began with, at most [`MAX_USER_AGENT_LENGTH`] bytes; may be empty.
    pub user_agent: String,
    /// The client address it began from, if one was known.
    pub ip: Option<IpAddr>,
}

/// How much of a `User-Agent` a session remembers, in bytes: enough to tell browsers apart.
pub const MAX_USER_AGENT_LENGTH: usize = 120;

impl Session {
    /// A session that begins now: generation 1 handed out, nothing exchanged yet.
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
            user_agent: String::new(),
            ip: None,
        }
    }

    /// Notes where the session began, for its owner to recognise it by.
    #[must_use]
    pub fn seen_from(mut self, user_agent: &str, ip: Option<IpAddr>) -> Self {
        let mut end = user_agent.len().min(MAX_USER_AGENT_LENGTH);
        while !user_agent.is_char_boundary(end) {
            end -= 1;
        }
        user_agent
            .get(..end)
            .unwrap_or_default()
            .clone_into(&mut self.user_agent);
        self.ip = ip;
        self
    }
}

/// The counters and times that the refresh rule reads and moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rotation {
    /// The newest token handed out.
    pub generation: Generation,
    /// The newest token that was exchanged.
    pub accepted: Generation,
    /// The oldest token exchanged in the current burst.
    pub floor: Generation,
    /// The oldest token exchanged in the burst before.
    pub previous_floor: Generation,
    /// When the current burst began.
    pub burst_at: Timestamp,
    /// When the newest token was made.
    pub rotated_at: Timestamp,
    /// When a token was first displaced since the newest one was last exchanged.
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
    /// When the person last proved who they are; the `auth_time` of access tokens.
    pub authenticated_at: Timestamp,
    /// When it ends unless it is refreshed before; never after `absolute_expires_at`.
    pub idle_expires_at: Timestamp,
    /// When it ends whatever happens.
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

    /// When the session ends as things stand.
    pub fn expires_at(&self) -> Timestamp {
        self.idle_expires_at.min(self.absolute_expires_at)
    }

    /// Whether the session is over at `now`.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at() <= now
    }
}

/// What was granted when the session began; its access tokens never say more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The client that the session is bound to.
    pub client_id: ClientId,
    /// The scopes of its access tokens.
    pub scope: Vec<Scope>,
    /// The audiences of its access tokens.
    pub audience: Vec<Audience>,
    /// How the person proved who they are; RFC 8176.
    pub amr: Vec<String>,
    /// The account's epoch, read before the password was checked; it never changes.
    pub epoch: Epoch,
    /// The key that tokens are bound to (RFC 7800); nothing binds them today.
    pub cnf: Option<String>,
}

/// Which refresh token of a session: a counter from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Generation(u32);

impl Generation {
    /// No token.
    pub const NONE: Self = Self(0);
    /// The token that a session begins with.
    pub const FIRST: Self = Self(1);

    /// The generation with this number.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number of this generation.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The generation after this one; none when the counter is at its end.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}
