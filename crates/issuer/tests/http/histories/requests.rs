//! The requests of a history, and which steps their answers stand for.

use std::cell::Cell;

use rand::RngExt as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use signet_core::ids::AccountId;
use signet_core::session::{Generation, RefreshToken, SessionPolicy};
use signet_verifier::{Clock as _, Timestamp};

use super::checker::Step;
use super::model::{Did, Model, Refresh, Which};
use crate::support::{Answer, JSON, TestApp, request};

/// A person with two sessions, and all their refresh tokens, the newest last.
pub(super) struct Person {
    sessions: [Tokens; 2],
    changes_password: bool,
    policy: SessionPolicy,
}

struct Tokens {
    access: String,
    refresh: Vec<(Generation, String)>,
}

/// What is sent.
pub(super) enum Request {
    Refresh(Which, Generation, String),
    SignOut(Which, String),
    SignOutEverywhere(Which),
    ChangePassword(Which),
    Read(Which),
}

/// A request with its answer.
pub(super) struct Answered<'a> {
    request: &'a Request,
    begun: u64,
    ended: u64,
    now: Timestamp,
    policy: SessionPolicy,
    outcome: Outcome,
}

enum Outcome {
    /// Success, with a refresh token if there is one.
    Done(Option<(Generation, String)>),
    /// The session has ended.
    Over,
    /// Others were faster again and again; nothing was changed.
    Contended,
}

impl Person {
    /// Registers, and signs in once more at the other replica.
    pub(super) async fn sign_in_twice(replicas: &[TestApp; 2], seed: u64) -> (Self, Model) {
        let credentials = json!({
            "email": format!("person-{seed}@example.com"),
            "password": PASSWORD,
            "token_delivery": "body",
        });
        let credentials = credentials.to_string();
        let first = replicas[0].post("/auth/register", &credentials).await;
        let second = replicas[1].post("/auth/login", &credentials).await;
        let answers = [first, second];
        let app = &replicas[0];
        let flows = &app.app.flows;
        let (stores, now) = (&flows.stores, flows.clock.now());
        let account: AccountId = text(&answers[0], "/account/id").parse().unwrap();
        let mut sessions = Vec::new();
        for answer in &answers {
            let id = text(answer, "/session_id").parse().unwrap();
            let found = stores.sessions.find(account, id, now).await.unwrap();
            sessions.push(found.unwrap());
        }
        let credentials = stores.accounts.by_id(account).await.unwrap().unwrap();
        let sessions = sessions.try_into().unwrap();
        let initial = Model::of(credentials.account.standing, sessions);
        let person = Self {
            sessions: answers.map(|answer| Tokens {
                access: format!("Bearer {}", text(&answer, "/access_token")),
                refresh: vec![token_of(app, &answer)],
            }),
            changes_password: true,
            policy: flows.settings.session,
        };
        (person, initial)
    }

    /// A request of the person, or of a thief with copies of the tokens.
    pub(super) fn some_request(&mut self, rng: &mut StdRng) -> Request {
        let which = rng.random_range(0..2);
        let known = &self.sessions[which].refresh;
        let newest = known.len() - 1;
        let any = rng.random_range(0..known.len());
        let (generation, token) = &known[if rng.random_bool(0.6) { newest } else { any }];
        match rng.random_range(0..100) {
            0..6 => Request::SignOut(which, token.clone()),
            6..10 => Request::SignOutEverywhere(which),
            10..14 if self.changes_password => {
                // The second one of a history would send a wrong password.
                self.changes_password = false;
                Request::ChangePassword(which)
            }
            10..30 => Request::Read(which),
            _ => Request::Refresh(which, *generation, token.clone()),
        }
    }

    /// What shows how the history has ended.
    pub(super) fn last_requests(&self) -> Vec<Request> {
        let each = self.sessions.iter().enumerate();
        let each = each.flat_map(|(which, tokens)| {
            let newest = tokens.refresh.last().cloned();
            let refresh = newest.map(|(number, token)| Request::Refresh(which, number, token));
            [Some(Request::Read(which)), refresh]
        });
        each.flatten().collect()
    }

