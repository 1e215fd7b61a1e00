//! Attacks on the release binary beside honest requests: `make attack-figures`.
//!
//! Prints what honest people and services get while an attacker guesses passwords with one token on
//! many connections, signs in as many accounts from many addresses with and without the proof of
//! work that is asked for, and sends forms of many parameters. Everything happens on the loopback interface, for a few seconds. Timings never fail a run.

#[path = "../common/binary.rs"]
mod binary;
mod client;
mod proof_of_work;
#[path = "../common/server.rs"]
mod server;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use signet_verifier::{Clock as _, SystemClock};

use crate::client::{Answer, ask, form, get, json};
use crate::server::Server;

fn main() {
    let (binary, folder) = (binary::measured(), tempfile::tempdir());
    let folder = folder.expect("a temporary folder");
    println!("{}", binary.display());
    println!("{:<44}{:>8}{:>8}{:>12}", "", "200", "others", "p99, ms");
    let server = Server::start(&binary, folder.path(), &[BEHIND_A_PROXY]);
    register_people(server.address);
    let flood = Attack {
        connections: 400,
        pause: Duration::ZERO,
        requests: (0..FLOODING).map(stuffed).collect(),
    };
    without_proofs(server.address, &flood);
    drop(server);
    let settings = [BEHIND_A_PROXY, WITH_PROOFS];
    let server = Server::start(&binary, folder.path(), &settings);
    with_proofs(server.address, &flood);
}

fn without_proofs(address: SocketAddr, flood: &Attack) {
    let guesses = Attack {
        connections: 400,
        pause: Duration::ZERO,
        requests: vec![guess(address)],
    };
    let forms = Attack {
        connections: 80,
        pause: Duration::from_secs(1),
        requests: vec![form("/oauth/token", &many_parameters(), ATTACKER)],
    };
    let requests = refresh_requests(address);
    report("logins, no attack", &logins(address));
    report("refreshes, no attack", &refreshes(address, &requests));
    report("jwks.json, no attack", &key_sets(address));
    guesses.report_beside(address, "logins, 400 connections guess a password", logins);
    flood.report_flooded(address);
    forms.report_beside(address, "jwks.json, 80 forms a second", key_sets);
}

/// The same flood at a server that asks for a proof of work while it lasts. People solve it.
fn with_proofs(address: SocketAddr, flood: &Attack) {
    println!("with proof_of_work.sign_in");
    report("logins, no attack", &logins(address));
    flood.report_flooded(address);
}

/// Requests that an attacker repeats.
struct Attack {
    connections: usize,
    pause: Duration,
    /// The connections send them in turn.
    requests: Vec<Vec<u8>>,
}

impl Attack {
    /// Prints what sign-ins, and then refreshes, get beside many sign-ins.
    fn report_flooded(&self, address: SocketAddr) {
        self.report_beside(address, "logins, 400 connections sign in", logins);
        let requests = refresh_requests(address);
        let refreshes = |address| refreshes(address, &requests);
        self.report_beside(address, "refreshes, 400 connections sign in", refreshes);
    }

    /// Prints what honest requests get meanwhile, and how many answers the attacker gets.
    fn report_beside(
        &self,
        address: SocketAddr,
        what: &str,
        honest: impl FnOnce(SocketAddr) -> Vec<(u16, Duration)>,
    ) {
        let (during, answers) = self.beside(address, || honest(address));
        report(what, &during);
        println!("{:<44}{answers:>8} answers", "  the attacker");
    }

    /// Attacks until `honest` has ended. Returns its result and the number of answers to the attack.
    fn beside<T>(&self, address: SocketAddr, honest: impl FnOnce() -> T) -> (T, usize) {
        let over = AtomicBool::new(false);
        let sent = AtomicUsize::new(0);
        let attack = || {
            let mut answers = 0;
            while !over.load(Ordering::Relaxed) {
                let next = sent.fetch_add(1, Ordering::Relaxed) % self.requests.len();
                answers += usize::from(ask(address, &self.requests[next]).is_some());
                thread::sleep(self.pause);
            }
            answers
        };
        thread::scope(|scope| {
            let attackers: Vec<_> = (0..self.connections).map(|_| scope.spawn(attack)).collect();
            thread::sleep(LEAD);
            let result = honest();
            over.store(true, Ordering::Relaxed);
            let answers = attackers.into_iter().map(|attacker| attacker.join());
            (result, answers.map(|answers| answers.unwrap_or(0)).sum())
        })
    }
}

fn register_people(address: SocketAddr) {
    for number in 0..=PEOPLE {
        let request = json("/auth/register", &person(number), &home(number));
        let answer = ask(address, &request);
        assert!(
            answer.is_some_and(|answer| answer.status == 201),
            "registered"
        );
    }
}

/// Sign-ins of people, each from an address of its own.
fn logins(address: SocketAddr) -> Vec<(u16, Duration)> {
    let requests = (1..=PEOPLE).map(|number| json("/auth/login", &person(number), &home(number)));
    at_rate(address, &requests.collect::<Vec<_>>(), 4, 60)
}

