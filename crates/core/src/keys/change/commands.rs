//! The commands that change a ring: rotate, retire, revoke.

use std::time::Duration;

use signet_verifier::{MAX_LEEWAY, Timestamp};

use super::{Change, Refusal, RevokedKind, RotationPolicy};
use crate::keys::entry::{NumberedEntry, SigningEntry};
use crate::keys::public_key::Kid;
use crate::keys::ring::{KeyRing, Lifetimes, MAX_PUBLISHED_KEYS};
use crate::keys::rotation_order::{RotationOrder, retirable_at};
use crate::keys::times::{KeyState, Times};

impl KeyRing {
    /// Lets the next signing key take over after the ring lag, publishes a new next one, and
    /// retires what is dead.
    ///
    /// # Errors
    ///
    /// [`Refusal`], with the time at which it will be possible.
    pub fn rotate(&self, policy: &RotationPolicy, now: Timestamp) -> Result<Change, Refusal> {
        let (mut ring, now) = self.begin_rotation(policy, now);
        ring.signing_order()
            .hand_over(policy.publish_lead, policy.ring_lag, now)?;
        ring.retire_dead(now);
        let published = ring.signing.iter().filter(|key| !key.times.is_gone());
        if published.count() >= MAX_PUBLISHED_KEYS {
            let possible_at = ring.first_retirable_at(now).unwrap_or(now);
            return Err(Refusal::TooManyKeys { possible_at });
        }
        Ok(ring.with_next(now))
    }

    /// The same for the keys that tag refresh tokens.
    ///
    /// # Errors
    ///
    /// [`Refusal`], with the time at which it will be possible.
    pub fn rotate_mac(&self, policy: &RotationPolicy, now: Timestamp) -> Result<Change, Refusal> {
        let (mut ring, now) = self.begin_rotation(policy, now);
        ring.mac_order()
            .hand_over(policy.publish_lead, policy.ring_lag, now)?;
        ring.retire_dead(now);
        let next = free_number(&ring.mac).ok_or(Refusal::TooManyKeys {
            possible_at: now.saturating_add(ring.longest.session),
        })?;
        add(&mut ring.mac, next, Times::next(now));
        Ok(ring.with_next(now))
    }

    /// The same for the keys that seal stored data. The predecessor opens what it has sealed for
    /// as long as the ring lives, because nobody knows what there is of it.
    ///
    /// # Errors
    ///
    /// [`Refusal`], with the time at which it will be possible if there is one.
    pub fn rotate_data(&self, policy: &RotationPolicy, now: Timestamp) -> Result<Change, Refusal> {
        let (mut ring, now) = self.begin_rotation(policy, now);
        ring.data_order()
            .hand_over(policy.publish_lead, policy.ring_lag, now)?;
        let next = free_number(&ring.data).ok_or(Refusal::NoNumberLeft)?;
        add(&mut ring.data, next, Times::next(now));
        Ok(ring.with_next(now))
    }

    /// Retires every key that nothing alive was signed by.
    ///
    /// # Errors
    ///
    /// [`Refusal::StillNeeded`] when no key can be retired yet though one is retiring.
    pub fn retire(&self, now: Timestamp) -> Result<Change, Refusal> {
        let (mut ring, now) = self.begin(now);
        if ring.retire_dead(now) > 0 {
            return Ok(ring.with_next(now));
        }
        match ring.first_retirable_at(now) {
            Some(possible_at) => Err(Refusal::StillNeeded { possible_at }),
            None => Ok(Change::empty(self)),
        }
    }

    /// What a schedule asks for at `now`: a rotation when the active key has signed for `every`,
    /// else the retirement of what is dead, else nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when a rotation is due and not possible yet.
    pub fn follow_schedule(
        &self,
        every: Duration,
        policy: &RotationPolicy,
        now: Timestamp,
    ) -> Result<Change, Refusal> {
        let active_since = self.active_at(now).and_then(|key| key.times.activates_at);
        let is_due = active_since.is_some_and(|since| now.saturating_since(since) >= every);
        let is_pending = |key: &SigningEntry| key.times.activates_at.is_some_and(|at| at > now);
        if is_due && !self.signing.iter().any(is_pending) {
            return self.rotate(policy, now);
        }
        match self.retire(now) {
            Ok(change) => Ok(change),
            Err(_not_yet) => Ok(Change::empty(self)),
        }
    }

