//! What frequent requests cost in two builds of the binary, in turns: `make bench-compare`.
//!
//! Prints the processor time of the issuer for a request. The speed of a shared machine changes
//! within seconds, so each round measures both builds, and the ratio is the median of the ratios of
//! the rounds. Timings never fail a run.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../common/issuer.rs"]
#[expect(dead_code, reason = "other benches look into the folder of the issuer")]
mod issuer;
#[path = "../common/load.rs"]
#[expect(dead_code, reason = "other benches use the open loop")]
mod load;
#[path = "../common/process.rs"]
#[expect(dead_code, reason = "other benches print the machine")]
mod process;
#[path = "../common/server.rs"]
#[expect(dead_code, reason = "other benches keep the folder themselves")]
mod server;
#[path = "../common/tasks.rs"]
#[expect(dead_code, reason = "other benches send more kinds of requests")]
mod tasks;
#[path = "../common/wire.rs"]
mod wire;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::issuer::{Home, Issuer, Store};
use crate::load::{Until, Worker, closed};
use crate::process::processor_time;
use crate::wire::Connection;

fn main() {
    let before = std::env::var_os("SIGNET_BENCH_BEFORE").map(PathBuf::from);
    let before = before.expect("another binary: make bench-compare BEFORE=/path/to/signet");
    let binaries = [before, binary::measured()]
        .map(|path| std::fs::canonicalize(path).expect("a readable binary"));
    println!("before: {}", binaries[0].display());
    println!("now:    {}", binaries[1].display());
    println!(
        "{:<28}{:>12}{:>12}{:>9}",
        "CPU of the issuer, us", "before", "now", "ratio"
    );
    for store in [Store::Sqlite, Store::Redis] {
        compare(&binaries, store);
    }
}

/// Measures every load at both builds.
fn compare(binaries: &[PathBuf; 2], store: Store) {
    let mut builds = binaries
        .each_ref()
        .map(|binary| Build::start(binary, store));
    for (load, name) in LOADS.into_iter().enumerate() {
        let mut rounds = Vec::new();
        for round in 0..ROUNDS {
            // Who is first takes turns too.
            let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
            let mut costs = [0.0; 2];
            for build in order {
                costs[build] = builds[build].micros(load);
            }
            rounds.push(costs);
        }
        let of = |build: usize| median(rounds.iter().map(|costs| costs[build]));
        let ratio = median(rounds.iter().map(|[before, now]| now / before));
        println!(
            "{:<28}{:>12.1}{:>12.1}{ratio:>9.3}",
            format!("{}: {name}", store.name()),
            of(0),
            of(1)
        );
    }
}

/// A running build with the workers of each load.
struct Build {
    loads: [Vec<Worker>; LOADS.len()],
    issuer: Issuer,
    _home: Home,
}

impl Build {
    fn start(binary: &Path, store: Store) -> Self {
        let (home, _) = Home::new(binary, store);
        let issuer = Issuer::start(&home);
        let at = issuer.address;
        let mut connection = Connection::open(at);
        let made = Arc::new(Mutex::new(Vec::new()));
        let mut access_token = String::new();
        for account in 0..CONNECTIONS {
            access_token = tasks::register(&mut connection, account);
            tasks::login(account, Some(Arc::clone(&made)))(&mut connection);
        }
        let secret = home.add_client(CLIENT);
        let sessions = made.lock().expect("sessions").clone();
        let refreshing = sessions.iter().map(tasks::refresh);
        let refreshing = refreshing.map(|task| Worker::new(at, task)).collect();
        let workers = |task: &dyn Fn() -> load::Task| -> Vec<Worker> {
            let workers = (0..CONNECTIONS).map(|_| Worker::new(at, task()));
            workers.collect()
        };
        let loads = [
            refreshing,
            workers(&|| tasks::client_credentials(CLIENT, &secret)),
            workers(&|| tasks::forward_auth(&access_token)),
            workers(&tasks::jwks),
        ];
        Self {
            loads,
            issuer,
            _home: home,
        }
    }

    /// The processor time of the issuer for one request of a load, in microseconds.
    fn micros(&mut self, load: usize) -> f64 {
        let workers = &mut self.loads[load];
        // The first answers wait for caches and connections.
        closed(workers, Until::Elapsed(WARM_UP));
        let before = processor_time(self.issuer.process_id());
        let measured = closed(workers, Until::Elapsed(ROUND));
        let used = processor_time(self.issuer.process_id()) - before;
        used.as_secs_f64() * 1e6 / f64::from(measured.requests())
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// In the order of [`Build::loads`].
const LOADS: [&str; 4] = [
    "refresh",
    "client_credentials",
    "forward-auth, known token",
    "JWKS",
];
const CLIENT: &str = "bench";
const CONNECTIONS: u32 = 16;
/// Odd, so that a median is a round.
const ROUNDS: u32 = 7;
const WARM_UP: Duration = Duration::from_millis(200);
const ROUND: Duration = Duration::from_millis(2_500);
