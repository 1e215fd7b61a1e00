//! The real issuer as a process: started, asked for its logs, stopped, killed, started again.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use serde_json::Value;

use crate::api::Api;
use crate::binaries;
use crate::command::{Ran, run_signet};
use crate::folder::Folder;
use crate::stores::StoreServers;

/// An issuer that is ready, in a folder of its own and on a free port of loopback.
#[derive(Debug)]
pub struct Server {
    api: Api,
    process: Process,
    program: PathBuf,
    settings: Vec<(String, String)>,
    folder: Arc<Folder>,
    stores: Arc<StoreServers>,
}

impl Server {
    /// Starts an issuer with default settings, without rate limits.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// An issuer with these environment variables besides.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self::within(Arc::new(Folder::with_keys()), settings)
    }

    /// An issuer whose public URL is where it listens, for clients that find everything by its
    /// metadata.
    pub fn at_its_public_url() -> Self {
        let address = own_address().to_string();
        let public_url = format!("http://{address}");
        Self::with(&[
            ("SIGNET_LISTEN", &address),
            ("SIGNET_PUBLIC_URL", &public_url),
        ])
    }

    /// An issuer in a folder that is there already, beside others or after them.
    pub fn within(folder: Arc<Folder>, settings: &[(&str, &str)]) -> Self {
        Self::on(Arc::default(), folder, settings)
    }

    /// An issuer that keeps things in these servers, beside others or alone.
    pub fn on(stores: Arc<StoreServers>, folder: Arc<Folder>, settings: &[(&str, &str)]) -> Self {
        Self::of_program(binaries::signet(), stores, folder, settings)
    }

    /// An issuer of another build.
    pub fn of_program(
        program: PathBuf,
        stores: Arc<StoreServers>,
        folder: Arc<Folder>,
        settings: &[(&str, &str)],
    ) -> Self {
        let own = stores.settings().into_iter();
        let own = own.map(|(name, value)| (name.to_owned(), value));
        let settings = settings.iter();
        let settings = settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut settings: Vec<_> = own.chain(settings).collect();
        let (process, address) = Process::start(&program, &folder, &settings);
        // A server that starts again is found at the same place.
        settings.retain(|(name, _)| name != "SIGNET_LISTEN");
        settings.push(("SIGNET_LISTEN".to_owned(), address.to_string()));
        let api = Api::at(address);
        Self {
            api,
            process,
            program,
            settings,
            folder,
            stores,
        }
    }

    /// Another issuer with default settings, on the same stores and keys.
    pub fn beside(&self) -> Self {
        Self::on(Arc::clone(&self.stores), Arc::clone(&self.folder), &[])
    }

    /// The client that talks to it.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Its folder.
    pub fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    /// Registers a client as an operator does, with the arguments of `signet client add`, and
    /// gives what the command prints: the client, with its secret if it has one.
    #[track_caller]
    pub fn add_client(&self, arguments: &[&str]) -> Value {
        let arguments = [&["client", "add"], arguments, &["--json"]].concat();
        let ran = self.run(&arguments);
        assert!(ran.success, "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).expect("JSON")
    }

    /// Runs another command in its folder, with its stores.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let settings = self.stores.settings();
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        let settings: Vec<_> = settings.collect();
        run_signet(&self.folder, arguments, &settings)
    }

    /// What it has written so far, to both of its outputs.
    pub fn logs(&self) -> String {
        self.process.output.lock().expect("a whole log").clone()
    }

    /// The client that talks to it as an operator, at the address that its log names. The log can
    /// come later than the line that says that it is ready, which is on the other output.
    pub fn operations(&self) -> Api {
        let mut looks = 0..LOOKS;
        let address = looks.find_map(|_| {
            let address = named_in(&self.logs());
            if address.is_none() {
                thread::sleep(PAUSE);
            }
            address
        });
        Api::at(address.expect("an address in the log"))
    }

    /// Asks it to look at its keys folder, and returns at once.
    pub fn look_at_keys(&self) {
        self.signal(Signal::HUP);
    }

    /// The id of its process.
    pub fn process_id(&self) -> u32 {
        self.process.child.id()
    }

    /// Asks it to stop, and returns at once.
    pub fn ask_to_stop(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.process.child);
        kill_process(pid, signal).expect("a running issuer");
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> Exit {
        self.ask_to_stop();
        self.process.wait()
    }

    /// Waits until it has ended, after [`ask_to_stop`](Self::ask_to_stop).
    pub fn stopped(mut self) -> Exit {
        self.process.wait()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.process.child.kill().expect("a running issuer");
        self.process.wait();
    }

    /// Lets it answer nothing any more, while its sockets stay open.
    pub fn pause(&self) {
        let pid = Pid::from_child(&self.process.child);
        kill_process(pid, Signal::STOP).expect("a running issuer");
        // Until the last of its threads has stopped, it still answers.
        waitpid(Some(pid), WaitOptions::UNTRACED).expect("a child that stops");
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Starts it again in the same folder and on the same port, after [`kill`](Self::kill).
    pub fn start_again(&mut self) {
        let (process, address) = Process::start(&self.program, &self.folder, &self.settings);
        self.process = process;
        // The connections of the old client died with the old process.
        self.api = Api::at(address);
    }
}

