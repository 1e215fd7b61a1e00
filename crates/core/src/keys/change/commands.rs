//! The commands that change a ring: rotate, retire, revoke.

use std::time::Duration;

use signet_verifier::{MAX_LEEWAY, Timestamp};

use super::{RevokedKind, RingChange, RingRefusal, RotationPolicy};
use crate::keys::entry::{NumberedEntry, SigningEntry};
use crate::keys::public_key::Kid;
use crate::keys::ring::{KeyRing, Lifetimes, MAX_PUBLISHED_KEYS};
use crate::keys::rotation_order::{RotationOrder, retirable_at};
use crate::keys::times::{KeyState, Times};

impl KeyRing {
    /// Rotates the signing keys: the next key becomes active after the ring lag, a new next key is
    /// published, and keys whose tokens have all expired are retired.
    ///
    /// # Errors
    ///
    /// [`RingRefusal`], with the time when the rotation will be possible.
    pub fn rotate(
        &self,
        policy: &RotationPolicy,
        now: Timestamp,
    ) -> Result<RingChange, RingRefusal> {
        let (mut ring, now) = self.begin_rotation(policy, now);
        ring.signing_order()
            .hand_over(policy.publish_lead, policy.ring_lag, now)?;
        ring.retire_dead(now);
        let published = ring.signing.iter().filter(|key| !key.times.is_gone());
        if published.count() >= MAX_PUBLISHED_KEYS {
            let possible_at = ring.first_retirable_at(now).unwrap_or(now);
            return Err(RingRefusal::TooManyKeys { possible_at });
        }
        Ok(ring.with_next(now))
    }

    /// Rotates the MAC keys, which tag refresh tokens.
    ///
    /// # Errors
    ///
    /// [`RingRefusal`], with the time when the rotation will be possible.
    pub fn rotate_mac(
        &self,
        policy: &RotationPolicy,
        now: Timestamp,
    ) -> Result<RingChange, RingRefusal> {
        let (mut ring, now) = self.begin_rotation(policy, now);
        ring.mac_order()
            .hand_over(policy.publish_lead, policy.ring_lag, now)?;
        ring.retire_dead(now);
        let next = free_number(&ring.mac).ok_or(RingRefusal::TooManyKeys {
            possible_at: now.saturating_add(ring.longest.session),
        })?;
        add(&mut ring.mac, next, Times::next(now));
        Ok(ring.with_next(now))
    }

    /// Rotates the data keys, which encrypt stored data. The old key stays in the ring and
    /// decrypts, because stored data may still need it.
    ///
    /// # Errors
    ///
    /// [`RingRefusal`], often with the time when the rotation will be possible.
    pub fn rotate_data(
        &self,
        policy: &RotationPolicy,
        now: Timestamp,
    ) -> Result<RingChange, RingRefusal> {
        let (mut ring, now) = self.begin_rotation(policy, now);
        ring.data_order()
            .hand_over(policy.publish_lead, policy.ring_lag, now)?;
        let next = free_number(&ring.data).ok_or(RingRefusal::NoNumberLeft)?;
        add(&mut ring.data, next, Times::next(now));
        Ok(ring.with_next(now))
    }

    /// Retires the keys whose tokens have all expired.
    ///
    /// # Errors
    ///
    /// [`RingRefusal::StillNeeded`] if there is a retiring key, but it cannot be retired yet.
    pub fn retire(&self, now: Timestamp) -> Result<RingChange, RingRefusal> {
        let (mut ring, now) = self.begin(now);
        if ring.retire_dead(now) > 0 {
            return Ok(ring.with_next(now));
        }
        match ring.first_retirable_at(now) {
            Some(possible_at) => Err(RingRefusal::StillNeeded { possible_at }),
            None => Ok(RingChange::empty(self)),
        }
    }

    /// Returns the change that a schedule needs at `now`. If the active key has signed for `every`,
    /// it is a rotation; otherwise it is the retirement of old keys, or nothing.
    ///
    /// # Errors
    ///
    /// [`RingRefusal`] if a rotation is due but not possible yet.
    pub fn follow_schedule(
        &self,
        every: Duration,
        policy: &RotationPolicy,
        now: Timestamp,
    ) -> Result<RingChange, RingRefusal> {
        let active_since = self.active_at(now).and_then(|key| key.times.activates_at);
        let is_due = active_since.is_some_and(|since| now.saturating_since(since) >= every);
        let is_pending = |key: &SigningEntry| key.times.activates_at.is_some_and(|at| at > now);
        if is_due && !self.signing.iter().any(is_pending) {
            return self.rotate(policy, now);
        }
        match self.retire(now) {
            Ok(change) => Ok(change),
            Err(_not_yet) => Ok(RingChange::empty(self)),
        }
    }