/// Refreshes of people, each with a token that is used once.
fn refresh_requests(address: SocketAddr) -> Vec<Vec<u8>> {
    let people = (1..=PEOPLE).cycle().take(REFRESHES);
    let requests = people.map(|number| {
        let sign_in = json("/auth/login", &person(number), &home(number));
        let signed_in = proof_of_work::ask(address, &sign_in);
        let token = signed_in.as_ref().and_then(Answer::refresh_token);
        let body = format!(r#"{{"refresh_token":"{}"}}"#, token.expect("a token"));
        json("/auth/refresh", &body, &home(number))
    });
    requests.collect()
}

fn refreshes(address: SocketAddr, requests: &[Vec<u8>]) -> Vec<(u16, Duration)> {
    at_rate(
        address,
        requests,
        30,
        u32::try_from(REFRESHES).unwrap_or(u32::MAX),
    )
}

/// Services that fetch the public keys.
fn key_sets(address: SocketAddr) -> Vec<(u16, Duration)> {
    at_rate(
        address,
        &[get("/.well-known/jwks.json", "192.0.2.250")],
        100,
        1_000,
    )
}

/// Sends `count` requests, `per_second`, whatever the server does; each latency counts from when the
/// request was due. Status 0 is no answer.
fn at_rate(
    address: SocketAddr,
    requests: &[Vec<u8>],
    per_second: u32,
    count: u32,
) -> Vec<(u16, Duration)> {
    let clock = Arc::new(SystemClock::new());
    let answers = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for (number, request) in (0..count).zip(requests.iter().cycle()) {
            let due = Duration::from_secs(1) * number / per_second;
            thread::sleep(due.saturating_sub(clock.monotonic()));
            let (clock, answers) = (Arc::clone(&clock), &answers);
            scope.spawn(move || {
                let answer = proof_of_work::ask(address, request);
                let status = answer.map_or(0, |answer| answer.status);
                let latency = clock.monotonic().saturating_sub(due);
                let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                answers.push((status, latency));
            });
        }
    });
    answers.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn report(what: &str, answers: &[(u16, Duration)]) {
    let good = answers.iter().filter(|(status, _)| *status == 200).count();
    let mut latencies: Vec<_> = answers.iter().map(|(_, latency)| *latency).collect();
    latencies.sort_unstable();
    let last = latencies.len().saturating_sub(1);
    let p99 = latencies.get(last * 99 / 100).copied().unwrap_or_default();
    let (others, millis) = (answers.len() - good, p99.as_secs_f64() * 1e3);
    println!("{what:<44}{good:>8}{others:>8}{millis:>12.1}");
}

/// A wrong guess of the password behind one access token.
fn guess(address: SocketAddr) -> Vec<u8> {
    let signed_in = ask(address, &json("/auth/login", &person(0), ATTACKER));
    let token = signed_in.as_ref().and_then(Answer::access_token);
    let headers = format!(
        "{ATTACKER}\r\nAuthorization: Bearer {}",
        token.expect("a token")
    );
    let body =
        r#"{"current_password":"a guess of the attacker","new_password":"engine no. 10 steams"}"#;
    json("/auth/password", body, &headers)
}

/// 16 KB of different names.
fn many_parameters() -> String {
    let names = (0_u32..).map(|number| format!("{}=", letters(number)));
    let mut body = String::new();
    for name in names {
        if body.len() + name.len() + 1 > FORM_BYTES {
            break;
        }
        body.push_str(&name);
        body.push('&');
    }
    body.pop();
    body
}

/// A name of up to four letters for each number.
fn letters(mut number: u32) -> String {
    let mut name = String::new();
    loop {
        name.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or(0)));
        number /= 26;
        if number == 0 {
            return name;
        }
    }
}

/// A sign-in with a stolen password at one of many accounts, from one of 1,000 addresses.
fn stuffed(number: u32) -> Vec<u8> {
    let body = format!(
        r#"{{"email":"stolen-{number}@example.com","password":"a stolen password","token_delivery":"body"}}"#
    );
    let from = format!("198.18.{}.{}", number % 1_000 / 250, number % 250);
    json("/auth/login", &body, &from)
}

fn person(number: u8) -> String {
    format!(
        r#"{{"email":"person-{number}@example.com","password":"engine no. 9 steams","token_delivery":"body"}}"#
    )
}

/// The address of a person.
fn home(number: u8) -> String {
    format!("192.0.2.{number}")
}

const BEHIND_A_PROXY: (&str, &str) = ("SIGNET_TRUSTED_PROXIES", "127.0.0.1");
const WITH_PROOFS: (&str, &str) = ("SIGNET_PROOF_OF_WORK_SIGN_IN", "true");
const PEOPLE: u8 = 60;
const REFRESHES: usize = 240;
/// How many requests a flood repeats.
const FLOODING: u32 = 20_000;
const ATTACKER: &str = "198.51.100.7";
const FORM_BYTES: usize = 16_000;
/// How long an attack lasts before honest requests are measured.
const LEAD: Duration = Duration::from_secs(2);
