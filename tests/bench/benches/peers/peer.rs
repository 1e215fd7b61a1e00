//! An issuer that is measured: a process that says where it serves, and what it has started.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use signet_test_servers::Redis;
use tempfile::TempDir;

/// A running issuer. It ends with the value.
pub struct Peer {
    child: Child,
    pub address: SocketAddr,
    redis: Option<Redis>,
    _folder: TempDir,
}

impl Peer {
    /// Starts Signet, with sessions in Redis if there is one. Returns the secret of its client too.
    pub fn signet(binary: &Path, redis: Option<Redis>) -> (Self, String) {
        let folder = folder();
        let command = || {
            let mut command = Command::new(binary);
            command.current_dir(&folder).env_clear().envs(SETTINGS);
            command.envs(redis.iter().map(|redis| ("SIGNET_REDIS_URL", redis.url())));
            command
        };
        let made = command().args(["keys", "init"]).output();
        assert!(made.expect("the binary runs").status.success(), "keys");
        let log = File::create(folder.path().join("log")).expect("a log file");
        let mut serve = command();
        serve.arg("serve").stdin(Stdio::null()).stderr(log);
        let mut add = command();
        add.args(ADD_CLIENT);
        let peer = Self::start(serve, folder, redis);
        // The server has made the database that the client is added to.
        let added = add.output().expect("the binary runs");
        let client: Value = serde_json::from_slice(&added.stdout).expect("JSON");
        let secret = client["client_secret"].as_str().expect("a secret");
        (peer, secret.to_owned())
    }

    /// Starts a program of `tests/clients` in JavaScript.
    pub fn node(program: &str, redis: Option<Redis>) -> Self {
        let mut command = Command::new(cached("clients/node"));
        command.arg(tests().join("clients").join(program));
        command.args(redis.as_ref().map(Redis::socket)).env_clear();
        command.env("NODE_ENV", "production").stdin(Stdio::piped());
        Self::start(command, folder(), redis)
    }

    /// Starts glewlwyd.
    pub fn glewlwyd() -> Self {
        let folder = folder();
        let mut command = Command::new(cached("clients/python/bin/python"));
        command
            .arg("-B")
            .arg(tests().join("clients/peer_glewlwyd.py"))
            .arg(cached("glewlwyd/bin/glewlwyd"))
            .arg(folder.path())
            .stdin(Stdio::piped());
        Self::start(command, folder, None)
    }

    fn start(mut command: Command, folder: TempDir, redis: Option<Redis>) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        let read = BufReader::new(stdout).read_line(&mut line);
        read.expect("a readable pipe");
        let address = line.trim().trim_start_matches("signet ready on http://");
        Self {
            child,
            address: address.parse().expect("a peer that says where it serves"),
            redis,
            _folder: folder,
        }
    }

    /// The process that was started and its children.
    pub fn processes(&self) -> Vec<u32> {
        let id = self.child.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.expect("a running process");
        let children = children.split_whitespace().map(str::parse::<u32>);
        let mut processes = vec![id];
        processes.extend(children.map(|id| id.expect("a process id")));
        processes
    }

    pub fn redis_process(&self) -> Option<u32> {
        self.redis.as_ref().map(Redis::process_id)
    }
}

impl Drop for Peer {
    /// The programs of `tests/clients` end with their input, Signet has none.
    fn drop(&mut self) {
        if self.child.stdin.take().is_none() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn tests() -> PathBuf {
    fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).expect("the folder of the tests")
}

/// What an installer of `tests` has put into place.
fn cached(name: &str) -> PathBuf {
    let path = tests().join(".cache").join(name);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

const SETTINGS: [(&str, &str); 4] = [
    ("SIGNET_LISTEN", "127.0.0.1:0"),
    ("SIGNET_OPS_LISTEN", "127.0.0.1:0"),
    ("SIGNET_LIMITS_ENABLED", "false"),
    ("SIGNET_LOG_FORMAT", "json"),
];

const ADD_CLIENT: [&str; 10] = [
    "client",
    "add",
    "reports",
    "--grants",
    "client_credentials",
    "--audiences",
    "orders",
    "--scopes",
    "orders:read",
    "--json",
];