    /// Sends a request, and notes when it began and ended.
    pub(super) async fn send<'a>(
        &self,
        replica: &TestApp,
        request: &'a Request,
        ticks: &Cell<u64>,
    ) -> Answered<'a> {
        let tick = || {
            ticks.set(ticks.get() + 1);
            ticks.get()
        };
        let (begun, now) = (tick(), replica.clock.now());
        let answer = self.answer(replica, request).await;
        let ended = tick();
        let refreshes = matches!(request, Request::Refresh(..));
        let outcome = match answer.status.as_u16() {
            200 if refreshes => Outcome::Done(Some(token_of(replica, &answer))),
            200 | 204 => Outcome::Done(None),
            401 => {
                assert_eq!(answer.problem().1, "session_ended");
                Outcome::Over
            }
            _ => {
                assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
                Outcome::Contended
            }
        };
        Answered {
            request,
            begun,
            ended,
            now,
            policy: self.policy,
            outcome,
        }
    }

    async fn answer(&self, replica: &TestApp, sent: &Request) -> Answer {
        let with_token = |token: &String| json!({"refresh_token": token}).to_string();
        let bearer = |which: &Which| ("authorization", self.sessions[*which].access.as_str());
        let sent = match sent {
            Request::Refresh(_, _, token) => {
                request("POST", "/auth/refresh", &[JSON], &with_token(token))
            }
            Request::SignOut(_, token) => {
                request("POST", "/auth/logout", &[JSON], &with_token(token))
            }
            Request::SignOutEverywhere(which) => {
                request("POST", "/auth/logout-all", &[bearer(which)], "")
            }
            Request::ChangePassword(which) => {
                let body = json!({"current_password": PASSWORD, "new_password": ANOTHER});
                let headers = [JSON, bearer(which)];
                request("POST", "/auth/password", &headers, &body.to_string())
            }
            Request::Read(which) => request("GET", "/auth/me", &[bearer(which)], ""),
        };
        replica.send(sent).await
    }

    /// Keeps the token of an answer.
    pub(super) fn learn(&mut self, answered: &Answered<'_>) {
        if let (Request::Refresh(which, ..), Outcome::Done(Some(token))) =
            (answered.request, &answered.outcome)
        {
            let known = &mut self.sessions[*which].refresh;
            if !known.contains(token) {
                known.push(token.clone());
                known.sort_by_key(|(generation, _)| *generation);
            }
        }
    }
}

impl Answered<'_> {
    /// Adds the steps that this answer stands for.
    pub(super) fn note(&self, steps: &mut Vec<Step<Did>>) {
        let (operation, now) = (steps.len(), self.now);
        let refresh = |presented| Refresh {
            presented,
            now,
            policy: self.policy,
        };
        let everything_ended = |which, kept| {
            vec![
                Did::Accepted(which),
                Did::RaisedEpoch {
                    operation,
                    now,
                    kept,
                },
                Did::CarriedOut { operation },
            ]
        };
        let did = match (self.request, &self.outcome) {
            (_, Outcome::Contended) => vec![],
            (Request::Refresh(which, presented, _), Outcome::Done(Some((issued, _)))) => {
                vec![Did::Refreshed(*which, refresh(*presented), *issued)]
            }
            // The rule is asked first, and the record removed afterwards.
            (Request::Refresh(which, presented, _), _) => {
                vec![
                    Did::Refused(*which, refresh(*presented)),
                    Did::Ended(*which),
                ]
            }
            (Request::SignOut(which, _), _) => vec![Did::Ended(*which)],
            (Request::Read(which), Outcome::Done(_)) => vec![Did::Accepted(*which)],
            (Request::SignOutEverywhere(which), Outcome::Done(_)) => everything_ended(*which, None),
            (Request::ChangePassword(which), Outcome::Done(_)) => {
                everything_ended(*which, Some(*which))
            }
            (
                Request::Read(which)
                | Request::SignOutEverywhere(which)
                | Request::ChangePassword(which),
                Outcome::Over,
            ) => vec![Did::Rejected(*which)],
        };
        for (index, effect) in did.into_iter().enumerate() {
            steps.push(Step {
                begun: self.begun,
                ended: self.ended,
                after: (index > 0).then(|| steps.len() - 1),
                effect,
            });
        }
    }
}

/// The refresh token of an answer, and its number.
fn token_of(app: &TestApp, answer: &Answer) -> (Generation, String) {
    let token = text(answer, "/refresh_token");
    let keys = app.app.flows.keys();
    let read = RefreshToken::read(&token, &keys.mac).unwrap();
    (read.generation, token)
}

fn text(answer: &Answer, pointer: &str) -> String {
    let json = answer.json();
    let text = json.pointer(pointer).and_then(Value::as_str);
    text.unwrap().to_owned()
}

const PASSWORD: &str = "engine no. 9 steams";
const ANOTHER: &str = "engine no. 10 whistles";
