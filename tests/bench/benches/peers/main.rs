//! Measures Signet beside other issuers in one run: `make bench-peers`.
//!
//! The peers are the stack of the guides for Node.js, the same tuned, oidc-provider and glewlwyd.
//! `tests/clients` has their programs. All share the machine with the generator, and take turns, so
//! only ratios of one run mean something. Timings never fail a run.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../common/load.rs"]
#[expect(dead_code, reason = "the peers need no open loop")]
mod load;
mod peer;
#[path = "../common/process.rs"]
#[expect(dead_code, reason = "the memory of the peers is not compared")]
mod process;
#[path = "../common/report.rs"]
#[expect(dead_code, reason = "every figure here is a ratio")]
mod report;
#[path = "../common/tasks.rs"]
#[expect(dead_code, reason = "the peers have fewer endpoints")]
mod tasks;
#[path = "../common/wire.rs"]
mod wire;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use signet_test_servers::Redis;

use crate::load::{Task, Until, Worker, closed};
use crate::peer::Peer;
use crate::process::machine;
use crate::report::{Figure, Load, Row, Unit};
use crate::tasks::Session;
use crate::wire::Connection;

fn main() {
    let binary = std::fs::canonicalize(binary::measured()).expect("a readable binary");
    let mut subjects = subjects(&binary);
    for round in 1..=ROUNDS {
        for subject in &mut subjects {
            eprintln!("round {round} of {ROUNDS}: {}", subject.name);
            subject.measure();
        }
    }
    let rows = rows(&subjects);
    let mut machine = machine();
    machine["binary"] = json!(binary.display().to_string());
    println!("{}", report::table(&rows));
    let report = report::json(&rows, &machine);
    let report = serde_json::to_string_pretty(&report).expect("JSON");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench-peers.json");
    std::fs::write(path, report + "\n").expect("a writable target folder");
    println!("The same is in target/bench-peers.json.");
}

/// One load on one issuer.
struct Subject {
    name: &'static str,
    peer: Arc<Peer>,
    /// Makes the task of each connection.
    task: Box<dyn Fn(usize) -> Task>,
    load: Load,
    comparison: Comparison,
}

/// What its processor time is compared with.
#[derive(Clone, Copy)]
enum Comparison {
    /// The subjects that follow are compared with this one.
    Reference,
    /// Signet's advantage must be at least this much.
    AtLeast(f64),
    /// It is only shown.
    Shown,
}

fn subjects(binary: &Path) -> Vec<Subject> {
    let (redis, secret) = Peer::signet(binary, Some(Redis::start()));
    let (redis, sqlite) = (Arc::new(redis), Arc::new(Peer::signet(binary, None).0));
    let guides = Arc::new(Peer::node("peer-guides.mjs", Some(Redis::start())));
    let tuned = Arc::new(Peer::node("peer-tuned.mjs", Some(Redis::start())));
    let provider = Arc::new(Peer::node("issuer-oidc-provider.mjs", None));
    let glewlwyd = Arc::new(Peer::glewlwyd());
    let at_signet = request("/oauth/token", &secret, "");
    let resource = "&resource=https://orders.example.com&scope=orders:read";
    let at_provider = request("/token", "known-to-the-test", resource);
    let at_glewlwyd = request("/api/oidc/token", "known-to-the-bench", "&scope=orders");
    let shown = Comparison::Shown;
    vec![
        Subject::refresh("refresh, Signet on Redis", &redis, Comparison::Reference),
        Subject::refresh("refresh, Signet on SQLite", &sqlite, shown),
        Subject::refresh("refresh, guides' stack", &guides, Comparison::AtLeast(8.0)),
        Subject::refresh(
            "refresh, guides' stack tuned",
            &tuned,
            Comparison::AtLeast(1.8),
        ),
        Subject::token("client_credentials, Signet on Redis", &redis, at_signet)
            .compared(Comparison::Reference),
        Subject::token("client_credentials, oidc-provider", &provider, at_provider)
            .compared(Comparison::AtLeast(1.8)),
        Subject::token("client_credentials, glewlwyd", &glewlwyd, at_glewlwyd)
            .compared(Comparison::AtLeast(50.0)),
    ]
}

