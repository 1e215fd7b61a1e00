//! Thieves: a thief who shares a session with its owner is found, in any order of their requests.

use crate::world::{World, endless_policy};

/// How often the owner's client refreshes, in seconds.
const OWNER_PERIOD: u32 = 600;

/// Within two of the owner's refreshes after the theft, with room for one period.
const FOUND_WITHIN_SECONDS: u32 = 2 * OWNER_PERIOD + 100;

#[test]
fn owner_and_thief_who_take_turns_are_found_in_every_order() {
    for gap_seconds in [61, 200] {
        for order in every_order() {
            let turns = turns_until_found(order, gap_seconds);
            assert!(
                turns.is_some_and(|turns| turns <= 8),
                "{order:?} at {gap_seconds} s: {turns:?}"
            );
        }
    }
}

/// The price of forgiving late answers: two who both refresh within a minute, again and again, can
/// look like one browser with a bad network. No client of ours refreshes that often.
#[test]
fn only_orders_that_look_like_a_bad_network_go_on_unnoticed_within_the_displaced_grace() {
    let unnoticed = every_order().filter(|&order| turns_until_found(order, 11).is_none());
    assert_eq!(unnoticed.count(), 12);
}

#[test]
fn a_polling_thief_is_found_within_two_refreshes_of_the_owner() {
    for period in [1, 3, 5, 9, 11, 15, 29, 30, 59, 61, 120, 299, 590, 600] {
        for phase in [0, 1, 5, 9, 11, 50, 300, 595] {
            let found = seconds_until_found(period, phase);
            assert!(
                found.is_some_and(|seconds| seconds <= FOUND_WITHIN_SECONDS),
                "period {period} s, phase {phase} s: {found:?}",
            );
        }
    }
}

/// Every order of two to eight turns in which both have one, as bits and their number.
fn every_order() -> impl Iterator<Item = (u32, u32)> {
    (2..=8).flat_map(|length| (1..(1_u32 << length) - 1).map(move |bits| (bits, length)))
}

/// Both begin with token 1 and show what they hold in the order of the bits, again and again.
fn turns_until_found((bits, length): (u32, u32), gap_seconds: u32) -> Option<u32> {
    let mut world = World::new(endless_policy());
    let mut held = [1, 1];
    (0..80).find(|turn| {
        let who = usize::from(bits >> (turn % length) & 1 == 1);
        match world.answer(held[who], f64::from((turn + 1) * gap_seconds)) {
            Some(newest) => held[who] = newest,
            None => return true,
        }
        false
    })
}

/// The thief copies the owner's token at 1,300 s plus `phase` and shows it each `period` seconds.
fn seconds_until_found(period: u32, phase: u32) -> Option<u32> {
    let theft = 1_300 + phase;
    let mut visits: Vec<(u32, Visitor)> = (1..40)
        .map(|n| (n * OWNER_PERIOD, Visitor::Owner))
        .collect();
    visits.extend((0..22_000 / period).map(|n| (theft + n * period, Visitor::Thief)));
    visits.sort_unstable();

    let mut world = World::new(endless_policy());
    let mut owned = 1;
    let mut stolen = None;
    for (now, visitor) in visits {
        let shown = match visitor {
            Visitor::Owner => owned,
            Visitor::Thief => *stolen.get_or_insert(owned),
        };
        let Some(newest) = world.answer(shown, f64::from(now)) else {
            return Some(now.saturating_sub(theft));
        };
        match visitor {
            Visitor::Owner => owned = newest,
            Visitor::Thief => stolen = Some(newest),
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Visitor {
    Owner,
    Thief,
}
