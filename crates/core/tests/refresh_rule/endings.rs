//! What ends a session apart from its tokens: time, and its account.

use std::time::Duration;

use signet_core::account::{AccountStatus, Epoch, Standing};
use signet_core::session::{Decision, Generation, Reuse, SessionPolicy, decide};

use crate::world::{GOOD_STANDING, START, World, new_session};

const DAY: Duration = Duration::from_hours(24);
const MOMENT: Duration = Duration::from_millis(1);

#[test]
fn a_session_ends_when_it_has_been_idle_too_long() {
    let mut world = World::new(SessionPolicy::default());
    assert_eq!(world.show(1, (14 * DAY).saturating_sub(MOMENT)).0, "rotate");
    let mut world = World::new(SessionPolicy::default());
    assert_eq!(world.show(1, 14 * DAY).0, "expired");
}

#[test]
fn rotation_moves_the_idle_end_and_never_the_absolute_one() {
    let mut world = World::new(SessionPolicy::default());
    for (generation, day) in (1..).zip((10..90).step_by(10)) {
        assert_eq!(world.show(generation, day * DAY).0, "rotate", "day {day}");
    }
    let lifetime = world.session.as_ref().unwrap().lifetime;
    assert_eq!(lifetime.idle_expires_at, lifetime.absolute_expires_at);
    assert_eq!(world.show(9, 90 * DAY).0, "expired");
}

#[test]
fn a_session_ends_with_its_account() {
    let policy = SessionPolicy::default();
    let session = new_session(&policy);
    let disabled = Standing {
        status: AccountStatus::Disabled,
        ..GOOD_STANDING
    };
    let later_epoch = Standing {
        epoch: Epoch::from_number(2),
        ..GOOD_STANDING
    };
    for standing in [None, Some(disabled), Some(later_epoch)] {
        let decision = decide(&session, Generation::FIRST, standing, START, &policy);
        assert_eq!(decision, Decision::Expired, "{standing:?}");
    }
}

#[test]
fn a_session_that_its_account_keeps_goes_on_at_the_epoch_it_was_made_at() {
    let policy = SessionPolicy::default();
    let session = new_session(&policy);
    let keeping = Standing {
        epoch: GOOD_STANDING.epoch.after_ending(START),
        kept: Some(GOOD_STANDING.keeping(session.id)),
        ..GOOD_STANDING
    };
    let decision = decide(&session, Generation::FIRST, Some(keeping), START, &policy);
    let Decision::Rotate(next) = decision else {
        panic!("{decision:?}");
    };
    assert_eq!(next.grant, session.grant);
}

#[test]
fn under_the_strict_policy_every_second_use_is_reuse() {
    let mut world = World::new(SessionPolicy::default().strict());
    assert_eq!(world.show(1, Duration::ZERO), ("rotate", Some(2)));
    assert_eq!(world.show(1, Duration::ZERO), ("reuse-stale", None));
}

#[test]
fn under_the_strict_policy_a_token_ahead_of_the_record_is_reuse() {
    let mut world = World::new(SessionPolicy::default().strict());
    assert_eq!(world.show(2, Duration::ZERO), ("reuse-stale", None));
}

#[test]
fn the_last_generation_has_no_successor() {
    let policy = SessionPolicy::default();
    let mut session = new_session(&policy);
    session.rotation.generation = Generation::from_number(u32::MAX);
    for presented in [Generation::from_number(u32::MAX), Generation::NONE] {
        let decision = decide(&session, presented, Some(GOOD_STANDING), START, &policy);
        assert_eq!(decision, Decision::Reuse(Reuse::Stale));
    }
}

#[test]
fn a_token_ahead_of_the_record_heals_only_if_it_has_a_successor() {
    let mut world = World::new(SessionPolicy::default());
    let last = u32::MAX;
    assert_eq!(world.show(last - 1, Duration::ZERO), ("heal", Some(last)));
    let mut world = World::new(SessionPolicy::default());
    assert_eq!(world.show(last, Duration::ZERO), ("reuse-stale", None));
}

#[test]
fn each_change_raises_the_version_by_one() {
    let mut world = World::new(SessionPolicy::default());
    for (generation, version) in [(1, 2), (2, 3), (2, 3), (9, 4)] {
        world.show(generation, Duration::from_secs(1));
        assert_eq!(world.session.as_ref().unwrap().version, version);
    }
}
