//! The key ring: the recorded keys, and the state of each at a given time.
//!
//! No function reads a clock. States follow from recorded times, so replicas with the same ring
//! change over at the same moment. `document` has the file format, and [`super::jwks`] the
//! published key set.

use std::time::Duration;

use signet_verifier::Timestamp;

use super::entry::{NumberedEntry, SigningEntry};
use super::public_key::{Kid, PublicKey};
use super::ring_error::RingError;
use super::times::{KeyState, Times};

/// The keys and their times. There is always exactly one active key and at least one next key of
/// each kind: signing keys, MAC keys and data keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRing {
    pub(super) generation: u64,
    pub(super) changed_at: Timestamp,
    pub(super) longest: Lifetimes,
    pub(super) signing: Vec<SigningEntry>,
    pub(super) mac: Vec<NumberedEntry>,
    pub(super) data: Vec<NumberedEntry>,
}

/// The longest lifetimes that were ever configured. They decide how long an old key is needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifetimes {
    /// The lifetime of an access token, in whole seconds.
    pub access_token: Duration,
    /// The lifetime of a session, in whole seconds.
    pub session: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access_token: Duration::from_mins(10),
            session: Duration::from_hours(90 * 24),
        }
    }
}

impl KeyRing {
    /// Returns a new ring with two signing keys. The first one is active, and the second one is
    /// next.
    ///
    /// # Errors
    ///
    /// [`RingError::Impossible`] if there are not exactly two keys.
    pub fn init(
        keys: impl IntoIterator<Item = PublicKey>,
        longest: Lifetimes,
        now: Timestamp,
    ) -> Result<Self, RingError> {
        let turns = [Times::active(now), Times::next(now)];
        let signing = keys.into_iter().zip(turns);
        let numbered = || {
            let numbers = [1, 2].into_iter().zip(turns);
            numbers
                .map(|(id, times)| NumberedEntry { id, times })
                .collect()
        };
        Self {
            generation: 1,
            changed_at: now,
            longest,
            signing: signing
                .map(|(public, times)| SigningEntry { public, times })
                .collect(),
            mac: numbered(),
            data: numbered(),
        }
        .check()
    }

    /// Returns the permanent name of the ring: the name of its first key, which stays in it.
    pub fn name(&self) -> &str {
        self.signing.first().map_or("", |key| key.kid().as_str())
    }

    /// Returns how often the ring was changed. A replica with a lower number is behind.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns when the ring was last changed. This time never decreases, even if a clock goes
    /// back.
    pub fn changed_at(&self) -> Timestamp {
        self.changed_at
    }

    /// Returns the longest lifetimes that were ever configured.
    pub fn longest(&self) -> Lifetimes {
        self.longest
    }

    /// Returns all signing keys, including retired and revoked ones, in the order of publication.
    pub fn signing(&self) -> &[SigningEntry] {
        &self.signing
    }

    /// Returns the MAC keys whose number was not used again, oldest first.
    pub fn mac(&self) -> &[NumberedEntry] {
        &self.mac
    }

    /// Returns the data keys whose number was not used again, oldest first.
    pub fn data(&self) -> &[NumberedEntry] {
        &self.data
    }

    /// Returns the signing key with this name, in any state.
    pub fn find(&self, kid: &Kid) -> Option<&SigningEntry> {
        self.signing.iter().find(|entry| entry.kid() == kid)
    }

    /// Returns the key that signs at `now`. Returns `None` only if `now` is before the ring was
    /// made.
    pub fn active_at(&self, now: Timestamp) -> Option<&SigningEntry> {
        self.signing
            .iter()
            .find(|entry| entry.state_at(now) == KeyState::Active)
    }

    /// Returns the keys that may verify at `now`: next, active and retiring, in the order of
    /// publication. So a rotation does not change the order.
    pub fn published_at(&self, now: Timestamp) -> impl Iterator<Item = &SigningEntry> {
        self.signing
            .iter()
            .filter(move |entry| entry.state_at(now).is_accepted())
    }

    /// Returns the next recorded time after `now` when a signing key changes its state.
    pub fn next_event(&self, now: Timestamp) -> Option<Timestamp> {
        self.signing
            .iter()
            .flat_map(|entry| entry.times.recorded())
            .filter(|at| *at > now)
            .min()
    }
}

impl KeyRing {
    /// Returns how far the last change of the ring is after `now`, if the difference is larger than
    /// [`MAX_REPLICA_CLOCK_DIFFERENCE`]. Then a clock was wrong during the change, or `now` is
    /// wrong.
    pub fn ahead_of(&self, now: Timestamp) -> Option<Duration> {
        let ahead = self.changed_at.saturating_since(now);
        (ahead > MAX_REPLICA_CLOCK_DIFFERENCE).then_some(ahead)
    }

    /// Moves every recorded time after `now` to `now`, if the last change of the ring is after
    /// `now`. Each key keeps the state that the last change gave it.
    pub(super) fn brought_back_to(self, now: Timestamp) -> Self {
        if self.changed_at <= now {
            return self;
        }
        Self {
            changed_at: now,
            ..self.with_decided_changes_done(now)
        }
    }

    /// Returns the ring as if every decided change had taken effect at `now`: recorded times after
    /// `now` are moved to `now`. A folder whose active private key was deleted by a clock that was
    /// ahead can be used like this. The time of the last change stays.
    ///
    /// Signing keys with a retirement after `now` are published again while there is room, because
    /// their tokens may be valid until then. This does not need the private keys.
    #[must_use]
    pub fn with_decided_changes_done(mut self, now: Timestamp) -> Self {
        let published = self.signing.iter().filter(|key| !key.times.is_gone());
        let mut room = MAX_PUBLISHED_KEYS.saturating_sub(published.count());
        for key in self.signing.iter_mut().rev() {
            if room > 0 && key.times.undo_retirement_ahead_of(now) {
                room -= 1;
            }
            key.times.move_back_to(now);
        }
        for key in self.mac.iter_mut().chain(&mut self.data) {
            key.times.move_back_to(now);
        }
        self
    }
}

/// The maximum difference between the clocks of two replicas, or of a replica and a store.
pub const MAX_REPLICA_CLOCK_DIFFERENCE: Duration = Duration::from_secs(2);

/// The maximum number of published keys. Every library and gateway accepts this many.
pub(crate) const MAX_PUBLISHED_KEYS: usize = 10;

#[cfg(test)]
mod tests;
