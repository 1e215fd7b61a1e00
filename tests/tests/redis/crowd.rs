//! People who use Signet while its servers fail. Each of them knows what was acknowledged, and
//! writes down every answer that contradicts it.

use futures::future::join_all;
use http::Method;
use reqwest::RequestBuilder;
use serde_json::json;
use signet_tests::{Api, PASSWORD, PATIENCE, Reply, SOON, Server, within};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::report::{EndedAnswer, Report, Written};
use crate::until_answered;

/// The rounds of a person.
#[derive(Clone, Copy, Default)]
struct Rounds {
    begun: usize,
    /// Those without a refusal.
    good: usize,
}

/// A steady mixed load on some issuers.
pub(crate) struct Crowd {
    people: Vec<JoinHandle<Person>>,
    rounds: Vec<watch::Receiver<Rounds>>,
    stop: watch::Sender<bool>,
}

impl Crowd {
    /// Begins with an account and a session each; half of them with one issuer for
    /// everything.
    pub(crate) async fn begin(issuers: &[&Server]) -> Self {
        let apis: Vec<_> = issuers.iter().map(|issuer| issuer.api().clone()).collect();
        let (stop, stopped) = watch::channel(false);
        let (mut people, mut rounds) = (Vec::new(), Vec::new());
        for number in 0..PEOPLE {
            let (done, seen) = watch::channel(Rounds::default());
            let person = Person::register(apis.clone(), number, done).await;
            people.push(tokio::spawn(person.live(stopped.clone())));
            rounds.push(seen);
        }
        let crowd = Self {
            people,
            rounds,
            stop,
        };
        crowd.is_served("before the fault").await;
        crowd
    }

    /// Waits until each person has been through a whole round without a refusal.
    pub(crate) async fn is_served(&self, when: &str) {
        let rounds = self.rounds.clone().into_iter().map(async |mut rounds| {
            // A round that has begun already may have been lucky.
            let enough = rounds.borrow().good + 2;
            rounds.wait_for(|done| done.good >= enough).await.map(drop)
        });
        let served = join_all(rounds);
        let served = within(SOON, &format!("everybody is served {when}"), served).await;
        assert!(served.iter().all(Result::is_ok), "a person has failed");
    }

    /// Goes on until then, served or not.
    pub(crate) async fn is_busy_until(&self, end: Instant) {
        let Some(mut rounds) = self.rounds.last().cloned() else {
            return;
        };
        while Instant::now() < end {
            rounds.mark_unchanged();
            let begun = timeout(PATIENCE, rounds.changed()).await;
            begun.expect("a round begins").expect("a whole person");
        }
    }

    /// Ends the load, looks at every session once more, and gathers what was written down.
    pub(crate) async fn report(self) -> Report {
        self.stop.send_replace(true);
        let mut report = Report::default();
        for person in join_all(self.people).await {
            report.add(person.expect("a whole person").report);
        }
        report
    }
}

/// An account, its sessions, and those that were ended.
struct Person {
    issuers: Vec<Api>,
    habit: Habit,
    turn: usize,
    email: String,
    sessions: Vec<Session>,
    ended: Vec<Ended>,
    rounds: watch::Sender<Rounds>,
    report: Report,
}

/// Which issuer gets the requests of a person.
#[derive(Clone, Copy)]
enum Habit {
    /// Always the one with this number.
    Stays(usize),
    /// Another one in each round.
    Alternates,
}

struct Session {
    access_token: String,
    refresh_token: String,
    begun: Instant,
    /// A sign-out was sent, and not yet acknowledged.
    is_leaving: bool,
}

/// A session whose end was acknowledged.
struct Ended {
    /// Refused until it expires. After a sign-out everywhere it is refused a second after Redis can
    /// be reached, so it is not used before the end.
    access_token: String,
    is_denied: bool,
    refresh_token: String,
    at: Instant,
}

