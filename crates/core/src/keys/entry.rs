//! What the ring records of one key: its name and its times.

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::public_key::{Kid, PublicKey};
use super::times::{KeyState, Times};

/// A signing key in the ring. It stays there for ever, so that its name is never used again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningEntry {
    /// The public half, with the name.
    pub public: PublicKey,
    /// What happened to it when.
    pub times: Times,
}

impl SigningEntry {
    /// The name of the key.
    pub fn kid(&self) -> &Kid {
        self.public.kid()
    }

    /// What the key is at `now`.
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        self.times.state_at(now)
    }
}

/// A key that tags refresh tokens, or one that seals what must be stored readable. Their numbers
/// are used again when the key is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberedEntry {
    /// Its number, the second byte of everything that it makes.
    pub id: u8,
    /// What happened to it when.
    pub times: Times,
}

impl NumberedEntry {
    /// What the key is at `now`.
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        self.times.state_at(now)
    }
}

/// What both kinds of keys that take turns have in common.
pub(super) trait HasTimes {
    fn times_mut(&mut self) -> &mut Times;
}

impl HasTimes for SigningEntry {
    fn times_mut(&mut self) -> &mut Times {
        &mut self.times
    }
}

impl HasTimes for NumberedEntry {
    fn times_mut(&mut self) -> &mut Times {
        &mut self.times
    }
}
