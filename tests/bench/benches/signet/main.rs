//! Measures the release binary from outside and prints one table: `make bench`.
//!
//! The generator, the bare operations and the servers share the machine, so only ratios of one run
//! mean something. Timings never fail a run.

mod bare;
#[path = "../common/binary.rs"]
mod binary;
mod empty;
#[path = "../common/issuer.rs"]
mod issuer;
#[path = "../common/load.rs"]
mod load;
#[path = "../common/process.rs"]
mod process;
#[path = "../common/report.rs"]
mod report;
#[path = "../common/server.rs"]
#[expect(dead_code, reason = "other benches keep the folder themselves")]
mod server;
mod store;
#[path = "../common/tasks.rs"]
mod tasks;
#[path = "../common/wire.rs"]
mod wire;

use std::fs;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use aws_lc_rs::signature::RsaKeyPair;
use serde_json::{Value, json};
use signet_verifier::{Clock as _, Keys, Policy, SystemClock, Verifier};

use crate::issuer::{Home, Issuer, Store};
use crate::process::{CoreTime, machine, memory};
use crate::report::{Figure, Row, Unit, json, micros, table};
use crate::store::Bench;
use crate::wire::Connection;

fn main() {
    if std::env::args().any(|argument| argument == empty::ARGUMENT) {
        return empty::serve();
    }
    let mut run = Run::new();
    let mut machine = machine();
    machine["binary"] = json!(run.binary.display().to_string());
    machine["used_by_others_before_percent"] = used_by_others(&run);
    starts(&mut run);
    let key = verifications(&mut run);
    let (_home, issuer) = Bench::new(&mut run, &key, Store::Sqlite).measure();
    let last_login = run.clock.monotonic();
    Bench::new(&mut run, &key, Store::Redis).measure();
    idle_again(&mut run, &issuer, last_login);
    drop(issuer);
    rotations(&mut run);
    machine["used_by_others_after_percent"] = used_by_others(&run);
    run.finish(&machine);
}

/// The run so far.
struct Run {
    binary: PathBuf,
    clock: SystemClock,
    rows: Vec<Row>,
}

impl Run {
    fn new() -> Self {
        Self {
            binary: fs::canonicalize(binary::measured()).expect("a readable binary"),
            clock: SystemClock::new(),
            rows: Vec::new(),
        }
    }

    /// Says what is being measured: on one line of a terminal, or line by line in a log.
    fn progress(&self, what: &str) {
        let seconds = self.clock.monotonic().as_secs();
        let (begin, end) = if stderr().is_terminal() {
            ("\r\x1b[K", "")
        } else {
            ("", "\n")
        };
        eprint!("{begin}{seconds:>4} s  {what}{end}");
        // A progress line that cannot be written is no reason to stop.
        let _ = stderr().flush();
    }

    fn finish(&self, machine: &Value) {
        self.progress("done");
        eprintln!();
        println!("{}", table(&self.rows));
        let machine_text = serde_json::to_string_pretty(machine).expect("JSON");
        println!("machine: {machine_text}");
        let report = serde_json::to_string_pretty(&json(&self.rows, machine)).expect("JSON");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench.json");
        fs::write(&path, report + "\n").expect("a writable target folder");
        println!("The same is in target/bench.json.");
    }
}

/// How much of the machine is used while the bench does nothing.
fn used_by_others(run: &Run) -> Value {
    run.progress("how busy the machine is");
    let before = CoreTime::read();
    thread::sleep(Duration::from_secs(1));
    json!(before.used_since().round())
}

