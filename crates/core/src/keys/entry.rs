//! What the ring records of one key: its name and its times. Its state follows from them.

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::public_key::{Kid, PublicKey};
use super::turn::Turn;

/// What a key is at a moment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, so that verifiers know it long before it signs.
    Next,
    /// It signs.
    Active,
    /// It signs no more; tokens that it signed still verify.
    Retiring,
    /// Gone: no token that it signed can be alive.
    Retired,
    /// Revoked: gone at once, whatever it signed.
    Compromised,
}

impl KeyState {
    /// The word for it, in `keys list` and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
            Self::Compromised => "compromised",
        }
    }

    /// Whether a key in this state is part of the JWKS.
    pub const fn is_published(self) -> bool {
        matches!(self, Self::Next | Self::Active | Self::Retiring)
    }
}

/// A signing key in the ring.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningEntry {
    /// The public half, with the name.
    pub public: PublicKey,
    /// When it entered the ring, and with it the JWKS.
    pub published_at: Timestamp,
    /// When it signs from, once that is known.
    pub activates_at: Option<Timestamp>,
    /// When its successor takes over, once that is known.
    pub stops_at: Option<Timestamp>,
    /// When it left the JWKS because nothing it signed could be alive.
    pub retired_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl SigningEntry {
    /// A key that is published from `now` on, and signs when a rotation says so.
    pub fn next(public: PublicKey, now: Timestamp) -> Self {
        Self {
            public,
            published_at: now,
            activates_at: None,
            stops_at: None,
            retired_at: None,
            revoked_at: None,
        }
    }

    /// The name of the key.
    pub fn kid(&self) -> &Kid {
        self.public.kid()
    }

    /// What the key is at `now`.
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

    /// Since when it has been what it is at `now`.
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

    /// Whether the ring still has work for the private half at `now`: it signs, or it will.
    pub fn needs_private_half(&self, now: Timestamp) -> bool {
        matches!(self.state_at(now), KeyState::Next | KeyState::Active)
    }

    pub(super) fn turn(&self) -> Turn {
        Turn {
            activates_at: self.activates_at,
            stops_at: self.stops_at,
        }
    }

    pub(super) fn times(&self) -> [Option<Timestamp>; 5] {
        [
            Some(self.published_at),
            self.activates_at,
            self.stops_at,
            self.retired_at,
            self.revoked_at,
        ]
    }
}

/// A key that tags refresh tokens. It leaves the ring when the last session it tagged is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MacEntry {
    /// Its number, the second byte of every token that it tags.
    pub id: u8,
    /// When it entered the ring; from then on its tags are accepted.
    pub created_at: Timestamp,
    /// When new tokens are tagged with it from, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activates_at: Option<Timestamp>,
    /// When its successor takes over, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stops_at: Option<Timestamp>,
}

impl MacEntry {
    /// A key that is accepted from `now` on, and tags when a rotation says so.
    pub const fn next(id: u8, now: Timestamp) -> Self {
        Self {
            id,
            created_at: now,
            activates_at: None,
            stops_at: None,
        }
    }

    /// What the key is at `now`: next, active or retiring.
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        let reached = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if reached(self.stops_at) {
            KeyState::Retiring
        } else if reached(self.activates_at) {
            KeyState::Active
        } else {
            KeyState::Next
        }
    }

    pub(super) fn turn(&self) -> Turn {
        Turn {
            activates_at: self.activates_at,
            stops_at: self.stops_at,
        }
    }
}

/// A key for what must be stored readable, AES-256-GCM. The newest one encrypts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataEntry {
    /// Its number.
    pub id: u8,
    /// When it was made.
    pub created_at: Timestamp,
}
