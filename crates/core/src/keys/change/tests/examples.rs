//! Each command on a ring whose story fits on a page.

use std::time::Duration;

use signet_verifier::Timestamp;

use crate::keys::fixtures::{public_key, ring_of};
use crate::keys::{
    Jwks, KeyRing, KeyState, Kid, Lifetimes, PublicKey, RingChange, RingRefusal, RotationPolicy,
};

/// Key number 0 is active and 1 is next from time zero; later ones are numbered from 2.
fn ring() -> KeyRing {
    KeyRing::init([0, 1].map(numbered), Lifetimes::default(), at(0)).unwrap()
}

fn numbered(number: u64) -> PublicKey {
    public_key(100 + number)
}

fn kid(number: u64) -> Kid {
    numbered(number).kid().clone()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn done(change: RingChange) -> KeyRing {
    let made = u64::try_from(change.ring.signing().len()).unwrap();
    let needed = u64::try_from(change.keys_needed()).unwrap();
    change.finish((made..made + needed).map(numbered)).unwrap()
}

fn rotated(ring: &KeyRing, now: Timestamp) -> KeyRing {
    done(ring.rotate(&RotationPolicy::default(), now).unwrap())
}

fn states(ring: &KeyRing, now: Timestamp) -> Vec<&'static str> {
    let states = ring.signing().iter().map(|key| key.state_at(now).as_str());
    states.collect()
}

fn mac_states(ring: &KeyRing, now: Timestamp) -> Vec<(u8, &'static str)> {
    let states = ring.mac().iter();
    states
        .map(|key| (key.id, key.state_at(now).as_str()))
        .collect()
}

#[test]
fn rotate_waits_until_the_next_key_is_known_to_everybody() {
    let refusal = ring()
        .rotate(&RotationPolicy::default(), at(DAY - 1))
        .unwrap_err();
    assert_eq!(
        refusal,
        RingRefusal::NotKnownYet {
            possible_at: at(DAY)
        }
    );
    let shortened = RotationPolicy {
        publish_lead: Duration::from_mins(1),
        ..RotationPolicy::default()
    };
    assert!(ring().rotate(&shortened, at(59)).is_err());
    assert!(ring().rotate(&shortened, at(60)).is_ok());
}

#[test]
fn rotate_takes_effect_after_the_lag_without_changing_the_published_set() {
    let ring = rotated(&ring(), at(DAY));
    assert_eq!(ring.generation(), 2);
    assert_eq!(states(&ring, at(DAY)), ["active", "next", "next"]);
    assert_eq!(states(&ring, at(DAY + LAG - 1)), ["active", "next", "next"]);
    assert_eq!(states(&ring, at(DAY + LAG)), ["retiring", "active", "next"]);
    let (before, after) = (Jwks::of(&ring, at(DAY)), Jwks::of(&ring, at(DAY + LAG)));
    assert_eq!(before.etag, after.etag);
    assert_eq!(before.max_age(at(DAY)), Duration::from_secs(LAG));
    assert_eq!(after.next_event, None);
}

#[test]
fn a_rotation_is_not_overtaken_by_another() {
    let ring = rotated(&ring(), at(DAY));
    for policy in [RotationPolicy::default(), RotationPolicy::AT_ONCE] {
        let refusal = ring.rotate(&policy, at(DAY + 1)).unwrap_err();
        assert_eq!(
            refusal,
            RingRefusal::Pending {
                possible_at: at(DAY + LAG)
            }
        );
    }
    let refusal = ring
        .rotate(&RotationPolicy::default(), at(DAY + LAG))
        .unwrap_err();
    assert_eq!(
        refusal,
        RingRefusal::NotKnownYet {
            possible_at: at(2 * DAY)
        }
    );
}

#[test]
fn rotate_at_once_takes_effect_at_once() {
    let ring = done(ring().rotate(&RotationPolicy::AT_ONCE, at(0)).unwrap());
    assert_eq!(states(&ring, at(0)), ["retiring", "active", "next"]);
}

