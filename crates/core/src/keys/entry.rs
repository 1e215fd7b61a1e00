//! The entries of a ring: the name and the times of each key.

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::public_key::{Kid, PublicKey};
use super::times::{KeyState, Times};

/// A signing key in the ring. It stays there forever, so that its name is never used again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningEntry {
    /// The public key and its name.
    pub public: PublicKey,
    /// The recorded times.
    pub times: Times,
}

impl SigningEntry {
    /// Returns the name of the key.
    pub fn kid(&self) -> &Kid {
        self.public.kid()
    }

    /// Returns the state of the key at `now`.
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        self.times.state_at(now)
    }
}

/// A MAC key, which tags refresh tokens, or a data key, which encrypts stored data. The number of a
/// removed key is used again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberedEntry {
    /// Its number, which is the second byte of each refresh token or sealed value.
    pub id: u8,
    /// The recorded times.
    pub times: Times,
}

impl NumberedEntry {
    /// Returns the state of the key at `now`.
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        self.times.state_at(now)
    }
}

/// An entry with recorded times.
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
