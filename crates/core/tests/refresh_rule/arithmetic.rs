//! No counter wraps, no clock that steps back panics, and whatever comes the record stays possible.

use std::time::Duration;

use proptest::prelude::*;
use signet_core::session::{Decision, Generation, SessionPolicy, decide};
use signet_verifier::Timestamp;

use crate::world::{GOOD_STANDING, World, endless_policy, new_session};

fn any_generation() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..8, any::<u32>(), (u32::MAX - 3)..=u32::MAX]
}

fn any_time() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        1_799_999_900_000_u64..1_800_000_100_000,
        Just(0),
        Just(u64::MAX)
    ]
}

proptest! {
    #[test]
    fn nothing_panics_whatever_the_clock_says(
        steps in prop::collection::vec((any_generation(), any_time()), 1..20),
    ) {
        let policy = SessionPolicy::default();
        let mut session = new_session(&policy);
        for (generation, now) in steps {
            let presented = Generation::from_number(generation);
            let now = Timestamp::from_millis(now);
            match decide(&session, presented, Some(GOOD_STANDING), now, &policy) {
                Decision::Heal(next) | Decision::Rotate(next) | Decision::Recover(next) => {
                    prop_assert!(next.rotation.generation > session.rotation.generation);
                    prop_assert!(next.rotation.accepted < next.rotation.generation);
                    prop_assert!(next.rotation.previous_floor <= next.rotation.floor);
                    prop_assert!(next.rotation.floor <= next.rotation.accepted);
                    prop_assert!(next.version == session.version + 1);
                    prop_assert_eq!(
                        next.lifetime.absolute_expires_at, session.lifetime.absolute_expires_at
                    );
                    session = next;
                }
                Decision::Replay | Decision::ReplayDisplaced => {}
                Decision::Expired | Decision::Reuse(_) => break,
            }
        }
    }

    #[test]
    fn a_burst_with_one_token_rotates_once(
        late in prop::collection::vec(0_u64..=10_000, 1..50),
    ) {
        let mut world = World::new(endless_policy());
        prop_assert_eq!(world.show(1, Duration::ZERO), ("rotate", Some(2)));
        for milliseconds in late {
            let answer = world.show(1, Duration::from_millis(milliseconds));
            prop_assert_eq!(answer, ("replay", Some(2)));
        }
    }

    #[test]
    fn a_clock_that_steps_back_only_prolongs_a_grace(back in 0_u64..1_000_000) {
        let mut world = World::new(endless_policy());
        world.show(1, Duration::from_secs(1_000));
        let answer = world.show(1, Duration::from_millis(1_000_000 - back));
        prop_assert_eq!(answer, ("replay", Some(2)));
    }
}
