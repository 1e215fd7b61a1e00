//! Data keys: they rotate as MAC keys do, and what they have sealed can be opened for ever.

use std::time::Duration;

use signet_verifier::Timestamp;

use crate::keys::fixtures::public_key;
use crate::keys::{KeyRing, Lifetimes, RingChange, RingRefusal, RotationPolicy};

fn ring() -> KeyRing {
    KeyRing::init([0, 1].map(public_key), Lifetimes::default(), at(0)).unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn done(change: RingChange) -> KeyRing {
    let made = u64::try_from(change.ring.signing().len()).unwrap();
    let needed = u64::try_from(change.keys_needed()).unwrap();
    let keys = (made..made + needed).map(public_key);
    change.finish(keys).unwrap()
}

fn states(ring: &KeyRing, now: Timestamp) -> Vec<(u8, &'static str)> {
    let keys = ring.data().iter();
    keys.map(|key| (key.id, key.state_at(now).as_str()))
        .collect()
}

#[test]
fn data_keys_rotate_with_the_same_lead_and_open_for_ever() {
    let policy = RotationPolicy::default();
    let early = ring().rotate_data(&policy, at(DAY - 1)).unwrap_err();
    assert_eq!(early.possible_at(), Some(at(DAY)));
    let ring = done(ring().rotate_data(&policy, at(DAY)).unwrap());
    let before = [(1, "active"), (2, "next"), (3, "next")];
    assert_eq!(states(&ring, at(DAY + 119)), before);
    let after = [(1, "retiring"), (2, "active"), (3, "next")];
    assert_eq!(states(&ring, at(DAY + 120)), after);
    assert!(ring.retire(at(4_000 * DAY)).unwrap().is_empty());
}

#[test]
fn revoking_all_seals_with_a_new_key_and_opens_with_the_old_ones() {
    let policy = RotationPolicy::default();
    let ring = done(ring().rotate_data(&policy, at(DAY)).unwrap());
    for (now, expected) in [
        // The successor waits, or has just taken over.
        (DAY + 1, ["retiring", "compromised", "compromised"]),
        (DAY + 121, ["retiring", "retiring", "compromised"]),
    ] {
        let revoked = done(ring.revoke_all(at(now)));
        let states = states(&revoked, at(now));
        let names: Vec<_> = states.iter().map(|(_, state)| *state).collect();
        assert_eq!(names[..3], expected);
        assert_eq!(states[3..], [(4, "active"), (5, "next")]);
    }
}

#[test]
fn the_keys_of_refresh_tokens_are_revoked_without_the_data_keys() {
    let ring = ring();
    assert_eq!(done(ring.revoke_mac(at(5))).data(), ring.data());
}

#[test]
fn a_number_that_opens_something_is_never_given_again() {
    let mut ring = ring();
    for round in 0..253 {
        let now = at(round);
        ring = done(ring.rotate_data(&RotationPolicy::AT_ONCE, now).unwrap());
    }
    assert_eq!(ring.data().len(), 255);
    let now = at(1_000).saturating_add(Duration::from_hours(24));
    let refusal = ring.rotate_data(&RotationPolicy::AT_ONCE, now).unwrap_err();
    assert_eq!(refusal, RingRefusal::NoNumberLeft);
    assert_eq!(refusal.possible_at(), None);
}

const DAY: u64 = 24 * 60 * 60;
