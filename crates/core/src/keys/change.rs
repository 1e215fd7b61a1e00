//! Changes of the ring: rotate, retire, revoke, as pure functions of a ring and a time.
//!
//! Each either refuses, saying when it will be possible, or gives a [`Change`], which becomes the
//! new ring once the signing keys it needs have been made.

mod commands;

use std::time::Duration;

use signet_verifier::Timestamp;

use super::entry::SigningEntry;
use super::public_key::{Kid, PublicKey};
use super::ring::{KeyRing, MAX_PUBLISHED_KEYS};
use super::ring_error::RingError;
use super::rotation_order::NotYet;
use super::times::Times;

/// How long others need to learn of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RotationPolicy {
    /// How long a key is published before it signs: longer than any verifier keeps a key set.
    pub publish_lead: Duration,
    /// How long a replica of the issuer may take to see a changed ring.
    pub ring_lag: Duration,
}

impl RotationPolicy {
    /// No waiting at all, for a ring whose keys nobody has fetched yet.
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

/// A change that was decided and is short of nothing but the signing keys it needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    ring: KeyRing,
    new_keys: Vec<Times>,
    is_empty: bool,
}

impl Change {
    pub(super) fn empty(ring: &KeyRing) -> Self {
        Self {
            ring: ring.clone(),
            new_keys: Vec::new(),
            is_empty: true,
        }
    }

    /// How many new signing keys the change needs.
    pub fn keys_needed(&self) -> usize {
        self.new_keys.len()
    }

    /// Whether everything is already as it should be.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The new ring, with these signing keys in it.
    ///
    /// # Errors
    ///
    /// [`RingError::Impossible`] when the keys are too few or not new.
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

/// What a revocation was to reach, for checking that it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RevokedKind<'a> {
    /// One signing key.
    Signing(&'a Kid),
    /// Every MAC key.
    Mac,
    /// Every signing key and every MAC key.
    All,
}

/// Why a change is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// Verifiers and replicas may not know the next key yet.
    #[error("the next key has not been published long enough for everybody to know it")]
    NotKnownYet {
        /// When they all do.
        possible_at: Timestamp,
    },
    /// The rotation before has been recorded and is about to take effect.
    #[error("a rotation is under way")]
    Pending {
        /// When it takes effect.
        possible_at: Timestamp,
    },
    /// Too many keys are published, because none of them could be retired yet.
    #[error("there are {MAX_PUBLISHED_KEYS} published keys, and none of them can be retired yet")]
    TooManyKeys {
        /// When the first of them can be.
        possible_at: Timestamp,
    },
    /// What the key signed can still be alive.
    #[error("tokens signed by the retiring key can still be alive")]
    StillNeeded {
        /// When the last of them is dead.
        possible_at: Timestamp,
    },
    /// Every number of a data key belongs to one that still opens what it has sealed.
    #[error("there is no number left for another data key")]
    NoNumberLeft,
    /// The ring has never had this key.
    #[error("the ring has no such key")]
    UnknownKid,
}

impl Refusal {
    /// When the change will be possible, if waiting helps.
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

impl From<NotYet> for Refusal {
    fn from(not_yet: NotYet) -> Self {
        match not_yet {
            NotYet::Pending(possible_at) => Self::Pending { possible_at },
            NotYet::Unknown(possible_at) => Self::NotKnownYet { possible_at },
        }
    }
}

#[cfg(test)]
mod tests;
