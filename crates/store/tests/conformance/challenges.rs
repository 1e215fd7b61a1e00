//! What challenges promise.

use futures::future::join_all;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_store::{Challenge, ChallengePayload};
use signet_verifier::Timestamp;

use crate::given::{NOW, Place, after};

const MFA: OneTimePurpose = OneTimePurpose::SecondFactor;
const PASSKEY: OneTimePurpose = OneTimePurpose::PasskeySignIn;

fn id(number: u8) -> OneTimeDigest {
    OneTimeDigest::from_bytes([number; 32])
}

fn payload(text: &str) -> ChallengePayload {
    text.as_bytes().to_vec().try_into().unwrap()
}

async fn put(place: &Place, number: u8, text: &str, until: Timestamp) {
    let challenge = challenge(number, text, until);
    place.first.challenges.put(&challenge, NOW).await.unwrap();
}

fn challenge(number: u8, text: &str, until: Timestamp) -> Challenge {
    Challenge {
        purpose: MFA,
        id: id(number),
        payload: payload(text),
        until,
    }
}

async fn take(place: &Place, number: u8, now: Timestamp) -> Option<ChallengePayload> {
    let challenges = &place.second.challenges;
    challenges.take(MFA, id(number), now).await.unwrap()
}

/// The number of the attempt.
async fn attempt(place: &Place, number: u8, now: Timestamp) -> Option<u64> {
    let challenges = &place.second.challenges;
    let attempt = challenges.attempt(MFA, id(number), now).await.unwrap();
    attempt.map(|attempt| attempt.number)
}

pub(crate) async fn a_challenge_is_taken_once_with_its_payload(place: &Place) {
    put(place, 1, "ada", after(60)).await;
    put(place, 2, "bob\0\u{7f}", after(60)).await;
    assert_eq!(take(place, 3, NOW).await, None);
    assert_eq!(take(place, 1, after(59)).await, Some(payload("ada")));
    assert_eq!(take(place, 1, NOW).await, None);
    assert_eq!(take(place, 2, NOW).await, Some(payload("bob\0\u{7f}")));
}

pub(crate) async fn a_payload_has_at_most_8192_bytes(place: &Place) {
    let longest = "a".repeat(8_192);
    put(place, 1, &longest, after(60)).await;
    assert_eq!(take(place, 1, NOW).await, Some(payload(&longest)));
    assert!(ChallengePayload::try_from(vec![0; 8_193]).is_err());
}

pub(crate) async fn a_challenge_does_not_exist_for_another_purpose(place: &Place) {
    put(place, 1, "ada", after(60)).await;
    let challenges = &place.second.challenges;
    let other = challenges.take(PASSKEY, id(1), NOW).await.unwrap();
    assert_eq!(other, None);
    let other = challenges.attempt(PASSKEY, id(1), NOW).await.unwrap();
    assert_eq!(other, None);
    assert_eq!(take(place, 1, NOW).await, Some(payload("ada")));
}

pub(crate) async fn a_challenge_expires_at_its_millisecond(place: &Place) {
    put(place, 1, "ada", after(60)).await;
    assert_eq!(attempt(place, 1, after(60)).await, None);
    assert_eq!(take(place, 1, after(60)).await, None);
}

pub(crate) async fn attempts_are_numbered_and_leave_the_challenge_in_place(place: &Place) {
    put(place, 1, "ada", after(60)).await;
    for expected in 1..=7 {
        assert_eq!(attempt(place, 1, NOW).await, Some(expected));
    }
    assert_eq!(take(place, 1, NOW).await, Some(payload("ada")));
    assert_eq!(attempt(place, 1, NOW).await, None);
    put(place, 1, "bob", after(60)).await;
    assert_eq!(attempt(place, 1, NOW).await, Some(1));
}

async fn replace(place: &Place, previous: Option<&str>, text: &str, now: Timestamp) -> bool {
    let previous = previous.map(payload);
    let challenges = &place.second.challenges;
    let next = challenge(1, text, after(60));
    let replaced = challenges.replace(&next, previous.as_ref(), now);
    replaced.await.unwrap()
}

pub(crate) async fn a_challenge_is_replaced_only_by_one_that_knows_its_payload(place: &Place) {
    assert!(!replace(place, Some("ada"), "bob", NOW).await);
    assert!(replace(place, None, "ada", NOW).await);
    assert_eq!(attempt(place, 1, NOW).await, Some(1));
    for previous in [None, Some("bob"), Some("")] {
        assert!(!replace(place, previous, "eve", NOW).await, "{previous:?}");
    }
    assert!(replace(place, Some("ada"), "bob", NOW).await);
    assert_eq!(attempt(place, 1, NOW).await, Some(2));
    assert!(!replace(place, Some("bob"), "eve", after(60)).await);
    assert_eq!(take(place, 1, NOW).await, Some(payload("bob")));
    assert!(!replace(place, Some("bob"), "eve", NOW).await);

    put(place, 1, "ada", after(30)).await;
    assert!(replace(place, None, "eve", after(30)).await);
    assert_eq!(attempt(place, 1, after(30)).await, Some(1));
    assert_eq!(take(place, 1, after(59)).await, Some(payload("eve")));
}

pub(crate) async fn of_fifty_that_replace_a_challenge_one_wins(place: &Place) {
    for previous in [None, Some(payload("ada"))] {
        let tries = (0..50).map(|turn| {
            let (next, previous) = (challenge(1, &turn.to_string(), after(60)), previous.clone());
            async move {
                let challenges = place.handle(turn).challenges;
                let replaced = challenges.replace(&next, previous.as_ref(), NOW);
                replaced.await.unwrap().then_some(next.payload)
            }
        });
        let won: Vec<_> = join_all(tries).await.into_iter().flatten().collect();
        assert_eq!(won.len(), 1);
        assert_eq!(take(place, 1, NOW).await.as_ref(), won.first());
        put(place, 1, "ada", after(60)).await;
    }
}

pub(crate) async fn of_fifty_takers_one_wins(place: &Place) {
    put(place, 1, "ada", after(60)).await;
    let tries = (0..50).map(|turn| async move {
        let challenges = place.handle(turn).challenges;
        challenges.take(MFA, id(1), NOW).await.unwrap()
    });
    let taken = join_all(tries).await.into_iter().flatten();
    assert_eq!(taken.collect::<Vec<_>>(), [payload("ada")]);
}

pub(crate) async fn of_fifty_attempts_each_has_its_own_number(place: &Place) {
    put(place, 1, "ada", after(60)).await;
    let attempts = (0..50).map(|turn| async move {
        let challenges = place.handle(turn).challenges;
        challenges.attempt(MFA, id(1), NOW).await.unwrap()
    });
    let attempts = join_all(attempts).await.into_iter().flatten();
    let mut numbers: Vec<_> = attempts.map(|attempt| attempt.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
}

pub(crate) async fn purged_challenges_are_those_past_their_time(place: &Place) {
    put(place, 1, "ada", after(60)).await;
    put(place, 2, "bob", after(61)).await;
    place.first.challenges.purge(after(60), 10).await.unwrap();
    assert_eq!(take(place, 2, after(60)).await, Some(payload("bob")));
}
