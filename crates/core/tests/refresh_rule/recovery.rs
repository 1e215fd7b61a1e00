//! What recovery costs and what it saves: for how long a used token works, how many thieves of one
//! get in, and how many honest phones have to sign in again without it.
//!
//! The figures stand in SECURITY.md, where operators read them before they change
//! `session.recover_within`.

use std::fmt::Write as _;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use signet_core::session::SessionPolicy;

use crate::world::{World, endless_policy};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What operators may choose, with the names that SECURITY.md gives them.
const CHOICES: [(&str, Duration); 4] = [
    ("`3d` (default)", Duration::from_hours(72)),
    ("`1d`", DAY),
    ("`10m`", Duration::from_mins(10)),
    ("`0s` (off)", Duration::ZERO),
];

/// How many phones are tried, and how often each refreshes: 25 days on average.
const PHONES: u64 = 1_000;
const REFRESHES: u32 = 100;

#[test]
fn the_figures_of_recovery_are_those_that_operators_read() {
    let security = include_str!("../../../../SECURITY.md");
    let mut table = String::new();
    for (name, within) in CHOICES {
        writeln!(
            table,
            "| {name} | {} | {} % | {} % | {} | {} |",
            spelled(works_for(within)),
            thieves_admitted(within, 8 * HOUR),
            thieves_admitted(within, 64 * HOUR),
            phones_signed_out(within, 0.01),
            phones_signed_out(within, 0.05),
        )
        .unwrap();
    }
    for row in table.lines() {
        assert!(
            security.contains(row),
            "SECURITY.md lacks a row of:\n{table}"
        );
    }
}

/// The owner's next refresh after a theft ends the session for both, however long it took.
#[test]
fn a_thief_who_recovers_is_found_when_the_owner_comes_back() {
    for (_, within) in CHOICES {
        for pause in [HOUR, 8 * HOUR, 64 * HOUR] {
            let mut world = after_two_refreshes(within);
            // The thief takes the session over and holds its newest token.
            let Some(stolen) = world.show(2, MINUTE + pause / 2).1 else {
                continue;
            };
            assert_eq!(world.show(3, MINUTE + pause).0, "reuse-displaced");
            assert_eq!(world.show(stolen, MINUTE + pause).0, "gone");
        }
    }
}

/// The owner holds token 3 and has not used it; token 2 was used at one minute, and is the one
/// that was copied.
fn after_two_refreshes(recover_within: Duration) -> World {
    let mut world = World::new(SessionPolicy {
        recover_within,
        ..endless_policy()
    });
    assert_eq!(world.show(1, Duration::ZERO).1, Some(2));
    assert_eq!(world.show(2, MINUTE).1, Some(3));
    world
}

/// How long the copied token is valid while the owner is silent.
fn works_for(recover_within: Duration) -> Duration {
    let seconds: Vec<_> = (0..4 * DAY.as_secs()).collect();
    let refused = seconds.partition_point(|seconds| {
        let at = MINUTE + Duration::from_secs(*seconds);
        after_two_refreshes(recover_within).show(2, at).1.is_some()
    });
    Duration::from_secs(seconds[refused - 1])
}

/// Of thieves who come at any whole minute while the owner is silent, the share that gets in.
fn thieves_admitted(recover_within: Duration, pause: Duration) -> u64 {
    let minutes = pause.as_secs() / 60;
    let admitted = (1..=minutes).filter(|minute| {
        let at = MINUTE + Duration::from_mins(*minute);
        after_two_refreshes(recover_within).show(2, at).1.is_some()
    });
    (admitted.count() as u64 * 100).div_ceil(minutes)
}

/// Phones that lose this share of the answers and show the old token at their next use, a minute to
/// two days later.
fn phones_signed_out(recover_within: Duration, loss: f64) -> usize {
    let survives = |seed: &u64| {
        let mut rng = StdRng::seed_from_u64(*seed);
        let mut world = World::new(SessionPolicy {
            recover_within,
            ..endless_policy()
        });
        let mut now = Duration::ZERO;
        let mut token = 1;
        (0..REFRESHES).all(|_| {
            let shortest_to_longest = (2.0 * DAY.as_secs_f64() / MINUTE.as_secs_f64()).ln();
            now += MINUTE.mul_f64((rng.random::<f64>() * shortest_to_longest).exp());
            let Some(newest) = world.show(token, now).1 else {
                return false;
            };
            if rng.random::<f64>() >= loss {
                token = newest;
            }
            true
        })
    };
    (0..PHONES).filter(|seed| !survives(seed)).count()
}

fn spelled(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        86_400.. => format!("{} d", seconds / 86_400),
        60.. => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}
