//! One session whose tokens are shown at chosen times; what a test needs of the world.

use std::time::Duration;

use signet_core::account::{AccountStatus, Epoch, Standing};
use signet_core::ids::{AccountId, SessionId};
use signet_core::session::{Decision, Generation, Grant, Reuse, Session, SessionPolicy, decide};
use signet_verifier::Timestamp;

/// When every session of these tests begins.
pub(crate) const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A year: long enough that no expiry plays a part unless a test wants it.
const YEAR: Duration = Duration::from_hours(365 * 24);

/// The default policy without expiry.
pub(crate) fn endless_policy() -> SessionPolicy {
    SessionPolicy {
        idle_ttl: YEAR,
        absolute_ttl: YEAR,
        ..SessionPolicy::default()
    }
}

/// A standing in which sessions of epoch 1 go on.
pub(crate) const GOOD_STANDING: Standing = Standing {
    status: AccountStatus::Active,
    epoch: Epoch::from_number(1),
    kept: None,
};

/// A session that began at `START`. Its lists are empty because the browsers make millions of
/// decisions, each of which copies them.
pub(crate) fn new_session(policy: &SessionPolicy) -> Session {
    let grant = Grant {
        client_id: "signet".parse().unwrap(),
        scope: vec![],
        audience: vec![],
        amr: vec![],
        epoch: GOOD_STANDING.epoch,
        cnf: None,
    };
    let id = SessionId::from_bytes([1; 16]);
    Session::begin(id, AccountId::from_bytes([2; 16]), grant, START, policy)
}

/// A session in a store that applies every decision.
pub(crate) struct World {
    pub(crate) session: Option<Session>,
    pub(crate) policy: SessionPolicy,
}

impl World {
    pub(crate) fn new(policy: SessionPolicy) -> Self {
        Self {
            session: Some(new_session(&policy)),
            policy,
        }
    }

    /// Shows token `generation` at `START` plus `at`; what was decided, and the newest generation
    /// that is answered, if any.
    pub(crate) fn show(&mut self, generation: u32, at: Duration) -> (&'static str, Option<u32>) {
        let Some(session) = self.session.take() else {
            return ("gone", None);
        };
        let presented = Generation::from_number(generation);
        let now = START.saturating_add(at);
        let decision = decide(&session, presented, Some(GOOD_STANDING), now, &self.policy);
        let (name, session) = match decision {
            Decision::Heal(next) => ("heal", Some(next)),
            Decision::Rotate(next) => ("rotate", Some(next)),
            Decision::Recover(next) => ("recover", Some(next)),
            Decision::Replay => ("replay", Some(session)),
            Decision::ReplayDisplaced => ("displaced", Some(session)),
            Decision::Expired => ("expired", None),
            Decision::Reuse(Reuse::Stale) => ("reuse-stale", None),
            Decision::Reuse(Reuse::Displaced) => ("reuse-displaced", None),
        };
        self.session = session;
        (
            name,
            self.session
                .as_ref()
                .map(|session| session.rotation.generation.number()),
        )
    }

    /// The same with seconds, and only what comes back.
    pub(crate) fn answer(&mut self, generation: u32, seconds: f64) -> Option<u32> {
        self.show(generation, Duration::from_secs_f64(seconds)).1
    }
}
