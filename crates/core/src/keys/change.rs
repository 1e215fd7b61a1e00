//! Changes of the ring: rotate, retire, revoke, as pure functions of a ring and a time.
//!
//! A change that is not possible returns a [`RingRefusal`], often with the time when it will be
//! possible. Otherwise it returns a [`RingChange`]. With the generated signing keys, this gives the
//! new ring.

mod commands;

use std::time::Duration;

use signet_verifier::Timestamp;

use super::entry::SigningEntry;
use super::public_key::{Kid, PublicKey};
use super::ring::{KeyRing, MAX_PUBLISHED_KEYS};
use super::ring_error::RingError;
use super::rotation_order::NotYet;
use super::times::Times;

/// How long verifiers and replicas need to learn about a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RotationPolicy {
    /// How long a key is published before it signs. It is longer than any verifier caches a key
    /// set.
    pub publish_lead: Duration,
    /// How long a replica of the issuer may need to read a changed ring.
    pub ring_lag: Duration,
}

impl RotationPolicy {
    /// No waiting, for a ring whose keys were not published yet.
    pub const AT_ONCE: Self = Self {
        publish_lead: Duration::ZERO,
        ring_lag: Duration::ZERO,
    };
}

impl Default for RotationPolicy {
    fn default() -> Self {
        Self {
            publish_lead: Duration::from_hours(24),
            ring_lag: Duration::from_mins(2),
        }
    }
}

/// A decided change of a ring. It only lacks the signing keys to generate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RingChange {
    ring: KeyRing,
    new_keys: Vec<Times>,
    is_empty: bool,
}

impl RingChange {
    pub(super) fn empty(ring: &KeyRing) -> Self {
        Self {
            ring: ring.clone(),
            new_keys: Vec::new(),
            is_empty: true,
        }
    }

    /// Returns how many new signing keys the change needs.
    pub fn keys_needed(&self) -> usize {
        self.new_keys.len()
    }

    /// Returns whether the change changes nothing.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Returns the new ring, with these signing keys in it.
    ///
    /// # Errors
    ///
    /// [`RingError::Impossible`] if there are too few keys or one is in the ring already.
    pub fn finish(
        mut self,
        keys: impl IntoIterator<Item = PublicKey>,
    ) -> Result<KeyRing, RingError> {
        let new_keys = keys.into_iter().zip(self.new_keys);
        let entries = new_keys.map(|(public, times)| SigningEntry { public, times });
        self.ring.signing.extend(entries);
        if !self.is_empty {
            self.ring.generation = self.ring.generation.saturating_add(1);
        }
        self.ring.check()
    }
}

/// The target of a revocation, for checking its result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RevokedKind<'a> {
    /// One signing key.
    Signing(&'a Kid),
    /// Every MAC key.
    Mac,
    /// Every signing key and every MAC key.
    All,
}

/// The reasons why a change is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RingRefusal {
    /// Verifiers and replicas may not know the next key yet.
    #[error("the next key was published too recently; some verifiers may not know it yet")]
    NotKnownYet {
        /// When all verifiers and replicas know it.
        possible_at: Timestamp,
    },
    /// An earlier rotation has not taken effect yet.
    #[error("an earlier rotation has not taken effect yet")]
    Pending {
        /// When it takes effect.
        possible_at: Timestamp,
    },
    /// Too many keys are published, and none of them can be retired yet.
    #[error("{MAX_PUBLISHED_KEYS} keys are published, and none of them can be retired yet")]
    TooManyKeys {
        /// When the first of them can be retired.
        possible_at: Timestamp,
    },
    /// Tokens of the retiring key may still be valid.
    #[error("tokens signed by the retiring key may still be valid")]
    StillNeeded {
        /// When the last of these tokens has expired.
        possible_at: Timestamp,
    },
    /// Every number for data keys belongs to a key that may still be needed.
    #[error("all 255 numbers for data keys are in use")]
    NoNumberLeft,
    /// The ring has never had this key.
    #[error("the ring has no such key")]
    UnknownKid,
}

impl RingRefusal {
    /// Returns when the change will be possible, if waiting helps.
    pub fn possible_at(&self) -> Option<Timestamp> {
        match self {
            Self::NotKnownYet { possible_at }
            | Self::Pending { possible_at }
            | Self::TooManyKeys { possible_at }
            | Self::StillNeeded { possible_at } => Some(*possible_at),
            Self::NoNumberLeft | Self::UnknownKid => None,
        }
    }
}

impl From<NotYet> for RingRefusal {
    fn from(not_yet: NotYet) -> Self {
        match not_yet {
            NotYet::Pending(possible_at) => Self::Pending { possible_at },
            NotYet::Unknown(possible_at) => Self::NotKnownYet { possible_at },
        }
    }
}

#[cfg(test)]
mod tests;