impl Person {
    async fn register(issuers: Vec<Api>, number: usize, rounds: watch::Sender<Rounds>) -> Self {
        let account = issuers[0].register().await;
        Self {
            habit: if number < issuers.len() {
                Habit::Stays(number)
            } else {
                Habit::Alternates
            },
            issuers,
            turn: number,
            email: account.email,
            sessions: vec![Session {
                access_token: account.access_token,
                refresh_token: account.refresh_token,
                begun: Instant::now(),
                is_leaving: false,
            }],
            ended: Vec::new(),
            rounds,
            report: Report::default(),
        }
    }

    async fn live(mut self, stopped: watch::Receiver<bool>) -> Self {
        while !*stopped.borrow() {
            let refused = self.report.refusals;
            self.rounds.send_modify(|rounds| rounds.begun += 1);
            self.round().await;
            if self.report.refusals == refused {
                self.rounds.send_modify(|rounds| rounds.good += 1);
            }
        }
        self.look_at_everything().await;
        self
    }

    async fn round(&mut self) {
        self.turn += 1;
        for number in (0..self.sessions.len()).rev() {
            self.refresh(number).await;
        }
        for number in 0..self.sessions.len() {
            self.read(number).await;
        }
        self.use_ended(self.turn).await;
        if self.turn.is_multiple_of(EVERYWHERE) {
            self.sign_out_everywhere().await;
        } else if self.sessions.len() > 1 {
            self.sign_out(0).await;
        }
        if self.sessions.len() < MOST_SESSIONS {
            self.sign_in().await;
        }
    }

    async fn refresh(&mut self, number: usize) {
        let session = &self.sessions[number];
        if session.is_leaving {
            return;
        }
        let body = json!({"refresh_token": session.refresh_token});
        let request = self.request(Method::POST, "/auth/refresh").json(&body);
        let Some(reply) = self.answered(request, 200).await else {
            return;
        };
        if reply.status == 200 {
            let session = &mut self.sessions[number];
            session.refresh_token = reply.member("refresh_token");
            session.access_token = reply.member("access_token");
            self.wrote(Written::Refresh);
        } else {
            let begun = self.sessions.swap_remove(number).begun;
            self.report.lost.push(begun);
        }
    }

    /// Reads the account. A refused access token is replaced by the next refresh.
    async fn read(&mut self, number: usize) {
        let request = self.request(Method::GET, "/auth/me");
        let request = request.bearer_auth(&self.sessions[number].access_token);
        let is_leaving = self.sessions[number].is_leaving;
        let reply = self.answered(request, 200).await;
        if !is_leaving && reply.is_some_and(|reply| reply.status == 401) {
            self.report.refused_access_tokens += 1;
        }
    }

    async fn sign_in(&mut self) {
        let body = json!({"email": self.email, "password": PASSWORD, "token_delivery": "body"});
        let request = self.request(Method::POST, "/auth/login").json(&body);
        let begun = Instant::now();
        let Some(reply) = self.answered(request, 200).await else {
            return;
        };
        self.sessions.push(Session {
            access_token: reply.member("access_token"),
            refresh_token: reply.member("refresh_token"),
            begun,
            is_leaving: false,
        });
        self.wrote(Written::SignIn);
    }

    /// Signs out of a session. A sign-out that is refused is repeated in the next round.
    async fn sign_out(&mut self, number: usize) {
        let session = &mut self.sessions[number];
        session.is_leaving = true;
        let body = json!({"refresh_token": session.refresh_token});
        let request = self.request(Method::POST, "/auth/logout").json(&body);
        if self.answered(request, 204).await.is_some() {
            let session = self.sessions.remove(number);
            self.ended.push(session.ended(true));
            self.wrote(Written::SignOut);
        }
    }

    fn wrote(&mut self, what: Written) {
        let issuer = self.issuer();
        self.report.written.push((what, issuer, Instant::now()));
    }