    /// Revokes a signing key at `now`, even if the ring has times in the future. If the key is
    /// active, the next key becomes active at the same moment. Revoking a revoked key changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`RingRefusal::UnknownKid`] if the ring has no such key.
    pub fn revoke(&self, kid: &Kid, now: Timestamp) -> Result<RingChange, RingRefusal> {
        let index = self.signing.iter().position(|key| key.kid() == kid);
        let index = index.ok_or(RingRefusal::UnknownKid)?;
        let known = self.signing.get(index).map(|key| key.state_at(now));
        if known == Some(KeyState::Compromised) {
            return Ok(RingChange::empty(self));
        }
        let mut ring = self.begin_now(now);
        ring.signing_order().revoke(index, now);
        Ok(ring.with_next(now))
    }

    /// Revokes every MAC key at `now`, even if the ring has times in the future. Every session
    /// ends, because all refresh tokens become invalid.
    pub fn revoke_mac(&self, now: Timestamp) -> RingChange {
        let mut ring = self.begin_now(now);
        ring.renew_mac(now);
        ring.with_next(now)
    }

    /// Revokes every signing key and every MAC key at `now`, after the keys folder has leaked. All
    /// sessions end, and all access tokens become invalid. A new data key encrypts; the old data
    /// keys only decrypt.
    pub fn revoke_all(&self, now: Timestamp) -> RingChange {
        let mut ring = self.begin_now(now);
        ring.signing_order().revoke_all(now);
        ring.renew_mac(now);
        ring.renew_data(now);
        RingChange {
            ring,
            new_keys: vec![Times::active(now), Times::next(now)],
            is_empty: false,
        }
    }

    /// Returns whether this ring still accepts a revoked key of the ring `before` at `now`. After a
    /// revocation, it must not.
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

    /// Records the configured lifetimes if they are longer than the recorded ones.
    pub fn note_lifetimes(&self, lifetimes: Lifetimes, now: Timestamp) -> RingChange {
        let longest = Lifetimes {
            access_token: self.longest.access_token.max(lifetimes.access_token),
            session: self.longest.session.max(lifetimes.session),
        };
        if longest == self.longest {
            return RingChange::empty(self);
        }
        let (mut ring, now) = self.begin(now);
        ring.longest = longest;
        ring.with_next(now)
    }

    /// Makes a ring from a backup newer than generation `newest`, the newest that replicas have
    /// seen. Changes nothing if it is newer already.
    pub fn restore_over(&self, newest: u64, now: Timestamp) -> RingChange {
        if self.generation >= newest {
            return RingChange::empty(self);
        }
        let (mut ring, now) = self.begin(now);
        ring.generation = newest;
        ring.with_next(now)
    }

    /// Returns when the signing key with these times may be retired.
    pub fn retirable_at(&self, times: &Times) -> Timestamp {
        retirable_at(times, self.tokens_live())
    }

    /// Returns when the MAC key with these times may be retired.
    pub fn mac_retirable_at(&self, times: &Times) -> Timestamp {
        retirable_at(times, self.longest.session)
    }

    /// Returns how long any verifier may accept an access token, leeway included.
    fn tokens_live(&self) -> Duration {
        self.longest.access_token.saturating_add(MAX_LEEWAY)
    }

    /// Returns a copy to change, and the time of the change, which is never before the previous
    /// one.
    fn begin(&self, now: Timestamp) -> (Self, Timestamp) {
        let now = now.max(self.changed_at);
        let ring = Self {
            changed_at: now,
            ..self.clone()
        };
        (ring, now)
    }

    /// Returns a copy for a revocation at `now`. If a wrong clock has recorded times after `now`,
    /// they are moved back first, so that they do not delay the revocation.
    fn begin_now(&self, now: Timestamp) -> Self {
        let mut ring = self.clone().brought_back_to(now);
        ring.changed_at = now;
        ring
    }

    /// Returns a copy to rotate keys in, and the time of the change. A rotation without waiting
    /// happens at `now`. Any other rotation happens after the previous change, so that a clock that
    /// is behind does not shorten the time for which a key is published.
    fn begin_rotation(&self, policy: &RotationPolicy, now: Timestamp) -> (Self, Timestamp) {
        if *policy == RotationPolicy::AT_ONCE {
            return (self.begin_now(now), now);
        }
        self.begin(now)
    }

    /// Returns the change to this ring, with a new next signing key if there is none.
    fn with_next(mut self, now: Timestamp) -> RingChange {
        let lacks_next = !self.signing_order().has_waiting();
        RingChange {
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
        self.data_order().stop_all(now);
        add_both(&mut self.data, now);
    }
}

/// Adds an active and a next key. If no number is free, the ring stays incomplete, and
/// [`RingChange::finish`] refuses it.
fn add_both(keys: &mut Vec<NumberedEntry>, now: Timestamp) {
    for times in [Times::active(now), Times::next(now)] {
        if let Some(id) = free_number(keys) {
            add(keys, id, times);
        }
    }
}

/// Returns the next number after the newest key's. After 255, numbers of removed keys are used
/// again.
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
