//! Every holder of every token: an owner and a thief at random times, with answers that get lost.
//!
//! The model knows the newest generation and what each holder has; it must not know the rule.

use std::time::Duration;

use proptest::prelude::*;

use crate::world::{World, endless_policy};

/// The grace in which a token may be shown again; the default policy's.
const GRACE_MILLISECONDS: u64 = 10_000;

/// The shortest gap that is longer than every grace.
const BEYOND_GRACES_MILLISECONDS: u64 = 60_001;

/// Longer than the three days in which a lost answer can be recovered.
const LONGEST_GAP_MILLISECONDS: u64 = 5 * 24 * 3_600_000;

/// One showing of a token.
#[derive(Clone, Debug)]
struct Turn {
    /// 0 is the owner, 1 the thief.
    holder: usize,
    /// Since the turn before.
    gap: Duration,
    answer_is_lost: bool,
}

/// Both holders begin with token 1.
struct Model {
    world: World,
    now: Duration,
    newest: u32,
    held: [u32; 2],
}

impl Model {
    fn new() -> Self {
        Self {
            world: World::new(endless_policy()),
            now: Duration::ZERO,
            newest: 1,
            held: [1, 1],
        }
    }

    /// What was decided and answered; the holder keeps the answer unless it is lost.
    fn take(&mut self, turn: &Turn) -> (&'static str, Option<u32>) {
        self.now += turn.gap;
        let (name, answer) = self.world.show(self.held[turn.holder], self.now);
        if let Some(newest) = answer {
            self.newest = newest;
            if !turn.answer_is_lost {
                self.held[turn.holder] = newest;
            }
        }
        (name, answer)
    }

    /// Which of all tokens so far would be exchanged as the newest one now.
    fn live(&self) -> Vec<u32> {
        (0..=self.newest)
            .filter(|&generation| {
                let mut world = World {
                    session: self.world.session.clone(),
                    policy: self.world.policy,
                };
                world.show(generation, self.now).0 == "rotate"
            })
            .collect()
    }
}

/// From a millisecond to days, each magnitude as likely.
fn any_gap() -> impl Strategy<Value = u64> {
    prop_oneof![
        1_u64..1_000,
        1_000..GRACE_MILLISECONDS,
        GRACE_MILLISECONDS..BEYOND_GRACES_MILLISECONDS,
        BEYOND_GRACES_MILLISECONDS..3_600_000,
        3_600_000..LONGEST_GAP_MILLISECONDS,
    ]
}

fn long_gap() -> impl Strategy<Value = u64> {
    prop_oneof![
        BEYOND_GRACES_MILLISECONDS..3_600_000,
        3_600_000..LONGEST_GAP_MILLISECONDS,
    ]
}

fn turns(gap: impl Strategy<Value = u64>) -> impl Strategy<Value = Vec<Turn>> {
    let turn =
        (0_usize..2, gap, prop::bool::weighted(0.2)).prop_map(|(holder, gap, answer_is_lost)| {
            Turn {
                holder,
                gap: Duration::from_millis(gap),
                answer_is_lost,
            }
        });
    prop::collection::vec(turn, 1..24)
}

proptest! {
    #[test]
    fn every_answer_is_the_newest_token_and_no_other_is_live(turns in turns(any_gap())) {
        let mut model = Model::new();
        let mut has_ended = false;
        for turn in &turns {
            let (shown, newest) = (model.held[turn.holder], model.newest);
            let (name, answer) = model.take(turn);
            let expected = match name {
                "rotate" if shown == newest => Some(newest + 1),
                "recover" if shown < newest => Some(newest + 1),
                "replay" | "displaced" if shown < newest => Some(newest),
                "reuse-stale" | "reuse-displaced" if shown < newest => None,
                "gone" if has_ended => None,
                _ => return Err(TestCaseError::fail(format!("{name}: {shown} of {newest}"))),
            };
            prop_assert_eq!(answer, expected);
            prop_assert!(!has_ended || answer.is_none());
            has_ended |= answer.is_none();
            let live = if has_ended { vec![] } else { vec![model.newest] };
            prop_assert_eq!(model.live(), live);
        }
    }

    /// Different tokens in two hands: when both have been shown, however many answers were lost,
    /// the session is over.
    #[test]
    fn two_holders_of_different_tokens_are_found_when_both_have_shown_one(
        turns in turns(long_gap()),
    ) {
        let mut model = Model::new();
        let mut have_shown = [false, false];
        for turn in &turns {
            if model.held[0] != model.held[1] {
                have_shown[turn.holder] = true;
            }
            let (_, answer) = model.take(turn);
            prop_assert!(have_shown != [true, true] || answer.is_none(), "{:?}", model.held);
            if answer.is_none() {
                break;
            }
        }
    }

    /// Tabs that share the token show it again within the grace.
    #[test]
    fn a_single_holder_who_gets_every_answer_only_rotates_and_replays(
        bursts in prop::collection::vec(
            (any_gap(), prop::collection::vec(0..=GRACE_MILLISECONDS, 0..4)),
            1..24,
        ),
    ) {
        let mut world = World::new(endless_policy());
        let mut now = Duration::ZERO;
        for (held, (gap, mut late)) in (1..).zip(bursts) {
            now += Duration::from_millis(gap);
            prop_assert_eq!(world.show(held, now), ("rotate", Some(held + 1)));
            late.sort_unstable();
            let rotated = now;
            for milliseconds in late {
                now = rotated + Duration::from_millis(milliseconds);
                prop_assert_eq!(world.show(held, now), ("replay", Some(held + 1)));
            }
        }
    }
}