    async fn sign_out_everywhere(&mut self) {
        let Some(session) = self.sessions.first() else {
            return;
        };
        let request = self.request(Method::POST, "/auth/logout-all");
        let request = request.bearer_auth(&session.access_token);
        let reply = self.answered(request, 204).await;
        // What is refused may have been done.
        for session in &mut self.sessions {
            session.is_leaving = true;
        }
        if reply.is_some_and(|reply| reply.status == 204) {
            let sessions = self.sessions.drain(..);
            self.ended
                .extend(sessions.map(|session| session.ended(false)));
        }
    }

    /// Tries the tokens of a session that was ended.
    async fn use_ended(&mut self, turn: usize) {
        if self.ended.is_empty() {
            return;
        }
        let ended = &self.ended[turn % self.ended.len()];
        let (at, is_denied) = (ended.at, ended.is_denied);
        let body = json!({"refresh_token": ended.refresh_token});
        let refresh = self.request(Method::POST, "/auth/refresh").json(&body);
        let me = self.request(Method::GET, "/auth/me");
        let me = me.bearer_auth(&ended.access_token);
        self.is_refused("refresh token", at, refresh).await;
        if is_denied {
            self.is_refused("access token", at, me).await;
        }
    }

    async fn is_refused(&mut self, what: &'static str, ended_at: Instant, request: RequestBuilder) {
        let (issuer, asked) = (self.issuer(), Instant::now());
        let reply = self.answered(request, 200).await;
        if reply.is_some_and(|reply| reply.status == 200) {
            self.report.ended_answers.push(EndedAnswer {
                what,
                issuer,
                asked,
                since: ended_at.elapsed(),
            });
        }
    }

    /// The reply, if it is the expected one or says that the session has ended.
    async fn answered(&mut self, request: RequestBuilder, expected: u16) -> Option<Reply> {
        let asked = Instant::now();
        let reply = self.issuers[0].try_send(request).await;
        self.report.answered(asked.elapsed());
        let Some(reply) = reply else {
            self.report.others.push("no answer".to_owned());
            return None;
        };
        match reply.status {
            503 | 429 => self.report.refusals += 1,
            status if status == expected => return Some(reply),
            401 if reply.json()["code"] == "session_ended" => return Some(reply),
            status => {
                let said = format!("{status}: {}", reply.text());
                self.report.others.push(said);
            }
        }
        None
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.issuers[self.issuer()].request(method, path)
    }

    fn issuer(&self) -> usize {
        match self.habit {
            Habit::Stays(issuer) => issuer,
            Habit::Alternates => self.turn % self.issuers.len(),
        }
    }

    /// Each session that was not ended is refreshed twice, and no other one at any issuer.
    async fn look_at_everything(&mut self) {
        self.habit = Habit::Alternates;
        for ended in &mut self.ended {
            ended.is_denied = true;
        }
        for turn in 0..self.ended.len() * self.issuers.len() {
            self.turn += 1;
            self.use_ended(turn / self.issuers.len()).await;
        }
        for session in self.sessions.iter().filter(|session| !session.is_leaving) {
            if !self.goes_on(session).await {
                self.report.lost.push(session.begun);
            }
        }
    }

    /// Whether the session can be refreshed at two issuers, one after the other.
    async fn goes_on(&self, session: &Session) -> bool {
        let mut token = session.refresh_token.clone();
        for api in self.issuers.iter().cycle().take(2) {
            let reply = until_answered(api, &token).await;
            if reply.status != 200 {
                return false;
            }
            token = reply.member("refresh_token");
        }
        true
    }
}

impl Session {
    fn ended(self, is_denied: bool) -> Ended {
        Ended {
            access_token: self.access_token,
            is_denied,
            refresh_token: self.refresh_token,
            at: Instant::now(),
        }
    }
}

const PEOPLE: usize = 6;
const MOST_SESSIONS: usize = 3;

/// Every so many rounds a person signs out everywhere.
const EVERYWHERE: usize = 9;
