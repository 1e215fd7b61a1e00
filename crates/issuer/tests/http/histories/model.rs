//! Two sessions of one account as a machine that does one step after the other. Core's own rule
//! decides about refreshes.

use signet_core::account::{Epoch, KeptSession, Standing};
use signet_core::ids::SessionId;
use signet_core::session::{Decision, Generation, Session, SessionPolicy, decide};
use signet_verifier::Timestamp;

use super::checker::Effect;

/// One of the two sessions.
pub(super) type Which = usize;

/// The account and its two sessions.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Model {
    standing: Standing,
    begun: [(SessionId, Epoch); 2],
    records: [Option<Session>; 2],
    denied: [bool; 2],
    /// The endings that were decided and not carried out yet, with their operations.
    pending: Vec<(usize, Ending)>,
}

#[derive(Clone, PartialEq, Debug)]
struct Ending {
    before: Epoch,
    kept: Option<KeptSession>,
}

impl Model {
    pub(super) fn of(standing: Standing, sessions: [Session; 2]) -> Self {
        Self {
            standing,
            begun: [0, 1].map(|which: Which| {
                let session = &sessions[which];
                (session.id, session.grant.epoch)
            }),
            records: sessions.map(Some),
            denied: [false; 2],
            pending: Vec::new(),
        }
    }

    fn end(&mut self, which: Which) {
        self.records[which] = None;
        self.denied[which] = true;
    }

    /// The record after a refresh that issued this token, if the rule issues it.
    fn refreshed(&self, which: Which, refresh: &Refresh, issued: Generation) -> Option<Session> {
        let session = self.records[which].as_ref()?;
        let after = match refresh.decide(session, self.standing) {
            Decision::Heal(next) | Decision::Rotate(next) | Decision::Recover(next) => next,
            Decision::Replay | Decision::ReplayDisplaced => session.clone(),
            Decision::Expired | Decision::Reuse(_) => return None,
        };
        (after.rotation.generation == issued).then_some(after)
    }

    fn refuses(&self, which: Which, refresh: &Refresh) -> bool {
        self.records[which].as_ref().is_none_or(|session| {
            let decision = refresh.decide(session, self.standing);
            matches!(decision, Decision::Expired | Decision::Reuse(_))
        })
    }

    fn raise(&mut self, operation: usize, now: Timestamp, kept: Option<Which>) {
        let kept = kept.map(|which| self.standing.keeping(self.begun[which].0));
        self.standing.epoch = self.standing.epoch.after_ending(now);
        self.standing.kept = kept;
        let before = self.standing.epoch;
        self.pending.push((operation, Ending { before, kept }));
    }

    fn carry_out(&mut self, operation: usize) {
        let (due, rest): (Vec<_>, _) = self
            .pending
            .drain(..)
            .partition(|(decided, _)| *decided == operation);
        self.pending = rest;
        for (_, ending) in due {
            self.end_before(&ending);
        }
    }

    fn end_before(&mut self, ending: &Ending) {
        for which in 0..2 {
            let (id, epoch) = self.begun[which];
            let goes_on = ending.kept.is_some_and(|kept| kept.is(id, epoch));
            if self.records[which].is_some() && epoch < ending.before && !goes_on {
                self.end(which);
            }
        }
    }
}

/// A refresh token that was used.
#[derive(Debug)]
pub(super) struct Refresh {
    pub(super) presented: Generation,
    pub(super) now: Timestamp,
    pub(super) policy: SessionPolicy,
}

impl Refresh {
    fn decide(&self, session: &Session, standing: Standing) -> Decision {
        let standing = Some(standing);
        decide(session, self.presented, standing, self.now, &self.policy)
    }
}

/// What one step did, as its answer says.
#[derive(Debug)]
pub(super) enum Did {
    /// The session was refreshed, and this token issued.
    Refreshed(Which, Refresh, Generation),
    /// The rule refused to refresh the session.
    Refused(Which, Refresh),
    /// The session ended.
    Ended(Which),
    /// An access token of the session was accepted.
    Accepted(Which),
    /// An access token of the session was refused.
    Rejected(Which),
    /// An operation ended all sessions of the account except the kept one.
    RaisedEpoch {
        operation: usize,
        now: Timestamp,
        kept: Option<Which>,
    },
    /// The records that the operation has ended were removed, and their access tokens denied.
    CarriedOut { operation: usize },
}

impl Effect<Model> for Did {
    fn on(&self, model: &Model) -> Option<Model> {
        let mut after = model.clone();
        match self {
            Self::Refreshed(which, refresh, issued) => {
                after.records[*which] = Some(model.refreshed(*which, refresh, *issued)?);
            }
            Self::Refused(which, refresh) => {
                return model.refuses(*which, refresh).then_some(after);
            }
            Self::Ended(which) => after.end(*which),
            Self::Accepted(which) => return (!model.denied[*which]).then_some(after),
            Self::Rejected(which) => {
                let (id, epoch) = model.begun[*which];
                let over = model.denied[*which] || !model.standing.admits(id, epoch);
                return over.then_some(after);
            }
            Self::RaisedEpoch {
                operation,
                now,
                kept,
            } => after.raise(*operation, *now, *kept),
            Self::CarriedOut { operation } => after.carry_out(*operation),
        }
        Some(after)
    }
}