    /// Revokes a signing key at `now`, whatever times the ring holds. If the key is active, the
    /// next key becomes active at the same moment. Revoking a revoked key changes nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownKid`] if the ring has no such key.
    pub fn revoke(&self, kid: &Kid, now: Timestamp) -> Result<Change, Refusal> {
        let index = self.signing.iter().position(|key| key.kid() == kid);
        let index = index.ok_or(Refusal::UnknownKid)?;
        let known = self.signing.get(index).map(|key| key.state_at(now));
        if known == Some(KeyState::Compromised) {
            return Ok(Change::empty(self));
        }
        let mut ring = self.begin_now(now);
        ring.signing_order().revoke(index, now);
        Ok(ring.with_next(now))
    }

    /// Revokes every MAC key at `now`, whatever times the ring holds. Every session ends, because
    /// no refresh token is accepted any more.
    pub fn revoke_mac(&self, now: Timestamp) -> Change {
        let mut ring = self.begin_now(now);
        ring.renew_mac(now);
        ring.with_next(now)
    }

    /// Revokes every signing key and every MAC key at `now`, for a folder that has leaked. All
    /// sessions end and no access token verifies any more. A new data key seals; the old data keys
    /// only open what they have sealed.
    pub fn revoke_all(&self, now: Timestamp) -> Change {
        let mut ring = self.begin_now(now);
        ring.signing_order().revoke_all(now);
        ring.renew_mac(now);
        ring.renew_data(now);
        Change {
            ring,
            new_keys: vec![Times::active(now), Times::next(now)],
            is_empty: false,
        }
    }

    /// Whether a signing key, or a MAC key, that `before` accepted is accepted here at `now`. After
    /// a revocation of all of them none may be.
    pub fn still_accepts(&self, before: &Self, revoked: RevokedKind<'_>, now: Timestamp) -> bool {
        let signing = |kid: &Kid| self.published_at(now).any(|key| key.kid() == kid);
        let mac = |old: &NumberedEntry| {
            let is_same = |key: &&NumberedEntry| key.id == old.id && !old.times.is_gone();
            let mut same = self.mac.iter().filter(is_same);
            same.any(|key| key.state_at(now).is_accepted())
        };
        match revoked {
            RevokedKind::Signing(kid) => signing(kid),
            RevokedKind::Mac => before.mac.iter().any(mac),
            RevokedKind::All => {
                before.signing.iter().any(|key| signing(key.kid())) || before.mac.iter().any(mac)
            }
        }
    }

    /// Notes longer lifetimes; nothing to do when they are not longer than what is known.
    pub fn note_lifetimes(&self, lifetimes: Lifetimes, now: Timestamp) -> Change {
        let longest = Lifetimes {
            access_token: self.longest.access_token.max(lifetimes.access_token),
            session: self.longest.session.max(lifetimes.session),
        };
        if longest == self.longest {
            return Change::empty(self);
        }
        let (mut ring, now) = self.begin(now);
        ring.longest = longest;
        ring.with_next(now)
    }

    /// Makes a ring that was put back from a backup newer than generation `newest`, which replicas
    /// have seen of it; nothing to do when it is newer already.
    pub fn restore_over(&self, newest: u64, now: Timestamp) -> Change {
        if self.generation >= newest {
            return Change::empty(self);
        }
        let (mut ring, now) = self.begin(now);
        ring.generation = newest;
        ring.with_next(now)
    }

    /// When the signing key with these times may be retired.
    pub fn retirable_at(&self, times: &Times) -> Timestamp {
        retirable_at(times, self.tokens_live())
    }

