//! Measures how the cost of a refresh grows with sessions, connections and replicas, and writes
//! `target/bench-growth.json`: `make bench-growth`. `make bench-plot` draws it.
//!
//! Timings never fail a run.

#[path = "../common/binary.rs"]
mod binary;
mod fill;
#[path = "../common/load.rs"]
#[expect(dead_code, reason = "growth needs no open loop")]
mod load;
#[path = "../common/process.rs"]
#[expect(dead_code, reason = "growth needs less of it")]
mod process;
#[path = "../common/report.rs"]
#[expect(dead_code, reason = "growth is drawn, not shown in a table")]
mod report;
#[path = "../common/server.rs"]
mod server;
#[path = "../common/tasks.rs"]
#[expect(dead_code, reason = "growth is about refreshes")]
mod tasks;
#[path = "../common/wire.rs"]
mod wire;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use signet_test_servers::{Postgres, Redis};
use tempfile::TempDir;

use crate::fill::Filler;
use crate::load::{Task, Until, Worker, closed};
use crate::process::{machine, memory};
use crate::report::Load;
use crate::server::Server;
use crate::tasks::Session;

fn main() {
    let binary = std::fs::canonicalize(binary::measured()).expect("a readable binary");
    let mut report = Report::new(&binary);
    report.add(replicas(&binary));
    report.add(sessions(&binary, "SQLite", None));
    report.add(sessions(&binary, "Redis", Some(Redis::start())));
    report.add(connections(&binary));
    println!("The figures are in target/bench-growth.json. Draw them with make bench-plot.");
}

/// The file of the figures. It is written after each series, so that an interrupted run leaves some.
struct Report {
    series: Vec<Value>,
    machine: Value,
}

impl Report {
    fn new(binary: &Path) -> Self {
        let mut machine = machine();
        machine["binary"] = json!(binary.display().to_string());
        let series = Vec::new();
        Self { series, machine }
    }

    fn add(&mut self, series: Value) {
        self.series.push(series);
        let report = json!({"series": self.series, "machine": self.machine});
        let report = serde_json::to_string_pretty(&report).expect("JSON");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench-growth.json");
        std::fs::write(path, report + "\n").expect("a writable target folder");
    }
}

/// Refreshes of sessions all over the store, with ever more of them.
fn sessions(binary: &Path, store: &str, redis: Option<Redis>) -> Value {
    let home = Home::new(binary, redis, None);
    let mut filler = home.filler();
    let points = SESSIONS.map(|total| {
        eprintln!("{total} sessions in {store}");
        let sessions = filler.fill(total);
        let server = home.start();
        point(f64::from(total), &home, &[server], &sessions, 16)
    });
    json!({"name": format!("sessions, {store}"), "x": "sessions, one for each account", "points": points})
}

/// Refreshes on ever more connections.
fn connections(binary: &Path) -> Value {
    let home = Home::new(binary, None, None);
    let sessions = home.filler().fill(10_000);
    let points = CONNECTIONS.map(|count| {
        eprintln!("{count} connections");
        point(f64::from(count), &home, &[home.start()], &sessions, count)
    });
    json!({"name": "connections, SQLite", "x": "connections, all of them refreshing", "points": points})
}

/// Refreshes at ever more replicas, which share a Redis and a PostgreSQL.
fn replicas(binary: &Path) -> Value {
    let home = Home::new(binary, Some(Redis::start()), Some(Postgres::start()));
    let sessions = home.filler().fill(10_000);
    let points = [1, 2, 3].map(|count| {
        eprintln!("{count} replicas");
        let replicas: Vec<_> = (0..count).map(|_| home.start()).collect();
        point(f64::from(count), &home, &replicas, &sessions, 48)
    });
    json!({"name": "replicas, Redis and PostgreSQL", "x": "replicas", "points": points})
}

/// Loads the replicas with refreshes on this many connections, each with sessions of its own.
fn point(x: f64, home: &Home, replicas: &[Server], sessions: &[Session], count: u32) -> Value {
    let workers = |count: usize| {
        let worker = |number: usize| {
            let own = sessions.iter().skip(number).step_by(count);
            Worker::new(replicas[number % replicas.len()].address, in_turns(own))
        };
        (0..count).map(worker).collect::<Vec<_>>()
    };
    // On connections of its own: the server closes those that wait for long.
    closed(&mut workers(WARMING), Until::Elapsed(WARM_UP));
    let mut workers = workers(count as usize);
    let processes: Vec<_> = replicas.iter().map(|server| server.child.id()).collect();
    let redis = home.redis.as_ref().map(Redis::process_id);
    let load = Load::of(&processes, redis, || {
        closed(&mut workers, Until::Elapsed(ROUND))
    });
    let anonymous = processes.iter().map(|&id| memory(id).anonymous);
    json!({
        "x": x,
        "issuer_cpu_us": load.micros(),
        "redis_cpu_us": load.redis_micros(),
        "requests_per_second": load.measured.rate(),
        "p50_ms": load.measured.quantile_millis(0.5),
        "p99_ms": load.measured.quantile_millis(0.99),
        "memory_mb": anonymous.sum::<f64>(),
    })
}

/// Refreshes one session after the other, again and again.
fn in_turns<'a>(sessions: impl Iterator<Item = &'a Session>) -> Task {
    let mut tasks: Vec<_> = sessions.map(tasks::refresh).collect();
    let mut sent = 0;
    Box::new(move |connection| {
        let turn = sent % tasks.len();
        tasks[turn](connection);
        sent += 1;
    })
}

/// The stores and the keys of an issuer.
struct Home {
    binary: PathBuf,
    folder: TempDir,
    redis: Option<Redis>,
    postgres: Option<Postgres>,
}

impl Home {
    /// Makes the keys and the tables.
    fn new(binary: &Path, redis: Option<Redis>, postgres: Option<Postgres>) -> Self {
        let home = Self {
            binary: binary.to_owned(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            redis,
            postgres,
        };
        drop(home.start());
        home
    }

    fn start(&self) -> Server {
        let (database, redis) = (self.database_url(), self.redis_url());
        let mut settings = vec![
            ("SIGNET_LIMITS_ENABLED", "false"),
            ("SIGNET_DATABASE_URL", &database),
        ];
        settings.extend(redis.iter().map(|url| ("SIGNET_REDIS_URL", url.as_str())));
        Server::start(&self.binary, self.folder.path(), &settings)
    }

    fn filler(&self) -> Filler {
        let keys = self.folder.path().join("keys");
        Filler::new(&keys, self.database_url(), self.redis_url())
    }

    fn database_url(&self) -> String {
        let file = self.folder.path().join("signet.db");
        let sqlite = || format!("sqlite://{}", file.display());
        self.postgres.as_ref().map_or_else(sqlite, Postgres::url)
    }

    fn redis_url(&self) -> Option<String> {
        self.redis.as_ref().map(Redis::url)
    }
}

const SESSIONS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
const CONNECTIONS: [u32; 5] = [1, 16, 128, 1_000, 5_000];
/// The connections that warm up the server.
const WARMING: usize = 16;
const WARM_UP: Duration = Duration::from_secs(1);
const ROUND: Duration = Duration::from_secs(4);
