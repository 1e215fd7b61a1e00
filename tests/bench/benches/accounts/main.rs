//! A million imported accounts on SQLite and on PostgreSQL: `make bench-accounts`.
//!
//! Prints how long `signet account import` takes, how much the database grows, and how long a sign-in
//! takes before and after. `SIGNET_BENCH_ACCOUNTS` sets another number. Timings never fail a run.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../common/server.rs"]
mod server;
#[expect(dead_code, reason = "other benches use the rest")]
#[path = "../common/wire.rs"]
mod wire;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use signet_test_servers::{Postgres, Redis, free_port};
use signet_verifier::{Clock as _, SystemClock};

use crate::server::Server;
use crate::wire::{Connection, post_json};

fn main() {
    let named = std::env::var_os("SIGNET_BENCH_ACCOUNTS");
    let number = |text: &OsStr| text.to_str()?.parse().ok();
    let count = named.map_or(MILLION, |text| number(&text).expect("a number"));
    println!("{}: {count} accounts", binary::measured().display());
    println!(
        "{:<22}{:>10}{:>12}{:>10}{:>12}{:>18}{:>18}",
        "", "import s", "accounts/s", "MB", "B/account", "before p50/p95 ms", "after p50/p95 ms"
    );
    Place::new(Vec::new(), None).measure("SQLite", count);
    let (postgres, redis) = (Postgres::start(), Redis::start());
    let settings = vec![
        ("SIGNET_DATABASE_URL", postgres.url()),
        ("SIGNET_REDIS_URL", redis.url()),
    ];
    let tables = postgres.folder().to_owned();
    Place::new(settings, Some(tables)).measure("PostgreSQL and Redis", count);
}

/// A server, its folder, and where its database is.
struct Place {
    server: Server,
    settings: Vec<(&'static str, String)>,
    folder: PathBuf,
    database: PathBuf,
    _kept: tempfile::TempDir,
}

impl Place {
    fn new(mut settings: Vec<(&'static str, String)>, database: Option<PathBuf>) -> Self {
        let kept = tempfile::tempdir().expect("a temporary folder");
        let folder = kept.path().to_owned();
        let operations = format!("127.0.0.1:{}", free_port());
        settings.push(("SIGNET_OPS_LISTEN", operations));
        settings.push(("SIGNET_LIMITS_ENABLED", "false".to_owned()));
        let shown: Vec<_> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let server = Server::start(&binary::measured(), &folder, &shown);
        Self {
            server,
            settings,
            database: database.unwrap_or_else(|| folder.clone()),
            folder,
            _kept: kept,
        }
    }

    fn measure(&self, name: &str, count: u32) {
        let own = credentials("own@example.com");
        let mut connection = Connection::open(self.server.address);
        connection
            .send(&post_json("/auth/register", &own))
            .expect(201);
        let before = sign_ins(self.server.address, |_| own.clone());
        let file = self.lines(count);
        let (empty, clock) = (bytes_in(&self.database), SystemClock::new());
        let begun = clock.monotonic();
        self.account(&["import", &file.to_string_lossy()]);
        let took = clock.monotonic().saturating_sub(begun).as_secs_f64();
        fs::remove_file(file).expect("a file");
        let grown = bytes_in(&self.database).saturating_sub(empty);
        let step = count / SIGN_INS;
        let after = sign_ins(self.server.address, |number| {
            credentials(&address(number * step))
        });
        println!(
            "{name:<22}{took:>10.1}{:>12.0}{:>10.1}{:>12.0}{:>18}{:>18}",
            f64::from(count) / took,
            grown as f64 / 1e6,
            grown as f64 / f64::from(count),
            before,
            after
        );
    }

    /// Writes the accounts. Their password is that of the account that exists, with the same
    /// parameters, so that no sign-in replaces a hash.
    fn lines(&self, count: u32) -> PathBuf {
        let exported = self.account(&["export"]);
        let line: Value = serde_json::from_str(&exported).expect("a line");
        let hash = line["password_hash"].as_str().expect("a hash");
        let path = self.folder.join("accounts.jsonl");
        let mut file = BufWriter::new(File::create(&path).expect("a file"));
        for number in 0..count {
            let email = address(number);
            let line = format!(
                r#"{{"email":"{email}","email_verified":true,"name":"Person {number}","password_hash":"{hash}"}}"#
            );
            writeln!(file, "{line}").expect("a file");
        }
        file.flush().expect("a file");
        path
    }

    /// Runs `signet account` beside the server, and returns what it prints.
    fn account(&self, arguments: &[&str]) -> String {
        let settings = self.settings.iter();
        let ran = Command::new(binary::measured())
            .current_dir(&self.folder)
            .env_clear()
            .envs(settings.map(|(name, value)| (*name, value.as_str())))
            .arg("account")
            .args(arguments)
            .output()
            .expect("the binary runs");
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(ran.stdout).expect("text")
    }
}

/// Signs in with these bodies, one after the other; the median and the 95th percentile.
fn sign_ins(server: SocketAddr, body: impl Fn(u32) -> String) -> String {
    let mut connection = Connection::open(server);
    let clock = SystemClock::new();
    let mut times: Vec<_> = (0..SIGN_INS)
        .map(|number| {
            let request = post_json("/auth/login", &body(number));
            let begun = clock.monotonic();
            connection.send(&request).expect(200);
            clock.monotonic().saturating_sub(begun)
        })
        .collect();
    times.sort_unstable();
    let millis = |share: usize| {
        let time = times.get(times.len() * share / 100).copied();
        time.map_or(f64::NAN, |time: Duration| time.as_secs_f64() * 1e3)
    };
    format!("{:.1} / {:.1}", millis(50), millis(95))
}

/// The bytes of the files in a folder and in those below it.
fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| {
        let path = entry.path();
        let name = entry.file_name();
        match entry.metadata() {
            // PostgreSQL keeps its log of changes for reuse, and the lines are no part of SQLite.
            _ if name == "pg_wal" || name == "accounts.jsonl" => 0,
            Ok(metadata) if metadata.is_dir() => bytes_in(&path),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        }
    });
    sizes.sum()
}

fn address(number: u32) -> String {
    format!("person-{number}@example.com")
}

fn credentials(email: &str) -> String {
    format!(r#"{{"email":"{email}","password":"engine no. 9 steams","token_delivery":"body"}}"#)
}

const MILLION: u32 = 1_000_000;
const SIGN_INS: u32 = 200;