    /// When the MAC key with these times may be retired.
    pub fn mac_retirable_at(&self, times: &Times) -> Timestamp {
        retirable_at(times, self.longest.session)
    }

    /// How long an access token is accepted by somebody, at most.
    fn tokens_live(&self) -> Duration {
        self.longest.access_token.saturating_add(MAX_LEEWAY)
    }

    /// A copy to change, and the time of the change: never before the change before it.
    fn begin(&self, now: Timestamp) -> (Self, Timestamp) {
        let now = now.max(self.changed_at);
        let ring = Self {
            changed_at: now,
            ..self.clone()
        };
        (ring, now)
    }

    /// A copy to revoke keys in at `now`. A ring that a wrong clock has put ahead of `now` is
    /// brought back first, so that no time in it delays the revocation.
    fn begin_now(&self, now: Timestamp) -> Self {
        let mut ring = self.clone().brought_back_to(now);
        ring.changed_at = now;
        ring
    }

    /// The same for a rotation that waits for nothing. Any other rotation happens after the last
    /// change, because a clock that is behind must not shorten the time for which a key is published.
    fn begin_rotation(&self, policy: &RotationPolicy, now: Timestamp) -> (Self, Timestamp) {
        if *policy == RotationPolicy::AT_ONCE {
            return (self.begin_now(now), now);
        }
        self.begin(now)
    }

    /// The change that makes this ring, with a new next signing key if none is left.
    fn with_next(mut self, now: Timestamp) -> Change {
        let lacks_next = !self.signing_order().has_waiting();
        Change {
            ring: self,
            new_keys: lacks_next.then(|| Times::next(now)).into_iter().collect(),
            is_empty: false,
        }
    }

    fn signing_order(&mut self) -> RotationOrder<'_, SigningEntry> {
        RotationOrder(&mut self.signing)
    }

    fn mac_order(&mut self) -> RotationOrder<'_, NumberedEntry> {
        RotationOrder(&mut self.mac)
    }

    fn data_order(&mut self) -> RotationOrder<'_, NumberedEntry> {
        RotationOrder(&mut self.data)
    }

    fn retire_dead(&mut self, now: Timestamp) -> usize {
        let tokens_live = self.tokens_live();
        let sessions_live = self.longest.session;
        self.signing_order().retire(tokens_live, now) + self.mac_order().retire(sessions_live, now)
    }

    fn first_retirable_at(&self, now: Timestamp) -> Option<Timestamp> {
        let retiring = |key: &&SigningEntry| key.state_at(now) == KeyState::Retiring;
        let times = self.signing.iter().filter(retiring);
        times.map(|key| self.retirable_at(&key.times)).min()
    }

    fn renew_mac(&mut self, now: Timestamp) {
        self.mac_order().revoke_all(now);
        add_both(&mut self.mac, now);
    }

    fn renew_data(&mut self, now: Timestamp) {
        self.data_order().set_aside(now);
        add_both(&mut self.data, now);
    }
}

/// Adds an active and a next key; without a number for them the ring stays as it cannot be, and
/// is refused.
fn add_both(keys: &mut Vec<NumberedEntry>, now: Timestamp) {
    for times in [Times::active(now), Times::next(now)] {
        if let Some(id) = free_number(keys) {
            add(keys, id, times);
        }
    }
}

/// The number after the newest one's; numbers of keys that are gone are used again when all have
/// been.
fn free_number(keys: &[NumberedEntry]) -> Option<u8> {
    let newest = keys.last().map_or(0, |key| key.id);
    let taken = |id: u8| {
        let mut alive = keys.iter().filter(|key| !key.times.is_gone());
        alive.any(|key| key.id == id)
    };
    (1..=u8::MAX)
        .map(|step| newest.wrapping_add(step))
        .find(|id| *id != 0 && !taken(*id))
}

fn add(keys: &mut Vec<NumberedEntry>, id: u8, times: Times) {
    keys.retain(|key| key.id != id);
    keys.push(NumberedEntry { id, times });
}
