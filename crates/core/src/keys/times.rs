//! The recorded times of a key. The state of the key at a given time follows from them alone.
//!
//! Keys of one kind are active one after the other, without a gap and never two at the same time.
//! [`check_order`] refuses anything else. This module must not know the purpose of keys.

use std::fmt;

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

/// The state of a key at a given time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// The key is published, but does not sign yet.
    Next,
    /// The key signs.
    Active,
    /// The key no longer signs. Its tokens are still accepted.
    Retiring,
    /// The key was removed after all its tokens had expired.
    Retired,
    /// The key was revoked. Its tokens are refused.
    Compromised,
}

impl KeyState {
    /// Returns its name in `keys list` and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
            Self::Compromised => "compromised",
        }
    }

    /// Returns whether tokens of the key are accepted: it is next, active or retiring.
    pub const fn is_accepted(self) -> bool {
        matches!(self, Self::Next | Self::Active | Self::Retiring)
    }

    /// Returns whether the key signs or will sign.
    pub const fn signs_or_will(self) -> bool {
        matches!(self, Self::Next | Self::Active)
    }
}

/// The recorded times of a key, past and future.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// When it entered the ring. Since then, it is published and accepted.
    pub published_at: Timestamp,
    /// When it becomes active, if that is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activates_at: Option<Timestamp>,
    /// When its successor becomes active, if that is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stops_at: Option<Timestamp>,
    /// When it was retired, after all its tokens had expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl Times {
    /// Returns the times of a key that is published at `now`. A later rotation activates it.
    pub(crate) const fn next(now: Timestamp) -> Self {
        Self {
            published_at: now,
            activates_at: None,
            stops_at: None,
            retired_at: None,
            revoked_at: None,
        }
    }

    /// Returns the times of a key that is published and active at `now`.
    pub(crate) const fn active(now: Timestamp) -> Self {
        Self {
            activates_at: Some(now),
            ..Self::next(now)
        }
    }

    /// Returns the state of the key at `now`.
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        let reached = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if reached(self.revoked_at) {
            KeyState::Compromised
        } else if reached(self.retired_at) {
            KeyState::Retired
        } else if reached(self.stops_at) {
            KeyState::Retiring
        } else if reached(self.activates_at) {
            KeyState::Active
        } else {
            KeyState::Next
        }
    }

    /// Returns when the state at `now` began.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        let since = match self.state_at(now) {
            KeyState::Compromised => self.revoked_at,
            KeyState::Retired => self.retired_at,
            KeyState::Retiring => self.stops_at,
            KeyState::Active => self.activates_at,
            KeyState::Next => None,
        };
        since.unwrap_or(self.published_at)
    }

    /// Returns whether it waits for a rotation.
    pub(super) fn is_waiting(&self) -> bool {
        self.activates_at.is_none() && !self.is_gone()
    }

    /// Returns whether it was retired or revoked.
    pub(super) fn is_gone(&self) -> bool {
        self.retired_at.is_some() || self.revoked_at.is_some()
    }

    /// Moves the times after `now` to `now`. Their order stays.
    pub(super) fn move_back_to(&mut self, now: Timestamp) {
        let back = |at: Timestamp| at.min(now);
        *self = Self {
            published_at: back(self.published_at),
            activates_at: self.activates_at.map(back),
            stops_at: self.stops_at.map(back),
            retired_at: self.retired_at.map(back),
            revoked_at: self.revoked_at.map(back),
        };
    }

    /// Removes a retirement after `now`. Returns whether there was one.
    pub(super) fn undo_retirement_ahead_of(&mut self, now: Timestamp) -> bool {
        let is_ahead = self.revoked_at.is_none() && self.retired_at.is_some_and(|at| at > now);
        if is_ahead {
            self.retired_at = None;
        }
        is_ahead
    }

    /// Returns every recorded time.
    pub(super) fn recorded(&self) -> impl Iterator<Item = Timestamp> {
        [
            Some(self.published_at),
            self.activates_at,
            self.stops_at,
            self.retired_at,
            self.revoked_at,
        ]
        .into_iter()
        .flatten()
    }

    fn check(&self) -> Result<(), &'static str> {
        let life = [
            Some(self.published_at),
            self.activates_at,
            self.stops_at,
            self.retired_at,
        ];
        if !life.into_iter().flatten().is_sorted() {
            return Err("has times in the wrong order");
        }
        if self.stops_at.is_some() && self.activates_at.is_none() {
            return Err("stops, but was never active");
        }
        if self.retired_at.is_some() && self.stops_at.is_none() {
            return Err("is retired, but never stopped");
        }
        let signs_beyond = |end: Timestamp| {
            self.activates_at.is_some() && self.stops_at.is_none_or(|stops_at| stops_at > end)
        };
        if self.revoked_at.is_some_and(signs_beyond) {
            return Err("is revoked, but still signs");
        }
        Ok(())
    }
}

/// Refuses impossible times. Also refuses keys of one kind whose active periods overlap, leave a
/// gap or end without a successor, and a kind without a next key.
pub(super) fn check_order<N: fmt::Display>(
    kind: &'static str,
    keys: impl Iterator<Item = (N, Times)>,
) -> Result<(), String> {
    let mut turns: Vec<(N, Timestamp, Option<Timestamp>)> = Vec::new();
    let mut waiting = false;
    for (name, times) in keys {
        times
            .check()
            .map_err(|what| format!("{kind} {name} {what}"))?;
        waiting |= times.is_waiting();
        if let Some(from) = times.activates_at {
            turns.push((name, from, times.stops_at));
        }
    }
    // The sort is stable: if two keys begin at the same time, the one listed later is the
    // successor.
    turns.sort_by_key(|(_, from, _)| *from);
    for pair in turns.windows(2) {
        if let [(name, _, until), (successor, from, _)] = pair {
            check_hand_over(kind, (name, *until), (successor, *from))?;
        }
    }
    match turns.last() {
        None => Err(format!("no {kind} is active")),
        Some((name, _, Some(_))) => Err(format!("{kind} {name} stops without a successor")),
        Some(_) if !waiting => Err(format!("no {kind} is next")),
        Some(_) => Ok(()),
    }
}

fn check_hand_over<N: fmt::Display>(
    kind: &'static str,
    (name, until): (&N, Option<Timestamp>),
    (successor, from): (&N, Timestamp),
) -> Result<(), String> {
    match until {
        Some(until) if until == from => Ok(()),
        Some(until) if until < from => Err(format!(
            "no {kind} is active between {name} and {successor}"
        )),
        _ => Err(format!(
            "two {kind}s are active at once, {name} and {successor}"
        )),
    }
}
