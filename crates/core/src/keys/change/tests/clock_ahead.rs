//! Rings that were rotated while the clock was two hours ahead, after the clock was set right.

use std::time::Duration;

use signet_verifier::Timestamp;

use crate::keys::fixtures::public_key;
use crate::keys::{
    KeyRing, KeyState, Kid, Lifetimes, NumberedEntry, RevokedKind, RingChange, RotationPolicy,
    Times,
};

/// A ring of today: keys 0 and 1, which a wrong clock rotated two hours ahead of [`now`].
fn ring_from_ahead() -> KeyRing {
    let ring = KeyRing::init([0, 1].map(numbered), Lifetimes::default(), at(0)).unwrap();
    let ahead = at(2 * HOUR);
    let ring = done(ring.rotate(&RotationPolicy::AT_ONCE, ahead).unwrap());
    let ring = done(ring.rotate_mac(&RotationPolicy::AT_ONCE, ahead).unwrap());
    done(ring.rotate_data(&RotationPolicy::AT_ONCE, ahead).unwrap())
}

fn now() -> Timestamp {
    at(60)
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn numbered(number: u64) -> crate::keys::PublicKey {
    public_key(100 + number)
}

fn kid(number: u64) -> Kid {
    numbered(number).kid().clone()
}

fn done(change: RingChange) -> KeyRing {
    let made = u64::try_from(change.ring.signing().len()).unwrap();
    let needed = u64::try_from(change.keys_needed()).unwrap();
    change.finish((made..made + needed).map(numbered)).unwrap()
}

fn state(ring: &KeyRing, number: u64) -> KeyState {
    ring.find(&kid(number)).unwrap().state_at(now())
}

fn active(keys: &[NumberedEntry]) -> Vec<u8> {
    let active = keys
        .iter()
        .filter(|key| key.state_at(now()) == KeyState::Active);
    active.map(|key| key.id).collect()
}

#[test]
fn revoking_either_key_of_a_ring_from_ahead_takes_effect_now() {
    let before = ring_from_ahead();
    for (number, successor) in [(0, 1), (1, 2)] {
        let kid = kid(number);
        let after = done(before.revoke(&kid, now()).unwrap());
        assert_eq!(state(&after, number), KeyState::Compromised);
        assert_eq!(state(&after, successor), KeyState::Active);
        assert!(!after.still_accepts(&before, RevokedKind::Signing(&kid), now()));
        assert_eq!(after.changed_at(), now());
    }
}

#[test]
fn revoking_everything_of_a_ring_from_ahead_takes_effect_now() {
    let before = ring_from_ahead();
    let after = done(before.revoke_all(now()));
    for number in 0..=2 {
        assert_eq!(state(&after, number), KeyState::Compromised);
    }
    assert_eq!(state(&after, 3), KeyState::Active);
    assert_eq!(active(after.mac()), [4]);
    assert!(!after.still_accepts(&before, RevokedKind::All, now()));
    assert!(before.still_accepts(&before, RevokedKind::All, now()));
}

#[test]
fn revoking_the_mac_keys_of_a_ring_from_ahead_takes_effect_now() {
    let before = ring_from_ahead();
    let after = done(before.revoke_mac(now()));
    assert_eq!(active(after.mac()), [4]);
    assert!(!after.still_accepts(&before, RevokedKind::Mac, now()));
    assert!(before.still_accepts(&before, RevokedKind::Mac, now()));
}

#[test]
fn a_key_whose_revocation_lies_ahead_is_revoked_again_now() {
    let before = done(ring_from_ahead().revoke(&kid(1), at(2 * HOUR)).unwrap());
    assert_eq!(state(&before, 1), KeyState::Next);
    let after = done(before.revoke(&kid(1), now()).unwrap());
    assert_eq!(state(&after, 1), KeyState::Compromised);
    assert!(after.revoke(&kid(1), now()).unwrap().is_empty());
}

#[test]
fn rotating_at_once_is_a_way_out_of_a_ring_from_ahead() {
    let initial = KeyRing::init([0, 1].map(numbered), Lifetimes::default(), at(0)).unwrap();
    let day_after = at(24 * HOUR);
    let pending = initial.rotate(&RotationPolicy::default(), day_after);
    let pending = done(pending.unwrap());
    assert_eq!(
        pending.ahead_of(now()),
        Some(Duration::from_secs(24 * HOUR - 60))
    );
    let after = done(pending.rotate(&RotationPolicy::AT_ONCE, now()).unwrap());
    assert_eq!(state(&after, 2), KeyState::Active);
    assert_eq!(after.ahead_of(now()), None);
}

#[test]
fn a_key_that_was_retired_ahead_of_the_clock_is_published_until_it_can_be_retired() {
    let retired = done(ring_from_ahead().retire(at(2 * HOUR + 720)).unwrap());
    let after = done(retired.revoke(&kid(2), now()).unwrap());
    assert_eq!(state(&after, 0), KeyState::Retiring);
    assert_eq!(after.retirable_at(&after.signing()[0].times), at(60 + 720));
}

#[test]
fn a_change_that_lies_ahead_by_less_than_clocks_may_differ_is_not_reported() {
    let ring = ring_from_ahead();
    assert_eq!(ring.ahead_of(at(2 * HOUR - 2)), None);
    assert_eq!(
        ring.ahead_of(at(2 * HOUR - 3)),
        Some(Duration::from_secs(3))
    );
}

#[test]
fn times_that_move_back_keep_their_order() {
    let mut times = Times {
        activates_at: Some(at(10)),
        stops_at: Some(at(70)),
        ..Times::next(at(5))
    };
    times.move_back_to(now());
    assert_eq!(times.activates_at, Some(at(10)));
    assert_eq!(times.stops_at, Some(now()));
}

const HOUR: u64 = 60 * 60;
