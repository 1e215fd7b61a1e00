//! Whether the answers to concurrent operations can be explained by an order of their steps.
//!
//! Each step took effect at one moment between the beginning and the end of its operation. The
//! search tries orders, and remembers which sets of steps have led to which state (Lowe, "Testing
//! for linearizability", 2017). It must not know what a step does.

use std::collections::HashMap;

/// One step of an operation.
#[derive(Debug)]
pub(super) struct Step<T> {
    /// When its operation began.
    pub(super) begun: u64,
    /// When its operation was answered.
    pub(super) ended: u64,
    /// The step of the same operation that comes before it.
    pub(super) after: Option<usize>,
    /// What it does.
    pub(super) effect: T,
}

/// What a step does to a state: the state afterwards, or `None` if the answer does not fit.
pub(super) trait Effect<S> {
    fn on(&self, state: &S) -> Option<S>;
}

/// Whether there is an order of all steps in which every answer fits, from this state on.
pub(super) fn is_explained<S: PartialEq, T: Effect<S>>(steps: &[Step<T>], initial: S) -> bool {
    assert!(steps.len() <= MOST_STEPS, "{} steps", steps.len());
    let all = (0..steps.len()).fold(0, |all, step| all | bit(step));
    // The states to which each set of steps has led.
    let mut seen: HashMap<u128, Vec<S>> = HashMap::new();
    let mut open = vec![(0, initial)];
    while let Some((done, state)) = open.pop() {
        if done == all {
            return true;
        }
        let known = seen.entry(done).or_default();
        if known.contains(&state) {
            continue;
        }
        for step in possible(steps, done) {
            if let Some(next) = steps[step].effect.on(&state) {
                open.push((done | bit(step), next));
            }
        }
        known.push(state);
    }
    false
}

/// The steps that can come next: none of the others was over before they began.
fn possible<T>(steps: &[Step<T>], done: u128) -> impl Iterator<Item = usize> {
    let left = (0..steps.len()).filter(move |step| done & bit(*step) == 0);
    let first_end = left.clone().map(|step| steps[step].ended).min();
    left.filter(move |&step| {
        let Step { begun, after, .. } = &steps[step];
        first_end.is_some_and(|end| *begun <= end)
            && after.is_none_or(|before| done & bit(before) != 0)
    })
}

fn bit(step: usize) -> u128 {
    1 << step
}

const MOST_STEPS: usize = 127;

/// A register, which reads what was written last.
#[derive(Clone, Copy)]
enum Register {
    Write(u8),
    Read(u8),
}

impl Effect<u8> for Register {
    fn on(&self, state: &u8) -> Option<u8> {
        match self {
            Self::Write(value) => Some(*value),
            Self::Read(value) => (value == state).then_some(*state),
        }
    }
}

fn register_is_explained(steps: &[(u64, u64, Register)]) -> bool {
    let steps = steps.iter().map(|&(begun, ended, effect)| Step {
        begun,
        ended,
        after: None,
        effect,
    });
    is_explained(&steps.collect::<Vec<_>>(), 0)
}

#[test]
fn concurrent_steps_are_explained_in_either_order() {
    for read in [0, 1] {
        let steps = [(1, 4, Register::Write(1)), (2, 3, Register::Read(read))];
        assert!(register_is_explained(&steps), "{read}");
    }
}

#[test]
fn an_old_value_after_a_new_one_is_not_explained() {
    let write = (1, 6, Register::Write(1));
    let (new, old) = (Register::Read(1), Register::Read(0));
    assert!(register_is_explained(&[write, (2, 3, old), (4, 5, new)]));
    assert!(!register_is_explained(&[write, (2, 3, new), (4, 5, old)]));
    assert!(!register_is_explained(&[write, (7, 8, old)]));
}
