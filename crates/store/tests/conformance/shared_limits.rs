//! What counters of requests promise. Intervals are long, so no server removes one meanwhile.

use std::time::Duration;

use futures::future::join_all;
use signet_core::limits::{CounterId, Quota, Verdict, admit};
use signet_store::{CounterGroup, Counts};
use signet_verifier::Timestamp;

use crate::given::{NOW, Place, after};

/// Counters of group 1 with these ids and requests per minute.
fn group(counters: &[(u8, u32)]) -> CounterGroup {
    let counter = |&(id, number): &(u8, u32)| {
        let id = CounterId::from_bytes([id; 16]);
        (id, Quota::per_minute(number))
    };
    CounterGroup {
        id: CounterId::from_bytes([1; 16]),
        counters: counters.iter().map(counter).collect(),
    }
}

async fn count(place: &Place, group: &CounterGroup, now: Timestamp) -> Counts {
    place.second.shared_limits.count(group, now).await.unwrap()
}

fn seconds(numbers: &[u64]) -> Vec<Duration> {
    numbers.iter().copied().map(Duration::from_secs).collect()
}

pub(crate) async fn a_burst_is_counted_and_comes_back_at_the_rate(place: &Place) {
    let three = group(&[(1, 3)]);
    for whole_in in [20, 40, 60] {
        let counts = count(place, &three, NOW).await;
        assert_eq!(
            (counts.counted, counts.whole_in),
            (true, seconds(&[whole_in]))
        );
    }
    let refused = count(place, &three, NOW).await;
    assert_eq!((refused.counted, refused.whole_in), (false, seconds(&[60])));
    let again = count(place, &three, after(20)).await;
    assert_eq!((again.counted, again.whole_in), (true, seconds(&[60])));
    assert!(!count(place, &three, after(39)).await.counted);
}

pub(crate) async fn a_request_counts_against_all_counters_or_none(place: &Place) {
    let both = group(&[(1, 3), (2, 1)]);
    let first = count(place, &both, NOW).await;
    assert_eq!((first.counted, first.whole_in), (true, seconds(&[20, 60])));
    let refused = count(place, &both, NOW).await;
    assert_eq!(
        (refused.counted, refused.whole_in),
        (false, seconds(&[20, 60]))
    );
    assert_eq!(
        count(place, &group(&[(1, 3)]), NOW).await.whole_in,
        seconds(&[40])
    );
}

pub(crate) async fn counters_of_two_groups_are_kept_apart(place: &Place) {
    let one = group(&[(1, 1)]);
    let other = CounterGroup {
        id: CounterId::from_bytes([b'}'; 16]),
        ..one.clone()
    };
    assert!(count(place, &one, NOW).await.counted);
    assert!(count(place, &other, NOW).await.counted);
    assert!(!count(place, &one, NOW).await.counted);
}

pub(crate) async fn what_is_taken_back_can_be_counted_again(place: &Place) {
    let two = group(&[(1, 2), (2, 3)]);
    count(place, &two, NOW).await;
    count(place, &two, NOW).await;
    assert!(!count(place, &two, NOW).await.counted);
    place
        .first
        .shared_limits
        .take_back(&two, NOW)
        .await
        .unwrap();
    let again = count(place, &two, NOW).await;
    assert_eq!((again.counted, again.whole_in), (true, seconds(&[60, 40])));
    for _ in 0..5 {
        place
            .first
            .shared_limits
            .take_back(&two, NOW)
            .await
            .unwrap();
    }
    // A counter never holds more than its burst.
    assert_eq!(count(place, &two, NOW).await.whole_in, seconds(&[30, 20]));
}

pub(crate) async fn counters_that_are_reset_are_whole(place: &Place) {
    let both = group(&[(1, 1), (2, 1)]);
    count(place, &both, NOW).await;
    place.first.shared_limits.reset(both.id).await.unwrap();
    assert!(count(place, &both, NOW).await.counted);
}

pub(crate) async fn of_fifty_requests_a_burst_is_counted(place: &Place) {
    let seven = &group(&[(1, 7), (2, 300)]);
    let counts = (0..50).map(|turn| async move {
        let limits = place.handle(turn).shared_limits;
        limits.count(seven, NOW).await.unwrap().counted
    });
    let counted = join_all(counts).await;
    assert_eq!(counted.into_iter().filter(|counted| *counted).count(), 5);
    assert_eq!(
        count(place, seven, NOW).await.whole_in.last().copied(),
        Some(Duration::from_secs(1))
    );
}

pub(crate) async fn counters_say_what_the_rule_says(place: &Place) {
    for number in [1, 2, 7, 60, 6_000] {
        let group = group(&[(u8::try_from(number % 251).unwrap(), number)]);
        let quota = group.counters.first().unwrap().1;
        let mut whole_at = Duration::ZERO;
        for step in 0..20 {
            let now = Duration::from_secs(step * 7);
            let expected = admit(whole_at, quota, now);
            let counts = count(place, &group, after(step * 7)).await;
            assert_eq!(
                counts.counted, expected.allowed,
                "{number} a minute, step {step}"
            );
            if expected.allowed {
                whole_at = now + expected.reset;
                let verdict = Verdict::after_counting(*counts.whole_in.first().unwrap(), quota);
                assert_eq!(verdict.remaining, expected.remaining);
            }
        }
    }
}

pub(crate) async fn purged_counters_are_those_that_are_whole(place: &Place) {
    let (soon, later) = (group(&[(1, 3)]), group(&[(2, 1)]));
    count(place, &soon, NOW).await;
    count(place, &later, NOW).await;
    place
        .first
        .shared_limits
        .purge(after(20), 10)
        .await
        .unwrap();
    assert!(!count(place, &later, after(59)).await.counted);
    assert_eq!(
        count(place, &soon, after(20)).await.whole_in,
        seconds(&[20])
    );
}
