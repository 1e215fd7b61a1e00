//! Everything that is measured once for each store, in an order that lets later steps use the
//! sessions of earlier ones.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use aws_lc_rs::signature::RsaKeyPair;

use crate::Run;
use crate::bare;
use crate::empty::EmptyServer;
use crate::issuer::{Home, Issuer, Store};
use crate::load::{Measured, Task, Until, Worker, closed, open};
use crate::process::{cores, memory};
use crate::report::{Figure, Load, Row, Unit, micros};
use crate::tasks::{self, Session};
use crate::wire::{self, Connection};

/// An issuer on one store, with what its clients know.
pub struct Bench<'a> {
    run: &'a mut Run,
    key: &'a RsaKeyPair,
    store: Store,
    home: Home,
    issuer: Issuer,
    /// The bare argon2id, in microseconds of processor time.
    hash: f64,
    sessions: Vec<Session>,
    access_token: String,
}

impl<'a> Bench<'a> {
    /// Starts the issuer and registers the accounts.
    pub fn new(run: &'a mut Run, key: &'a RsaKeyPair, store: Store) -> Self {
        run.progress(&format!("{}: accounts", store.name()));
        let (home, _) = Home::new(&run.binary, store);
        let issuer = Issuer::start(&home);
        let mut connection = Connection::open(issuer.address);
        let tokens = (0..ACCOUNTS).map(|account| tasks::register(&mut connection, account));
        let access_token = tokens.last().expect("accounts");
        Self {
            run,
            key,
            hash: 0.0,
            store,
            home,
            issuer,
            sessions: Vec::new(),
            access_token,
        }
    }

    /// Measures everything. Returns the issuer, which has just had its last login.
    pub fn measure(mut self) -> (Home, Issuer) {
        let before = self.stored_bytes();
        self.logins();
        let before_rotations = self.stored_bytes();
        self.crowd();
        let after = self.stored_bytes();
        let each = |bytes: u64| bytes.saturating_sub(before) as f64 / f64::from(SESSIONS);
        let figures = [("new", before_rotations), ("rotated", after)];
        for (kind, bytes) in figures {
            let figure = Figure::new(each(bytes), Unit::Bytes).at_most(300.0);
            self.add(&format!("stored for each session, {kind}"), figure);
        }
        let rate = self.closed_loops();
        self.keys_while_signing();
        self.paced(rate / 10.0);
        (self.home, self.issuer)
    }

    /// A thousand logins, each a session of its own.
    fn logins(&mut self) {
        self.progress("logins");
        let made = Arc::new(Mutex::new(Vec::new()));
        let mut workers = self.workers(16, |number| tasks::login(number, Some(Arc::clone(&made))));
        // Before and after, because the speed of a shared machine changes within seconds.
        let before = self.bare_login();
        let load = self.load(|| closed(&mut workers, Until::Sent(SESSIONS)));
        let after = self.bare_login();
        let [hash, usual_hash, sign] = [0, 1, 2].map(|part| (before[part] + after[part]) / 2.0);
        self.hash = hash;
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        self.sessions = std::mem::take(&mut made);
        let over = |bare: f64| Figure::new(load.micros() / bare, Unit::Times);
        let ratio = over(hash + sign).at_most(1.08);
        self.add_load("login / bare argon2id + sign", &load, Some(ratio));
        let ratio = over(usual_hash + sign).at_most(0.65);
        self.add("login / argon2id by spawn_blocking + sign", ratio);
        let hash = Figure::new(hash, Unit::Microseconds);
        self.add("(the bare argon2id around these)", hash);
    }

    /// What a login is made of, in microseconds of processor time: argon2id, the same by
    /// `spawn_blocking`, a signature.
    fn bare_login(&self) -> [f64; 3] {
        [
            bare::password_hash(),
            bare::password_hash_on_blocking_threads(),
            bare::signature(self.key),
        ]
        .map(micros)
    }

    /// A thousand connections that refresh as fast as they can.
    fn crowd(&mut self) {
        self.progress("refresh, 1,000 connections");
        let mut workers = self.refreshing(0..self.sessions.len());
        let load = self.load(|| closed(&mut workers, Until::Elapsed(LONG)));
        let used = memory(self.issuer.process_id());
        drop(workers);
        let figure = Figure::new(used.anonymous, Unit::Megabytes).at_most(25.0);
        self.add_load("refresh, 1,000 connections: memory", &load, Some(figure));
        let resident = Figure::new(used.resident, Unit::Megabytes);
        self.add("the same, with the pages of the program", resident);
    }

