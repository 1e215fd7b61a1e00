//! The key ring as pure state: which keys there are, and what each of them is at a moment.
//!
//! Nothing here reads a clock: replicas that hold the same ring flip at the same recorded
//! instant. How the ring is written is in `document`, what it publishes in [`super::jwks`].

use std::time::Duration;

use signet_verifier::Timestamp;

use super::entry::{NumberedEntry, SigningEntry};
use super::public_key::{Kid, PublicKey};
use super::ring_error::RingError;
use super::times::{KeyState, Times};

/// Which keys there are and when each does what. There is always exactly one active signing key,
/// one active MAC key, one active data key, and a next of each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRing {
    pub(super) generation: u64,
    pub(super) changed_at: Timestamp,
    pub(super) longest: Lifetimes,
    pub(super) signing: Vec<SigningEntry>,
    pub(super) mac: Vec<NumberedEntry>,
    pub(super) data: Vec<NumberedEntry>,
}

/// The longest lifetimes ever configured: they say how long a key may still be needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifetimes {
    /// Of an access token, in whole seconds.
    pub access_token: Duration,
    /// Of a session, in whole seconds.
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
    /// A new ring of two keys: the first signs from now on, the second is next and published
    /// beside it from the first day.
    ///
    /// # Errors
    ///
    /// [`RingError::Impossible`] when it is not two keys.
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

    /// What the ring is called, for ever: the name of its first key, which stays in it.
    pub fn name(&self) -> &str {
        self.signing.first().map_or("", |key| key.kid().as_str())
    }

    /// How often the ring was changed; a replica with a lower number is behind.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// When it was last changed. A change never happens before the one before it, whatever the
    /// clock says.
    pub fn changed_at(&self) -> Timestamp {
        self.changed_at
    }

    /// The longest lifetimes ever configured.
    pub fn longest(&self) -> Lifetimes {
        self.longest
    }

    /// Every signing key ever, in the order of their publication.
    pub fn signing(&self) -> &[SigningEntry] {
        &self.signing
    }

    /// Every MAC key whose number has not been used again, oldest first.
    pub fn mac(&self) -> &[NumberedEntry] {
        &self.mac
    }

    /// Every data key whose number has not been used again, oldest first.
    pub fn data(&self) -> &[NumberedEntry] {
        &self.data
    }

    /// The signing key with this name, whatever its state.
    pub fn find(&self, kid: &Kid) -> Option<&SigningEntry> {
        self.signing.iter().find(|entry| entry.kid() == kid)
    }

    /// The key that signs at `now`; none only if `now` is before the ring was made.
    pub fn active_at(&self, now: Timestamp) -> Option<&SigningEntry> {
        self.signing
            .iter()
            .find(|entry| entry.state_at(now) == KeyState::Active)
    }

    /// The keys that may verify at `now`: next, active and retiring, in the order of their
    /// publication, so that a rotation does not change the order.
    pub fn published_at(&self, now: Timestamp) -> impl Iterator<Item = &SigningEntry> {
        self.signing
            .iter()
            .filter(move |entry| entry.state_at(now).is_accepted())
    }

    /// The next recorded moment after `now` at which a signing key changes its state.
    pub fn next_event(&self, now: Timestamp) -> Option<Timestamp> {
        self.signing
            .iter()
            .flat_map(|entry| entry.times.recorded())
            .filter(|at| *at > now)
            .min()
    }
}

impl KeyRing {
    /// How far the last change of the ring lies ahead of the clock, if it is more than clocks of
    /// replicas may differ by. Such a ring was changed while a clock was wrong, or `now` is wrong.
    pub fn ahead_of(&self, now: Timestamp) -> Option<Duration> {
        let ahead = self.changed_at.saturating_since(now);
        (ahead > MAX_REPLICA_CLOCK_DIFFERENCE).then_some(ahead)
    }

    /// Moves every recorded time that lies ahead of `now` to `now`, if the last change of the ring
    /// lies ahead of it. Each key keeps the state that the last change led to.
    ///
    /// A signing key whose retirement lay ahead is published again as far as there is room, because
    /// its tokens may be valid until that time. Its secret half is not needed for that.
    pub(super) fn brought_back_to(mut self, now: Timestamp) -> Self {
        if self.changed_at <= now {
            return self;
        }
        self.changed_at = now;
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

/// The most by which the clocks of two replicas may differ, and the clock of a store from theirs.
pub const MAX_REPLICA_CLOCK_DIFFERENCE: Duration = Duration::from_secs(2);

/// The most keys that are ever published at once; every library and gateway takes that many.
pub const MAX_PUBLISHED_KEYS: usize = 10;

#[cfg(test)]
mod tests;