#[test]
fn retire_waits_until_the_last_token_is_dead() {
    let ring = rotated(&ring(), at(DAY));
    let dead_at = at(DAY + LAG + 600 + 120);
    let refusal = ring.retire(at(DAY + LAG)).unwrap_err();
    assert_eq!(
        refusal,
        RingRefusal::StillNeeded {
            possible_at: dead_at
        }
    );
    let retired = done(ring.retire(dead_at).unwrap());
    assert_eq!(states(&retired, dead_at), ["retired", "active", "next"]);
    assert_ne!(
        Jwks::of(&retired, dead_at).etag,
        Jwks::of(&ring, dead_at).etag
    );
    assert!(retired.retire(dead_at).unwrap().is_empty());
}

#[test]
fn retire_has_nothing_to_do_on_a_new_ring() {
    let change = ring().retire(at(1)).unwrap();
    assert!(change.is_empty());
    assert_eq!(change.finish([]).unwrap(), ring());
}

#[test]
fn longer_lifetimes_are_remembered_for_ever() {
    let hour = Lifetimes {
        access_token: Duration::from_hours(1),
        ..Lifetimes::default()
    };
    let longer = done(ring().note_lifetimes(hour, at(1)));
    assert_eq!(longer.longest(), hour);
    assert!(
        longer
            .note_lifetimes(Lifetimes::default(), at(2))
            .is_empty()
    );
    let ring = rotated(&longer, at(DAY));
    let possible_at = at(DAY + LAG + 3_600 + 120);
    assert_eq!(
        ring.retire(at(DAY + LAG)),
        Err(RingRefusal::StillNeeded { possible_at })
    );
}

#[test]
fn rotate_retires_what_is_dead() {
    let mut ring = ring();
    for day in 1..=30 {
        ring = rotated(&ring, at(day * DAY));
        assert!(ring.published_at(at(day * DAY)).count() <= 4);
    }
    assert_eq!(ring.generation(), 31);
}

#[test]
fn a_schedule_rotates_when_the_active_key_is_old_enough_and_retires_what_is_dead() {
    let month = Duration::from_secs(30 * DAY);
    let scheduled = |ring: &KeyRing, now| {
        ring.follow_schedule(month, &RotationPolicy::default(), now)
            .unwrap()
    };
    assert!(scheduled(&ring(), at(30 * DAY - 1)).is_empty());
    let ring = done(scheduled(&ring(), at(30 * DAY)));
    assert!(scheduled(&ring, at(30 * DAY + 1)).is_empty());
    let dead_at = at(30 * DAY + LAG + 720);
    assert!(scheduled(&ring, at(30 * DAY + LAG + 719)).is_empty());
    let retired = done(scheduled(&ring, dead_at));
    assert_eq!(states(&retired, dead_at), ["retired", "active", "next"]);
    assert!(scheduled(&retired, dead_at).is_empty());
}

#[test]
fn more_than_ten_keys_are_never_published() {
    let mut ring = ring();
    for second in 1..=8 {
        ring = done(ring.rotate(&RotationPolicy::AT_ONCE, at(second)).unwrap());
    }
    assert_eq!(ring.published_at(at(8)).count(), 10);
    let refusal = ring.rotate(&RotationPolicy::AT_ONCE, at(9)).unwrap_err();
    assert_eq!(
        refusal,
        RingRefusal::TooManyKeys {
            possible_at: at(1 + 720)
        }
    );
    assert!(ring.rotate(&RotationPolicy::AT_ONCE, at(1 + 720)).is_ok());
}

#[test]
fn revoking_the_active_key_lets_the_next_one_take_over_at_once() {
    let ring = done(ring().revoke(&kid(0), at(10)).unwrap());
    assert_eq!(states(&ring, at(10)), ["compromised", "active", "next"]);
    let set = Jwks::of(&ring, at(10)).body;
    assert!(!set.contains(kid(0).as_str()) && set.contains(kid(2).as_str()));
    let again = ring.revoke(&kid(0), at(11)).unwrap();
    assert!(again.is_empty());
}

#[test]
fn revoking_the_next_key_makes_another() {
    let ring = done(ring().revoke(&kid(1), at(10)).unwrap());
    assert_eq!(states(&ring, at(10)), ["active", "compromised", "next"]);
    let refusal = ring
        .rotate(&RotationPolicy::default(), at(DAY))
        .unwrap_err();
    assert_eq!(
        refusal,
        RingRefusal::NotKnownYet {
            possible_at: at(DAY + 10)
        }
    );
}