    /// What costs CPU, in rounds that take turns with the bare operations. Returns the rate of
    /// refreshes.
    fn closed_loops(&mut self) -> f64 {
        let id = self.issuer.address;
        let keys = Connection::open(id)
            .send(&wire::get(JWKS, ""))
            .body
            .to_owned();
        let empty = EmptyServer::start(&keys);
        let mut workers = self.every_worker(&empty);
        let mut loads: [Load; LOOPS] = Default::default();
        let mut signature = Duration::ZERO;
        for round in 1..=ROUNDS {
            signature += bare::signature(self.key) / ROUNDS;
            for (number, load) in loads.iter_mut().enumerate() {
                self.progress(&format!("{}, round {round} of {ROUNDS}", NAMES[number]));
                let workers = &mut workers[number];
                // The first answers wait for caches and connections.
                closed(workers, Until::Elapsed(WARM_UP));
                let work = || closed(workers, Until::Elapsed(SHORT));
                let next = match number {
                    0..OF_ISSUER => self.load(work),
                    _ => Load::of(&[empty.process_id()], None, work),
                };
                *load = std::mem::take(load).and(next);
            }
        }
        self.report_closed_loops(&loads, micros(signature))
    }

    fn report_closed_loops(&mut self, loads: &[Load; LOOPS], signature: f64) -> f64 {
        let [
            refresh,
            refresh_64,
            credentials,
            forward,
            garbage,
            jwks,
            empty,
            bytes,
            signing,
        ] = loads;
        let times = |value: f64| Figure::new(value, Unit::Times);
        let signatures = |load: &Load| times(load.micros() / signature);
        let empties = |load: &Load| times(load.micros() / empty.micros());
        let served = times(jwks.measured.rate() / bytes.measured.rate());
        let rows = [
            (
                "refresh, 16 connections / sign",
                refresh,
                Some(signatures(refresh).at_most(1.2)),
            ),
            (
                "refresh, 64 connections / sign",
                refresh_64,
                Some(signatures(refresh_64).at_most(1.2)),
            ),
            (
                "client_credentials / sign",
                credentials,
                Some(signatures(credentials).at_most(1.15)),
            ),
            (
                "forward-auth, known token / empty route",
                forward,
                Some(empties(forward).at_most(5.0)),
            ),
            (
                "garbage refresh token / empty route",
                garbage,
                Some(empties(garbage).at_most(3.0)),
            ),
            (
                "JWKS, rate / axum with the same bytes",
                jwks,
                Some(served.at_least(0.9)),
            ),
            ("(an empty axum route)", empty, None),
            ("(an axum route with the bytes of the JWKS)", bytes, None),
            (
                "(an axum route that signs) / sign",
                signing,
                Some(signatures(signing)),
            ),
        ];
        for (name, load, figure) in rows {
            self.add_load(name, load, figure);
        }
        let sign = Figure::new(signature, Unit::Microseconds);
        self.add("(the bare signature between these)", sign);
        refresh.measured.rate()
    }

    /// How long a verifier waits for the keys while others have tokens signed.
    fn keys_while_signing(&mut self) {
        self.progress("JWKS while signing saturates");
        let mut signing = self.refreshing(0..16);
        let mut asking = self.workers(16, |_| tasks::jwks());
        let asked = beside(&mut signing, LONG, || open(&mut asking, 200.0, LONG));
        let p99 = Figure::new(asked.quantile_millis(0.99), Unit::Milliseconds).at_most(8.0);
        self.add_timing("JWKS while refreshes saturate, 200/s: p99", &asked, p99);
    }

    /// Refreshes at a steady rate: alone, with replays, and while logins saturate the machine.
    fn paced(&mut self, rate: f64) {
        let mut workers = self.refreshing(0..64);
        let sessions = self.sessions.iter().skip(64);
        let replays = sessions.take(64).map(tasks::refresh_with_replays);
        let mut replaying: Vec<_> = replays
            .map(|task| Worker::new(self.issuer.address, task))
            .collect();
        let mut logging_in = self.workers(16, |number| tasks::login(number, None));
        let mut alone = Measured::default();
        let mut replayed = Measured::default();
        for _ in 0..ROUNDS {
            self.progress("refresh at a steady rate");
            alone = alone.and(open(&mut workers, rate, SHORT));
            self.progress("refresh at a steady rate, every fifth a replay");
            replayed = replayed.and(open(&mut replaying, rate, SHORT));
        }
        self.progress("refresh at a steady rate while logins saturate");
        let (flooded, logins) = thread::scope(|scope| {
            let logins = scope.spawn(|| closed(&mut logging_in, Until::Elapsed(LONG)));
            let flooded = open(&mut workers, rate, LONG);
            (flooded, logins.join().expect("logins"))
        });
        self.report_paced(rate, [&alone, &replayed, &flooded], &logins);
    }