/// The binary, how fast it starts, and its memory before the first login.
fn starts(run: &mut Run) {
    run.progress("starts");
    let bytes = fs::metadata(&run.binary).expect("a readable binary").len();
    let size = Figure::new(bytes as f64 / 1e6, Unit::Megabytes).at_most(15.0);
    run.rows.push(Row::figure("release binary", size));
    let (mut first, mut later) = (Vec::new(), Vec::new());
    let mut idle = None;
    for _ in 0..STARTS {
        let (home, making) = Home::new(&run.binary, Store::Sqlite);
        let mut issuer = Issuer::start(&home);
        first.push(making + issuer.started_in);
        issuer.stop();
        let mut issuer = Issuer::start(&home);
        later.push(issuer.started_in);
        idle = Some(memory(issuer.process_id()));
        issuer.stop();
    }
    let millis = |times| Figure::new(micros(median(times)) / 1e3, Unit::Milliseconds);
    let row = Row::figure("start with keys, empty SQLite", millis(later).at_most(25.0));
    run.rows.push(row);
    let row = Row::figure("first start, makes keys", millis(first).at_most(500.0));
    run.rows.push(row);
    let idle = idle.expect("a start");
    let anonymous = Figure::new(idle.anonymous, Unit::Megabytes).at_most(10.0);
    let row = Row::figure("idle memory before the first login", anonymous);
    run.rows.push(row);
    let resident = Figure::new(idle.resident, Unit::Megabytes);
    let row = Row::figure("the same, with the pages of the program", resident);
    run.rows.push(row);
}

/// The verifier against the bare verification. Returns a key to sign with.
fn verifications(run: &mut Run) -> RsaKeyPair {
    run.progress("verifications");
    let (home, _) = Home::new(&run.binary, Store::Sqlite);
    let issuer = Issuer::start(&home);
    let mut connection = Connection::open(issuer.address);
    let token = tasks::register(&mut connection, 0);
    let answer = connection.send(&wire::get("/.well-known/jwks.json", ""));
    let keys = Keys::from_jwks(answer.body).expect("keys");
    let verifier = Verifier::new(Policy::new("http://127.0.0.1:8080", "api"), keys);
    let key = RsaKeyPair::from_pkcs8(&home.signing_key(&token)).expect("a key");
    let verified = bare::verifications(&key, verifier, &token);
    let bare = Figure::new(verified.bare, Unit::Microseconds);
    run.rows
        .push(Row::figure("(a bare RSA verification)", bare));
    let ratio = Figure::new(verified.whole / verified.bare, Unit::Times).at_most(1.1);
    run.rows.push(Row::figure("verify / bare", ratio));
    let hit = Figure::new(verified.cached, Unit::Microseconds).at_most(0.3);
    run.rows.push(Row::figure("verify, cached", hit));
    key
}

/// The memory of an issuer whose last login was a while ago.
fn idle_again(run: &mut Run, issuer: &Issuer, last_login: Duration) {
    let passed = run.clock.monotonic() - last_login;
    run.progress("idle memory");
    thread::sleep(IDLE.saturating_sub(passed));
    let used = memory(issuer.process_id());
    let anonymous = Figure::new(used.anonymous, Unit::Megabytes).at_most(10.0);
    let name = "idle memory 60 s after the last login";
    run.rows.push(Row::figure(name, anonymous));
    let resident = Figure::new(used.resident, Unit::Megabytes);
    let row = Row::figure("the same, with the pages of the program", resident);
    run.rows.push(row);
}

/// Rotations in the SQLite store against one transaction each. A bench of the store has both, so
/// this row is about the code that lies here, whichever binary is measured.
fn rotations(run: &mut Run) {
    run.progress("rotations in SQLite");
    let output = Command::new(env!("CARGO"))
        .args(["bench", "--quiet", "--all-features"])
        .args(["--package", "signet-store", "--bench", "rotations"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output();
    let output = output.expect("cargo runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let line = printed
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(GROUPED));
    let times = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    let Some(times) = times else {
        let errors = String::from_utf8_lossy(&output.stderr);
        return run.progress(&format!("rotations were not measured: {errors}"));
    };
    let ratio = Figure::new(times, Unit::Times).at_least(10.0);
    let name = "rotations in SQLite, 64 clients / a transaction each";
    run.rows.push(Row::figure(name, ratio));
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// How the line of that bench begins that has the ratio.
const GROUPED: &str = "64  grouped against one each: ";
const STARTS: u32 = 7;
const IDLE: Duration = Duration::from_secs(60);