impl Subject {
    /// Refreshes of a session for each connection.
    fn refresh(name: &'static str, peer: &Arc<Peer>, comparison: Comparison) -> Self {
        let mut connection = Connection::open(peer.address);
        let sessions: Vec<_> = (0..CONNECTIONS)
            .map(|account| begin_session(&mut connection, account))
            .collect();
        Self {
            name,
            peer: Arc::clone(peer),
            task: Box::new(move |number| tasks::refresh(&sessions[number])),
            load: Load::default(),
            comparison,
        }
    }

    /// The same request for a token on each connection.
    fn token(name: &'static str, peer: &Arc<Peer>, request: Vec<u8>) -> Self {
        Self {
            name,
            peer: Arc::clone(peer),
            task: Box::new(move |_| tasks::repeat(request.clone(), 200)),
            load: Load::default(),
            comparison: Comparison::Shown,
        }
    }

    fn compared(mut self, comparison: Comparison) -> Self {
        self.comparison = comparison;
        self
    }

    /// A round. Connections are new, because some servers close those that wait for long.
    fn measure(&mut self) {
        let address: SocketAddr = self.peer.address;
        let mut workers: Vec<_> = (0..CONNECTIONS)
            .map(|number| Worker::new(address, (self.task)(number)))
            .collect();
        closed(&mut workers, Until::Elapsed(WARM_UP));
        let (processes, redis) = (self.peer.processes(), self.peer.redis_process());
        let work = || closed(&mut workers, Until::Elapsed(ROUND));
        let load = Load::of(&processes, redis, work);
        self.load = std::mem::take(&mut self.load).and(load);
    }

    /// Answers for each second of processor time of the issuer and its Redis.
    fn per_cpu_second(&self) -> f64 {
        1e6 / (self.load.micros() + self.load.redis_micros().unwrap_or_default())
    }
}

/// A row for each subject, compared with the reference before it.
fn rows(subjects: &[Subject]) -> Vec<Row> {
    let mut reference = f64::NAN;
    let row = |subject: &Subject| {
        let rate = subject.per_cpu_second();
        let figure = match subject.comparison {
            Comparison::Reference => {
                reference = rate;
                None
            }
            Comparison::AtLeast(times) => {
                Some(Figure::new(reference / rate, Unit::Times).at_least(times))
            }
            Comparison::Shown => Some(Figure::new(reference / rate, Unit::Times)),
        };
        let name = format!("{}: {rate:.0} per CPU second", subject.name);
        Row::load(name, &subject.load, figure)
    };
    subjects.iter().map(row).collect()
}

/// Registers an account and returns its session.
fn begin_session(connection: &mut Connection, account: usize) -> Session {
    let body = format!(
        r#"{{"email":"person-{account}@example.com","password":"engine no. 9 steams","token_delivery":"body"}}"#
    );
    let answer = connection.send(&wire::post_json("/auth/register", &body));
    let token = answer.expect(201).member("refresh_token").to_owned();
    Arc::new(Mutex::new(token))
}

/// A request for a token of the client `reports` with this secret.
fn request(path: &str, secret: &str, more: &str) -> Vec<u8> {
    let basic = STANDARD.encode(format!("reports:{secret}"));
    let kind = format!("application/x-www-form-urlencoded\r\nauthorization: Basic {basic}");
    wire::post(path, &kind, &format!("grant_type=client_credentials{more}"))
}

const CONNECTIONS: usize = 16;
const ROUNDS: u32 = 3;
/// Node compiles what runs often.
const WARM_UP: Duration = Duration::from_secs(1);
const ROUND: Duration = Duration::from_secs(3);