    fn report_paced(&mut self, rate: f64, refreshes: [&Measured; 3], logins: &Measured) {
        let p99 = refreshes.map(|measured| measured.quantile_millis(0.99));
        let over_alone = |p99_now: f64| Figure::new(p99_now / p99[0], Unit::Times);
        let own = Figure::new(p99[0], Unit::Milliseconds);
        self.add_timing(&format!("refresh, {rate:.0}/s: p99"), refreshes[0], own);
        let name = "the same, every fifth a replay: p99 / without";
        self.add_timing(name, refreshes[1], over_alone(p99[1]).at_most(1.2));
        let name = "the same while logins saturate: p99 / without";
        self.add_timing(name, refreshes[2], over_alone(p99[2]).at_most(3.0));
        let flooded = Figure::new(p99[2], Unit::Milliseconds).at_most(12.0);
        self.add("the same while logins saturate: p99", flooded);
        let possible = f64::from(cores()) * 1e6 / self.hash;
        let share = Figure::new(logins.rate() / possible, Unit::Times).at_least(0.65);
        self.add_timing("those logins, rate / cores by argon2id", logins, share);
    }

    /// Stops the issuer, looks what the store has, and starts it again.
    fn stored_bytes(&mut self) -> u64 {
        self.issuer.stop();
        let bytes = self.home.redis_bytes();
        let bytes = bytes.unwrap_or_else(|| self.home.database_bytes());
        self.issuer = Issuer::start(&self.home);
        bytes
    }

    /// The workers of each closed loop, in the order of [`NAMES`].
    fn every_worker(&self, empty: &EmptyServer) -> [Vec<Worker>; LOOPS] {
        let secret = self.home.add_client(CLIENT);
        let session = &self.sessions[0];
        let at_empty = |request: &[u8]| {
            let task = || tasks::repeat(request.to_owned(), 200);
            (0..16)
                .map(|_| Worker::new(empty.address, task()))
                .collect()
        };
        [
            self.refreshing(0..16),
            self.refreshing(16..80),
            self.workers(16, |_| tasks::client_credentials(CLIENT, &secret)),
            self.workers(16, |_| tasks::forward_auth(&self.access_token)),
            self.workers(16, |_| tasks::garbage(session)),
            self.workers(16, |_| tasks::jwks()),
            at_empty(&wire::post_json("/empty", EMPTY_BODY)),
            at_empty(&wire::get("/bytes", "")),
            at_empty(&wire::post_json("/signed", EMPTY_BODY)),
        ]
    }

    fn refreshing(&self, which: std::ops::Range<usize>) -> Vec<Worker> {
        let sessions = self.sessions[which].iter().map(tasks::refresh);
        sessions
            .map(|task| Worker::new(self.issuer.address, task))
            .collect()
    }

    fn workers(&self, count: u32, task: impl Fn(u32) -> Task) -> Vec<Worker> {
        (0..count)
            .map(|number| Worker::new(self.issuer.address, task(number)))
            .collect()
    }

    fn load(&self, work: impl FnOnce() -> Measured) -> Load {
        Load::of(&[self.issuer.process_id()], self.home.redis_process(), work)
    }

    fn progress(&self, what: &str) {
        self.run.progress(&self.name(what));
    }

    fn add(&mut self, name: &str, figure: Figure) {
        let name = self.name(name);
        self.run.rows.push(Row::figure(name, figure));
    }

    fn add_load(&mut self, name: &str, load: &Load, figure: Option<Figure>) {
        let name = self.name(name);
        self.run.rows.push(Row::load(name, load, figure));
    }

    fn add_timing(&mut self, name: &str, measured: &Measured, figure: Figure) {
        let name = self.name(name);
        self.run
            .rows
            .push(Row::timing(name, measured, Some(figure)));
    }

    fn name(&self, what: &str) -> String {
        format!("{}: {what}", self.store.name())
    }
}

/// Runs `foreground` while the workers send without a pause.
fn beside<T>(workers: &mut [Worker], duration: Duration, foreground: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let background = scope.spawn(|| closed(workers, Until::Elapsed(duration)));
        let result = foreground();
        background.join().expect("a load");
        result
    })
}

const JWKS: &str = "/.well-known/jwks.json";
const CLIENT: &str = "bench";
/// As long as a refresh token in JSON, so that both servers read as much.
const EMPTY_BODY: &str =
    r#"{"empty":"0000000000000000000000000000000000000000000000000000000000000000000000000000"}"#;

/// The closed loops; the first ones ask the issuer, the last ones the empty server.
const NAMES: [&str; LOOPS] = [
    "refresh, 16 connections",
    "refresh, 64 connections",
    "client_credentials",
    "forward-auth",
    "garbage refresh tokens",
    "JWKS",
    "empty route",
    "bytes of the JWKS",
    "signing route",
];
const LOOPS: usize = 9;
const OF_ISSUER: usize = 6;

const ACCOUNTS: u32 = 16;
const SESSIONS: u32 = 1_000;
const ROUNDS: u32 = 2;
const WARM_UP: Duration = Duration::from_millis(200);
const SHORT: Duration = Duration::from_millis(2_500);
const LONG: Duration = Duration::from_secs(5);