#[test]
fn revoking_during_the_lag_of_a_rotation_ends_it_one_way_or_the_other() {
    let ring = rotated(&ring(), at(DAY));
    let now = at(DAY + 1);
    let old_one = done(ring.revoke(&kid(0), now).unwrap());
    assert_eq!(states(&old_one, now), ["compromised", "active", "next"]);
    let new_one = done(ring.revoke(&kid(1), now).unwrap());
    assert_eq!(states(&new_one, now), ["active", "compromised", "next"]);
    assert_eq!(
        states(&new_one, at(2 * DAY)),
        ["active", "compromised", "next"]
    );
}

#[test]
fn a_retiring_or_retired_key_can_be_revoked_and_an_unknown_one_cannot() {
    let ring = rotated(&ring(), at(DAY));
    let later = at(DAY + LAG + 720);
    let revoked = done(ring.revoke(&kid(0), later).unwrap());
    assert_eq!(states(&revoked, later), ["compromised", "active", "next"]);
    let retired = done(ring.retire(later).unwrap());
    let revoked = done(retired.revoke(&kid(0), later).unwrap());
    assert_eq!(states(&revoked, later), ["compromised", "active", "next"]);
    assert_eq!(ring.revoke(&kid(9), later), Err(RingRefusal::UnknownKid));
}

#[test]
fn revoking_all_leaves_nothing_of_the_old_ring() {
    let ring = rotated(&ring(), at(DAY));
    let now = at(DAY + 1);
    let renewed = done(ring.revoke_all(now));
    let gone = [
        "compromised",
        "compromised",
        "compromised",
        "active",
        "next",
    ];
    assert_eq!(states(&renewed, now), gone);
    let macs = [
        (1, "compromised"),
        (2, "compromised"),
        (3, "active"),
        (4, "next"),
    ];
    assert_eq!(mac_states(&renewed, now), macs);
}

#[test]
fn mac_keys_rotate_with_the_same_lead_and_live_as_long_as_their_sessions() {
    let policy = RotationPolicy::default();
    assert!(ring().rotate_mac(&policy, at(DAY - 1)).is_err());
    let ring = done(ring().rotate_mac(&policy, at(DAY)).unwrap());
    let retiring = [(1, "retiring"), (2, "active"), (3, "next")];
    assert_eq!(mac_states(&ring, at(DAY + LAG)), retiring);
    assert!(ring.retire(at(91 * DAY)).unwrap().is_empty());
    let retired = done(ring.retire(at(91 * DAY + LAG)).unwrap());
    assert_eq!(mac_states(&retired, at(92 * DAY))[0], (1, "retired"));
}

#[test]
fn mac_numbers_start_again_when_all_were_used() {
    let mut ring = ring();
    for round in 0..200 {
        ring = done(ring.revoke_mac(at(round)));
    }
    let alive: Vec<_> = mac_states(&ring, at(300));
    assert_eq!(alive.len(), 255);
    assert_eq!(alive[253..], [(146, "active"), (147, "next")]);
}

#[test]
fn a_clock_that_steps_back_delays_nothing_and_breaks_nothing() {
    let ring = done(ring().rotate(&RotationPolicy::AT_ONCE, at(1_000)).unwrap());
    let revoked = done(ring.revoke(&kid(1), at(5)).unwrap());
    assert_eq!(revoked.changed_at(), at(5));
    for now in [at(5), at(1_000)] {
        let expected = ["retiring", "compromised", "active", "next"];
        assert_eq!(states(&revoked, now), expected);
    }
}

#[test]
fn a_change_with_too_few_or_old_keys_is_impossible() {
    let change = || ring().revoke(&kid(0), at(10)).unwrap();
    assert!(change().finish([]).is_err());
    assert!(change().finish([numbered(0)]).is_err());
    assert_eq!(
        KeyState::Next,
        ring_of(numbered(5), at(0)).signing()[1].state_at(at(9))
    );
}

const DAY: u64 = 24 * 60 * 60;
const LAG: u64 = 120;

#[test]
fn a_restored_ring_becomes_newer_than_what_replicas_have_seen() {
    let ring = ring();
    let restored = done(ring.restore_over(7, at(60)));
    assert_eq!(restored.generation(), 8);
    assert_eq!(restored.signing(), ring.signing());
    assert_eq!(restored.name(), ring.name());
    assert!(restored.restore_over(8, at(61)).is_empty());
    assert!(ring.restore_over(1, at(60)).is_empty());
}
