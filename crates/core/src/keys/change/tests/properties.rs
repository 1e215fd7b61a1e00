//! Whatever is done to a ring in whatever order, and whatever the clock does meanwhile.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;
use signet_verifier::Timestamp;

use crate::keys::fixtures::public_key;
use crate::keys::{
    KeyRing, KeyState, Kid, Lifetimes, RingChange, RingRefusal, RotationPolicy, SigningEntry,
};

#[derive(Clone, Debug)]
enum Step {
    Rotate { lead: Duration },
    RotateAtOnce,
    RotateMac,
    RotateData,
    Retire,
    Revoke { pick: usize },
    RevokeMac,
    RevokeAll,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..200_000_u64).prop_map(|seconds| Step::Rotate { lead: Duration::from_secs(seconds) }),
        2 => Just(Step::RotateAtOnce),
        2 => Just(Step::RotateMac),
        2 => Just(Step::RotateData),
        3 => Just(Step::Retire),
        2 => any::<usize>().prop_map(|pick| Step::Revoke { pick }),
        1 => Just(Step::RevokeMac),
        1 => Just(Step::RevokeAll),
    ]
}

/// Seconds that pass before a step; now and then the clock steps back.
fn elapsed() -> impl Strategy<Value = i64> {
    prop_oneof![6 => 0..400_i64, 3 => 0..200_000_i64, 1 => -5_000..0_i64]
}

fn decide(ring: &KeyRing, step: &Step, now: Timestamp) -> Result<RingChange, RingRefusal> {
    match step {
        Step::Rotate { lead } => {
            let policy = RotationPolicy {
                publish_lead: *lead,
                ..RotationPolicy::default()
            };
            ring.rotate(&policy, now)
        }
        Step::RotateAtOnce => ring.rotate(&RotationPolicy::AT_ONCE, now),
        Step::RotateMac => ring.rotate_mac(&RotationPolicy::default(), now),
        Step::RotateData => ring.rotate_data(&RotationPolicy::default(), now),
        Step::Retire => ring.retire(now),
        Step::Revoke { pick } => {
            let keys = ring.signing();
            ring.revoke(keys[pick % keys.len()].kid(), now)
        }
        Step::RevokeMac => Ok(ring.revoke_mac(now)),
        Step::RevokeAll => Ok(ring.revoke_all(now)),
    }
}

/// A ring that is driven through time, with a token signed at every stop.
struct World {
    ring: KeyRing,
    now: Timestamp,
    made: u64,
    tokens: Vec<(Kid, Timestamp)>,
}

impl World {
    fn new() -> Self {
        let now = Timestamp::from_seconds(1_800_000_000);
        let lifetimes = Lifetimes::default();
        let ring = KeyRing::init([0, 1].map(public_key), lifetimes, now).unwrap();
        Self {
            ring,
            now,
            made: 2,
            tokens: Vec::new(),
        }
    }

    fn pass(&mut self, seconds: i64) {
        let duration = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 {
            let first = Timestamp::from_seconds(1_800_000_000);
            self.now = self.now.saturating_sub(duration).max(first);
            // Tokens signed by a clock that was ahead are not promised to stay valid.
            let longest = Duration::from_mins(10 + 2);
            let end = self.now.saturating_add(longest);
            self.tokens.retain(|(_, dead_at)| *dead_at <= end);
        } else {
            self.now = self.now.saturating_add(duration);
        }
        if let Some(active) = self.ring.active_at(self.now) {
            let dead_at = self.now.saturating_add(Duration::from_mins(10 + 2));
            self.tokens.push((active.kid().clone(), dead_at));
        }
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let change = match decide(&self.ring, step, self.now) {
            Ok(change) => change,
            Err(refusal) => {
                prop_assert!(refusal.possible_at().is_some_and(|at| at > self.now));
                return Ok(());
            }
        };
        let before = self.ring.clone();
        let needed = u64::try_from(change.keys_needed()).unwrap();
        let empty = change.is_empty();
        self.ring = change
            .finish((self.made..self.made + needed).map(public_key))
            .unwrap();
        self.made += needed;
        prop_assert_eq!(
            self.ring.generation(),
            before.generation() + u64::from(!empty)
        );
        let kids = |ring: &KeyRing| -> Vec<Kid> {
            ring.signing().iter().map(|key| key.kid().clone()).collect()
        };
        prop_assert!(kids(&self.ring).starts_with(&kids(&before)));
        Ok(())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let ring = &self.ring;
        prop_assert_eq!(&KeyRing::from_json(&ring.to_json().unwrap()).unwrap(), ring);
        for hours in [0, 1, 24, 24 * 400] {
            let at = ring
                .changed_at()
                .saturating_add(Duration::from_hours(hours));
            let count = |state| {
                let keys = ring.signing().iter();
                keys.filter(|key| key.state_at(at) == state).count()
            };
            prop_assert_eq!(count(KeyState::Active), 1);
            prop_assert!(count(KeyState::Next) >= 1);
            prop_assert!(ring.published_at(at).count() <= 10);
            for numbered in [ring.mac(), ring.data()] {
                let active = numbered.iter();
                let active = active.filter(|key| key.state_at(at) == KeyState::Active);
                prop_assert_eq!(active.count(), 1);
            }
        }
        let now = self.now.max(ring.changed_at());
        let published: HashSet<&Kid> = ring.published_at(now).map(SigningEntry::kid).collect();
        for (kid, dead_at) in &self.tokens {
            let revoked = ring.find(kid).unwrap().times.revoked_at.is_some();
            prop_assert!(
                *dead_at <= now || revoked || published.contains(kid),
                "{kid} is needed until {dead_at:?} at {now:?}: {ring:#?}"
            );
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_ring_always_signs_has_a_successor_and_covers_living_tokens(
        steps in prop::collection::vec((elapsed(), step()), 1..40)
    ) {
        let mut world = World::new();
        for (seconds, step) in &steps {
            world.pass(*seconds);
            world.take(step)?;
            world.check()?;
        }
    }
}
