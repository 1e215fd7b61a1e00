//! The load of the drill: tokens are issued and verified all the time, and whatever goes wrong with
//! a token that should live is written down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use signet_tests::Api;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::places::Place;
use crate::kid_of;

/// What the tasks of the load share.
#[derive(Default)]
pub(super) struct Load(Mutex<State>);

#[derive(Default)]
struct State {
    /// The living tokens, by the key that has signed them.
    living: BTreeMap<String, Vec<String>>,
    /// Keys whose tokens do not count as living any more.
    doomed: BTreeSet<String>,
    /// Which place has verified tokens of which key.
    verified: BTreeSet<(usize, String)>,
    verifications: usize,
    failures: Vec<String>,
}

impl Load {
    /// Refreshes one session at these issuers in turn, and has the tokens verified at all places,
    /// until the tasks are dropped.
    pub(super) fn begin(
        self: &Arc<Self>,
        issuers: [Api; 2],
        refresh_token: String,
        places: &Arc<Vec<Place>>,
    ) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(self).issue(issuers, refresh_token));
        for place in 0..places.len() {
            tasks.spawn(Arc::clone(self).verify(Arc::clone(places), place));
        }
        tasks
    }

    /// From now on the tokens of this key may be refused.
    pub(super) fn doom(&self, kid: &str) {
        let mut state = self.state();
        state.living.remove(kid);
        state.doomed.insert(kid.to_owned());
    }

    /// Waits until every place has verified tokens of this key.
    pub(super) async fn verified_everywhere(&self, kid: &str, places: usize) {
        let waiting = async {
            let mut ticks = tokio::time::interval(PAUSE);
            while !(0..places).all(|place| self.state().verified.contains(&(place, kid.to_owned())))
            {
                ticks.tick().await;
            }
        };
        let waited = tokio::time::timeout(WAIT_AT_MOST, waiting).await;
        assert!(waited.is_ok(), "{kid}: {:?}", self.state().failures);
    }

    /// How many verifications there were, and those that failed.
    pub(super) fn outcome(&self) -> (usize, Vec<String>) {
        let state = self.state();
        (state.verifications, state.failures.clone())
    }

    async fn issue(self: Arc<Self>, issuers: [Api; 2], mut refresh_token: String) {
        let mut ticks = ticks();
        for issuer in issuers.iter().cycle() {
            ticks.tick().await;
            let reply = issuer.refresh(&refresh_token).await;
            if reply.status != 200 {
                let failure = format!("not refreshed: {} {}", reply.status, reply.text());
                self.state().failures.push(failure);
                continue;
            }
            refresh_token = reply.member("refresh_token");
            let token = reply.member("access_token");
            let (kid, mut state) = (kid_of(&token), self.state());
            if !state.doomed.contains(&kid) {
                state.living.entry(kid).or_default().push(token);
            }
        }
    }

    async fn verify(self: Arc<Self>, places: Arc<Vec<Place>>, place: usize) {
        let mut ticks = ticks();
        for turn in 0.. {
            ticks.tick().await;
            for (kid, token) in self.chosen(turn) {
                let refusal = places[place].refuses(&token).await;
                self.note(place, kid, refusal);
            }
        }
    }

    /// A token of each key, another one each turn, the newest every other time.
    fn chosen(&self, turn: usize) -> Vec<(String, String)> {
        let state = self.state();
        let of_key = |(kid, tokens): (&String, &Vec<String>)| {
            let index = if turn.is_multiple_of(2) {
                tokens.len() - 1
            } else {
                turn % tokens.len()
            };
            (kid.clone(), tokens[index].clone())
        };
        state.living.iter().map(of_key).collect()
    }

    /// A party that learned meanwhile of the revocation may refuse the token.
    fn note(&self, place: usize, kid: String, refusal: Option<String>) {
        let mut state = self.state();
        if state.doomed.contains(&kid) {
            return;
        }
        state.verifications += 1;
        match refusal {
            None => drop(state.verified.insert((place, kid))),
            Some(why) => {
                let failure = format!("a living token of {kid} refused at place {place}: {why}");
                state.failures.push(failure);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no task has panicked")
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Between two rounds of a task: enough load to catch a moment, and room for the processes.
const PAUSE: Duration = Duration::from_millis(20);

/// A machine that is busy building takes its time.
const WAIT_AT_MOST: Duration = Duration::from_secs(30);
