//! What revocation lists cost: `make bench-lists`.
//!
//! Two servers with the same keys issue tokens in turns, one with lists and one without. Another load
//! fetches a list. The sizes are those of signed lists of which a share of the bits is set. Timings
//! never fail a run.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../common/load.rs"]
#[expect(dead_code, reason = "other benches use the open loop")]
mod load;
#[path = "../common/process.rs"]
#[expect(dead_code, reason = "other benches print the machine")]
mod process;
#[path = "../common/server.rs"]
mod server;
#[path = "../common/tasks.rs"]
#[expect(dead_code, reason = "other benches send more kinds of requests")]
mod tasks;
#[path = "../common/wire.rs"]
mod wire;

mod sizes;

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use signet_core::keys::SigningKey;
use tempfile::TempDir;

use crate::load::{Measured, Until, Worker, closed};
use crate::process::processor_time;
use crate::server::Server;
use crate::tasks::{Session, login, refresh, register, repeat};
use crate::wire::{Connection, get};

fn main() {
    let folders = [folder(), folder()];
    let binary = binary::measured();
    let start = |folder: &TempDir, lists| {
        let settings = [
            ("SIGNET_LIMITS_ENABLED", "false"),
            ("SIGNET_STATUS_LIST_ENABLED", lists),
        ];
        Server::start(&binary, folder.path(), &settings)
    };
    let [without, with] = [start(&folders[0], "false"), start(&folders[1], "true")];
    let tokens = [&without, &with].map(access_token);
    let [short, long] = [tokens[0].len(), tokens[1].len()];
    println!(
        "an access token                 {short} bytes, with lists {long}, {} more",
        long - short
    );
    issue(&without, &with);
    fetch(&with, &tokens[1]);
    sizes::print(&signing_key(&folders[0]));
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// One of the keys that the server has made.
fn signing_key(folder: &TempDir) -> SigningKey {
    let files = fs::read_dir(folder.path().join("keys")).expect("a folder of keys");
    let mut paths = files.map(|file| file.expect("a file").path());
    let path = paths.find(|path| path.extension().is_some_and(|extension| extension == "pem"));
    let pem = fs::read_to_string(path.expect("a key")).expect("a readable key");
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    SigningKey::from_pkcs8(&STANDARD.decode(text).expect("base64")).expect("an RSA key")
}

fn access_token(server: &Server) -> String {
    register(&mut Connection::open(server.address), 0)
}

/// Refreshes sessions at both servers in turns, and compares processor times.
fn issue(without: &Server, with: &Server) {
    let mut loads = [without, with].map(|server| (server, sessions(server), Load::default()));
    for _ in 0..ROUNDS {
        for (server, workers, sum) in &mut loads {
            sum.add(server, workers);
        }
    }
    let [without, with] = loads.map(|(_, _, load)| load.micros());
    let ratio = with / without;
    println!(
        "a refresh                       {without:.1} µs, with lists {with:.1} µs, {ratio:.3} times, at most 1.01"
    );
}

/// Connections that each refresh a session of an account of its own.
fn sessions(server: &Server) -> Vec<Worker> {
    let mut connection = Connection::open(server.address);
    let sessions: Arc<Mutex<Vec<Session>>> = Arc::default();
    for account in 1..=CONNECTIONS {
        register(&mut connection, account);
        login(account, Some(Arc::clone(&sessions)))(&mut connection);
    }
    let sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
    let worker = |session| Worker::new(server.address, refresh(session));
    sessions.iter().map(worker).collect()
}

/// Fetches the list that the token names.
fn fetch(server: &Server, token: &str) {
    let payload = token.split('.').nth(1).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let claims: Value = serde_json::from_slice(&payload).expect("JSON");
    let uri = claims["status"]["status_list"]["uri"].as_str();
    let (_, id) = uri.and_then(|uri| uri.rsplit_once('/')).expect("a list");
    let request = get(&format!("/status/{id}"), "");
    let worker = |_| Worker::new(server.address, repeat(request.clone(), 200));
    let mut workers: Vec<_> = (0..CONNECTIONS).map(worker).collect();
    let mut load = Load::default();
    load.add(server, &mut workers);
    let (rate, micros) = (load.measured.rate(), load.micros());
    println!("GET /status/{{list}}              {rate:.0} a second, {micros:.1} µs each");
}

/// A load, and the processor time that the server took for it.
#[derive(Default)]
struct Load {
    measured: Measured,
    used: Duration,
}

impl Load {
    fn add(&mut self, server: &Server, workers: &mut [Worker]) {
        let before = processor_time(server.child.id());
        let measured = closed(workers, Until::Elapsed(ROUND));
        self.used += processor_time(server.child.id()) - before;
        self.measured = std::mem::take(&mut self.measured).and(measured);
    }

    /// Processor time of one request, in microseconds.
    fn micros(&self) -> f64 {
        self.used.as_secs_f64() * 1e6 / f64::from(self.measured.requests())
    }
}

const CONNECTIONS: u32 = 16;
/// How often each server takes its turn.
const ROUNDS: u32 = 10;
const ROUND: Duration = Duration::from_secs(3);
