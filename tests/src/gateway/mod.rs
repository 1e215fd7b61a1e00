//! A gateway with the configuration that is shipped for it, as a process between a client, an
//! issuer and a service.
//!
//! The configuration is a copy of `deploy/gateway/NAME` in which only places are changed: where to
//! listen, where the issuer and the service are, and where files lie.

mod haproxy;
mod shipped;

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signet_test_servers::free_port;
use tempfile::TempDir;

use crate::folder::Folder;
use crate::raw::exchange;

pub use haproxy::update_keys;
pub use shipped::{Asks, SHIPPED, Shipped};

/// What a gateway stands in front of.
#[derive(Debug, Clone, Copy)]
pub struct Behind<'a> {
    /// Where the issuer is.
    pub issuer: SocketAddr,
    /// The folder of the issuer, for gateways that are given its public keys as files.
    pub folder: &'a Folder,
    /// Where the service is.
    pub service: SocketAddr,
}

/// A gateway that answers, in a folder of its own and on a free port of loopback.
#[derive(Debug)]
pub struct Gateway {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Gateway {
    /// Starts it, and waits until it answers.
    pub fn start(shipped: &Shipped, behind: Behind<'_>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = loopback(free_port());
        let places = Places {
            listen: address,
            another: loopback(free_port()),
            behind,
            folder: folder.path(),
            cache: cache().join(shipped.program),
        };
        configure(shipped, &places);
        (shipped.prepare)(folder.path(), behind.folder);
        let child = run(shipped, &places);
        let mut gateway = Self {
            child,
            address,
            folder,
        };
        gateway.wait_until_ready(shipped);
        gateway
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder with its configuration and what it writes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process that was started.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Does what the README says about a rotation, for gateways that read keys again at SIGHUP.
    pub fn take_up_keys(&self, shipped: &Shipped, issuer: &Folder) {
        (shipped.prepare)(self.folder.path(), issuer);
        kill_process(self.pid(), Signal::HUP).expect("a running gateway");
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        let log = fs::read(self.folder.path().join(LOG)).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Gateways do not say when they are ready, and some answer 404 before they have read their
    /// routes. The answer is from this one: no other server has its port.
    fn wait_until_ready(&mut self, shipped: &Shipped) {
        for _ in 0..ATTEMPTS {
            let answer = exchange(self.address, PROBE);
            if answer.is_some_and(|answer| answer.status != 404) {
                return;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{} ended: {status}\n{}", shipped.name, self.log());
            }
            thread::sleep(PAUSE);
        }
        panic!("{} did not become ready:\n{}", shipped.name, self.log());
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Some have workers; all of them are in the group.
        let _gone = kill_process_group(self.pid(), Signal::KILL);
        let _status = self.child.wait();
    }
}

/// What the words in braces of [`Shipped`] stand for.
struct Places<'a> {
    listen: SocketAddr,
    another: SocketAddr,
    behind: Behind<'a>,
    folder: &'a Path,
    cache: PathBuf,
}

impl Places<'_> {
    fn fill(&self, text: &str) -> String {
        let Behind {
            issuer, service, ..
        } = self.behind;
        let path = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
        [
            ("{listen}", self.listen.to_string()),
            ("{listen.port}", self.listen.port().to_string()),
            ("{another}", self.another.to_string()),
            ("{issuer}", issuer.to_string()),
            ("{issuer.port}", issuer.port().to_string()),
            ("{service}", service.to_string()),
            ("{service.port}", service.port().to_string()),
            ("{folder}", path(self.folder)),
            ("{cache}", path(&self.cache)),
        ]
        .iter()
        .fold(text.to_owned(), |text, (word, place)| {
            text.replace(word, place)
        })
    }
}

/// Copies the shipped files, with the places of this test in them.
fn configure(shipped: &Shipped, places: &Places<'_>) {
    let from = repository().join("deploy/gateway").join(shipped.folder);
    for entry in fs::read_dir(&from).expect("a shipped configuration") {
        let entry = entry.expect("a readable entry");
        let mut text = fs::read_to_string(entry.path()).expect("a text file");
        for (written, meant) in shipped.places {
            text = text.replace(written, &places.fill(meant));
        }
        let copy = places.folder.join(entry.file_name());
        fs::write(&copy, text).expect("a copy");
        let permissions = fs::metadata(entry.path()).expect("a file").permissions();
        fs::set_permissions(copy, permissions).expect("own file");
    }
}

fn run(shipped: &Shipped, places: &Places<'_>) -> Child {
    let program = program(shipped.program, shipped.binary);
    let log = File::create(places.folder.join(LOG)).expect("a log");
    let arguments = shipped.arguments.iter();
    Command::new("setpriv")
        .arg("--pdeathsig=TERM")
        .arg(program)
        .args(arguments.map(|argument| places.fill(argument)))
        .current_dir(places.folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", places.folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .process_group(0)
        .spawn()
        .expect("setpriv, of the package util-linux")
}

/// The program `name` of a gateway.
pub fn program(gateway: &str, name: &str) -> PathBuf {
    let program = cache().join(gateway).join("bin").join(name);
    assert!(
        program.exists(),
        "{} was not found: run tests/install-server.sh {gateway}",
        program.display()
    );
    program
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Where `tests/install-server.sh` puts the gateways.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache")
}

fn repository() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ lies in the workspace")
}

const LOG: &str = "gateway.log";
/// A request that every gateway refuses.
const PROBE: &[u8] = b"GET /ready HTTP/1.1\r\nHost: gateway.example\r\nConnection: close\r\n\r\n";
/// How often, and after which pauses, a gateway is asked whether it is ready: for half a minute.
const ATTEMPTS: u32 = 3_000;
const PAUSE: Duration = Duration::from_millis(10);