/// How an issuer ended.
#[derive(Debug)]
pub struct Exit {
    /// Its exit status.
    pub status: ExitStatus,
    /// All it wrote to both of its outputs.
    pub logs: String,
}

#[derive(Debug)]
struct Process {
    child: Child,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    fn start(program: &Path, folder: &Folder, settings: &[(String, String)]) -> (Self, SocketAddr) {
        let mut child = Command::new(program)
            .arg("serve")
            .current_dir(folder.path())
            .env_clear()
            .envs(DEFAULTS)
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("signet runs");
        let output = Arc::new(Mutex::new(String::new()));
        let (lines, ready) = mpsc::channel();
        let stdout = child.stdout.take().expect("a pipe");
        let stderr = child.stderr.take().expect("a pipe");
        let readers = vec![
            read_lines(stdout, Arc::clone(&output), Some(lines)),
            read_lines(stderr, Arc::clone(&output), None),
        ];
        let mut process = Self {
            child,
            output,
            readers,
        };
        let address = loop {
            let Ok(line) = ready.recv_timeout(READY_WITHIN) else {
                let _ = process.child.kill();
                panic!("signet did not become ready: {:?}", process.wait());
            };
            if let Some(url) = line.strip_prefix(READY) {
                let (_, address) = url.split_once("://").expect("a URL in the ready line");
                break address.parse().expect("the address in the ready line");
            }
        };
        (process, address)
    }

    fn wait(&mut self) -> Exit {
        let status = self.child.wait().expect("a child");
        for reader in self.readers.drain(..) {
            reader.join().expect("a whole log");
        }
        let logs = self.output.lock().expect("a whole log").clone();
        Exit { status, logs }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The log of the issuer helps to see why a test failed.
        if thread::panicking()
            && let Ok(output) = self.output.lock()
        {
            println!("{output}");
        }
    }
}

/// An address of loopback that no other process listens at, because its host is the process id.
/// A port that merely was free a moment ago can be taken by another test.
pub fn own_address() -> SocketAddr {
    static NEXT_PORT: AtomicU16 = AtomicU16::new(FIRST_PORT);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    // Process ids have 22 bits at most, so this is never 127.0.0.1.
    let host = Ipv4Addr::new(127, high | 0x80, middle, low);
    SocketAddr::from((host, NEXT_PORT.fetch_add(1, Ordering::Relaxed)))
}

/// Where the operations listener is, as soon as the log says so.
fn named_in(logs: &str) -> Option<SocketAddr> {
    let (_, rest) = logs.split_once("\"operations\":\"")?;
    let (address, _) = rest.split_once('"')?;
    Some(address.parse().expect("an address"))
}

fn read_lines(
    from: impl Read + Send + 'static,
    into: Arc<Mutex<String>>,
    lines: Option<Sender<String>>,
) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            let Ok(line) = line else { return };
            into.lock()
                .expect("a whole log")
                .push_str(&format!("{line}\n"));
            if let Some(lines) = &lines {
                // The receiver is gone once it is ready.
                let _ = lines.send(line);
            }
        }
    })
}

/// What every issuer of the tests is told, unless a test says something else.
pub(crate) const DEFAULTS: [(&str, &str); 5] = [
    ("SIGNET_LISTEN", "127.0.0.1:0"),
    ("SIGNET_OPS_LISTEN", "127.0.0.1:0"),
    ("SIGNET_LIMITS_ENABLED", "false"),
    ("SIGNET_LOG_FORMAT", "json"),
    ("SIGNET_TRUSTED_PROXIES", "none"),
];

/// How the line begins that says where it serves.
pub(crate) const READY: &str = "signet ready on ";

/// Below those that are given out as free ones, and no usual port of a service: a service that
/// listens at every host has ours too.
const FIRST_PORT: u16 = 28_080;

/// It takes a few milliseconds; a machine that is busy building takes longer.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// Between two looks at its log, and how many there are: as long as it may take to start.
const PAUSE: Duration = Duration::from_millis(10);
const LOOKS: u32 = 2_000;
