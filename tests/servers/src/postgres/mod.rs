//! A PostgreSQL server: started within a quarter of a second from a copy of an empty cluster.

mod cluster;
mod family;

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tempfile::TempDir;

use crate::ports::free_port;
use crate::programs;

/// A server that listens on a socket in its own folder, where its superuser `signet` needs no
/// password.
#[derive(Debug)]
pub struct Postgres {
    child: Child,
    options: Vec<String>,
    port: u16,
    folder: TempDir,
}

impl Postgres {
    /// A server with an empty database.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// The same with settings such as `default_transaction_read_only=on`.
    pub fn with(settings: &[&str]) -> Self {
        Self::within(empty_folder(), SOCKET_PORT, settings)
    }

    /// A server that listens on a port of loopback too, with TLS. There everybody needs a
    /// password.
    pub fn with_tls(certificate: &str, private_key: &str) -> Self {
        let folder = empty_folder();
        let file = |name, text| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a writable folder");
            programs::hand_over(&path);
            fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a file of our own");
            path.display().to_string()
        };
        let certificate = format!("ssl_cert_file={}", file("server.crt", certificate));
        let private_key = format!("ssl_key_file={}", file("server.key", private_key));
        let settings = [
            "ssl=on",
            "listen_addresses=127.0.0.1",
            &certificate,
            &private_key,
        ];
        Self::within(folder, free_port(), &settings)
    }

    fn within(folder: TempDir, port: u16, settings: &[&str]) -> Self {
        cluster::copy_to(&folder.path().join("data"));
        let path = folder.path().display();
        let mut options = vec![
            format!("-D{path}/data"),
            format!("-k{path}"),
            format!("-p{port}"),
        ];
        for setting in SETTINGS.iter().chain(settings) {
            options.extend(["-c".to_owned(), (*setting).to_owned()]);
        }
        let child = run(&options);
        Self {
            child,
            options,
            port,
            folder,
        }
    }

    /// The address of its database, as the superuser.
    pub fn url(&self) -> String {
        self.url_of("signet", "postgres")
    }

    /// The address of a database for a role that needs no password.
    pub fn url_of(&self, role: &str, database: &str) -> String {
        let folder = self.folder.path().display();
        let port = self.port;
        format!("postgres:///{database}?host={folder}&port={port}&user={role}")
    }

    /// The folder of its socket.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The number of its port, which is in the name of its socket too.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        let workers = family::signal(self.pid(), Signal::KILL);
        self.child.wait().expect("a child");
        family::wait_for_end(workers);
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        // A server that was killed cannot take away its socket and its note of who it was.
        let _absent = fs::remove_file(self.folder.path().join("data/postmaster.pid"));
        self.child = run(&self.options);
    }

    /// Lets it answer nothing any more, while its sockets stay open.
    pub fn pause(&self) {
        family::signal(self.pid(), Signal::STOP);
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        family::signal(self.pid(), Signal::CONT);
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A process killed in the test is gone already.
        if let Ok(None) = self.child.try_wait() {
            family::signal(self.pid(), Signal::CONT);
            let _gone = rustix::process::kill_process(self.pid(), Signal::QUIT);
            let _gone = self.child.wait();
        }
    }
}

fn empty_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    programs::hand_over(folder.path());
    folder
}

/// Starts the server and waits until it takes connections.
fn run(options: &[String]) -> Child {
    let mut command = programs::unprivileged(&cluster::program("postgres"));
    command
        .args(options)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("setpriv, of the package util-linux");
    let log = BufReader::new(child.stderr.take().expect("a pipe"));
    let (ready, is_ready) = mpsc::channel();
    thread::spawn(move || {
        let mut said = String::new();
        for line in log.lines().map_while(Result::ok) {
            if line.contains("ready to accept connections") {
                // Who waits no more, for the next lines, need not hear of it.
                let _unheard = ready.send(Ok(()));
            }
            said.push_str(&line);
            said.push('\n');
        }
        let _unheard = ready.send(Err(said));
    });
    match is_ready.recv_timeout(START_TIMEOUT) {
        Ok(Ok(())) => child,
        Ok(Err(said)) => panic!("PostgreSQL did not start:\n{said}"),
        Err(_) => panic!("PostgreSQL was not ready within {START_TIMEOUT:?}"),
    }
}

/// What a killed server has written is still in the memory of the system, so nothing of what tests
/// promise needs a disk.
const SETTINGS: [&str; 4] = [
    "fsync=off",
    "shared_buffers=16MB",
    "listen_addresses=",
    "log_min_messages=warning",
];

/// In the name of the socket, where no server listens on a port.
const SOCKET_PORT: u16 = 5432;

/// How long a start may take on a machine that is busy with other tests.
const START_TIMEOUT: Duration = Duration::from_secs(20);
