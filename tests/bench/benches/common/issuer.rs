//! The release binary in a folder of its own, with the stores that are measured.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use signet_test_servers::Redis;
use signet_verifier::{Clock as _, SystemClock};
use tempfile::TempDir;

use crate::server::{SETTINGS, serve};

/// Where sessions are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Redis,
}

impl Store {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Redis => "Redis",
        }
    }
}

/// A folder with keys, and a Redis if sessions are to be there.
pub struct Home {
    binary: PathBuf,
    folder: TempDir,
    redis: Option<Redis>,
}

impl Home {
    /// Makes the keys, which takes the returned time.
    pub fn new(binary: &Path, store: Store) -> (Self, Duration) {
        let home = Self {
            binary: binary.to_owned(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            redis: (store == Store::Redis).then(Redis::start),
        };
        let clock = SystemClock::new();
        home.run(&["keys", "init"]);
        (home, clock.monotonic())
    }

    /// Registers a client for `client_credentials` and returns its secret.
    pub fn add_client(&self, id: &str) -> String {
        let grants = ["--grants", "client_credentials"];
        let may = ["--audiences", "orders", "--scopes", "orders:read", "--json"];
        let printed = self.run(&[&["client", "add", id], &grants[..], &may[..]].concat());
        let client: Value = serde_json::from_str(&printed).expect("JSON");
        client["client_secret"]
            .as_str()
            .expect("a secret")
            .to_owned()
    }

    /// The private key that signed a token, PKCS#8 in DER.
    pub fn signing_key(&self, token: &str) -> Vec<u8> {
        let header = token.split('.').next().unwrap_or_default();
        let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
        let header: Value = serde_json::from_slice(&header).expect("JSON");
        let kid = header["kid"].as_str().expect("a kid");
        let path = self.folder.path().join(format!("keys/signing-{kid}.pem"));
        let pem = fs::read_to_string(path).expect("a key");
        let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(text).expect("base64")
    }

    /// The size of the database with its log, in bytes.
    pub fn database_bytes(&self) -> u64 {
        let data = fs::read_dir(self.folder.path().join("data")).expect("a database");
        let files = data.map(|entry| entry.and_then(|entry| entry.metadata()));
        files.map(|file| file.expect("a file").len()).sum()
    }

    /// The process id of the Redis.
    pub fn redis_process(&self) -> Option<u32> {
        self.redis.as_ref().map(Redis::process_id)
    }

    /// What Redis uses for its data, in bytes.
    pub fn redis_bytes(&self) -> Option<u64> {
        let info = self.redis.as_ref()?.cli(&["INFO", "memory"]);
        let line = info
            .lines()
            .find_map(|line| line.strip_prefix("used_memory:"));
        line.and_then(|bytes| bytes.trim().parse().ok())
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output();
        let output = output.expect("the binary runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .envs(SETTINGS)
            .env("SIGNET_LIMITS_ENABLED", "false");
        if let Some(redis) = &self.redis {
            command.env("SIGNET_REDIS_URL", redis.url());
        }
        command
    }
}

/// A running issuer.
pub struct Issuer {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process until it said that it is ready.
    pub started_in: Duration,
}

impl Issuer {
    /// Starts it with default settings, without rate limits; its log goes to a file, as `info`.
    pub fn start(home: &Home) -> Self {
        let log = File::create(home.folder.path().join("log")).expect("a log file");
        let clock = SystemClock::new();
        let (child, address) = serve(&mut home.command(), log.into());
        Self {
            child,
            address,
            started_in: clock.monotonic(),
        }
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(&mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("a running issuer");
        self.child.wait().expect("a child");
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        // After `stop` there is no process left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
