//! A redis-server: ready within a few milliseconds, on a socket in its own folder.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use std::{fs, io, thread};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use tempfile::TempDir;

use crate::network::Member;
use crate::ports::free_port;
use crate::programs;

/// A server that listens on a socket in its own folder, and on no port unless told to. It keeps
/// nothing on disk unless it is told to.
#[derive(Debug)]
pub struct Redis {
    child: Child,
    arguments: Vec<String>,
    folder: TempDir,
    /// Where others reach it.
    pub(crate) port: Option<String>,
    pub(crate) bus_port: Option<String>,
    /// The password of the user `admin`, where the usual user is off.
    pub(crate) admin: Option<&'static str>,
    /// Which server of its group it is.
    pub(crate) member: Option<Member>,
}

impl Redis {
    /// An empty server.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// The same with arguments such as `--appendonly yes`, each word one of them.
    pub fn with(arguments: &[&str]) -> Self {
        Self::with_admin(arguments, None)
    }

    pub(crate) fn with_admin(arguments: &[&str], admin: Option<&'static str>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let arguments: Vec<_> = arguments.iter().map(|&word| word.to_owned()).collect();
        let child = run(folder.path(), &arguments);
        Self {
            child,
            arguments,
            folder,
            port: None,
            bus_port: None,
            admin,
            member: None,
        }
    }

    /// A Sentinel with this configuration file, on this port.
    pub(crate) fn watching(folder: TempDir, file: String, port: String) -> Self {
        let arguments = vec![file, "--sentinel".to_owned()];
        Self {
            child: run(folder.path(), &arguments),
            arguments,
            folder,
            port: Some(port),
            bus_port: None,
            admin: None,
            member: None,
        }
    }

    /// An empty Valkey, which speaks as Redis does.
    pub fn valkey() -> Self {
        Self::with(&[VALKEY])
    }

    /// A server that can also be reached on a free port of this machine, as replicas need it.
    pub fn on_a_port(arguments: &[&str]) -> Self {
        let port = free_port().to_string();
        // Replicas need not wait for others that might come.
        let own = ["--port", &port, "--repl-diskless-sync-delay", "0"];
        let mut server = Self::with(&[&own, arguments].concat());
        server.port = Some(port);
        server
    }

    /// A server that takes TLS on a free port, with its address there.
    pub fn with_tls(certificate: &Path, key: &Path) -> (Self, String) {
        let port = free_port().to_string();
        let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
        let server = Self::with(&[
            "--tls-port",
            &port,
            "--tls-auth-clients",
            "no",
            "--tls-cert-file",
            &text(certificate),
            "--tls-key-file",
            &text(key),
            // It insists on one, and asks no client for a certificate that it could check with it.
            "--tls-ca-cert-file",
            &text(certificate),
        ]);
        (server, format!("rediss://localhost:{port}"))
    }

    /// A replica of this server, which was started on a port. It has everything by now.
    pub fn replica(&self) -> Self {
        let port = self.port.as_deref().expect("a server on a port");
        let replica = Self::with(&["--replicaof", "127.0.0.1", port]);
        self.wait_for(&replica);
        replica
    }

    /// Waits until a replica has everything.
    pub(crate) fn wait_for(&self, replica: &Self) {
        until("the replica follows", || {
            let info = replica.cli(&["INFO", "replication"]);
            info.contains("master_link_status:up")
        });
        // The link is up for the replica before the primary streams to it.
        self.cli(&["PUBLISH", "replica", "started"]);
        self.wait_until_replicated();
    }

    /// Waits until every replica has everything.
    pub(crate) fn wait_until_replicated(&self) {
        until("the replicas have everything", || {
            self.has_streamed_everything()
        });
    }

    /// The port of a server that was started on one.
    pub(crate) fn port(&self) -> String {
        self.port.clone().expect("a server on a port")
    }

    /// Host and port of a server that was started on one.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The port of a server of a Cluster, and the one where the others reach it.
    pub(crate) fn cluster_ports(&self) -> (String, String) {
        let bus = self.bus_port.clone().expect("a server of a Cluster");
        (self.port(), bus)
    }

    fn has_streamed_everything(&self) -> bool {
        let info = self.cli(&["INFO", "replication"]);
        let mut lines = info.lines();
        let written = lines.find_map(|line| line.trim().strip_prefix("master_repl_offset:"));
        let current = format!("state=online,offset={},", written.unwrap_or("unknown"));
        let replicas: Vec<_> = info
            .lines()
            .filter(|line| line.starts_with("slave"))
            .collect();
        !replicas.is_empty() && replicas.iter().all(|line| line.contains(&current))
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Its address for a user with a password.
    pub fn url_as(&self, user: &str, password: &str) -> String {
        format!("{}?user={user}&pass={password}", self.url())
    }

    /// Its process, which the programs that start it have become.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Runs a command on it, and answers with what `redis-cli` prints.
    pub fn cli(&self, command: &[&str]) -> String {
        let printed = self.printed(command);
        String::from_utf8_lossy(&printed).trim_end().to_owned()
    }

    /// The name of every key and its value as `DUMP` writes it, one behind the other.
    pub fn dump(&self) -> Vec<u8> {
        let script = "local all = {} \
                      for _, key in ipairs(redis.call('KEYS', '*')) do \
                      all[#all + 1] = key .. redis.call('DUMP', key) end \
                      return table.concat(all)";
        self.printed(&["EVAL", script, "0"])
    }

    fn printed(&self, command: &[&str]) -> Vec<u8> {
        let mut cli = Command::new(program("redis-cli"));
        cli.arg("-s").arg(self.socket());
        if let Some(password) = self.admin {
            cli.args(["--user", "admin"]).env("REDISCLI_AUTH", password);
        }
        let output = cli.args(command).output();
        output.expect("redis-cli runs").stdout
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("a server");
        self.child.wait().expect("a child");
    }

    /// Starts it again where it was, with what it has on disk.
    pub fn start_again(&mut self) {
        self.child = run(self.folder.path(), &self.arguments);
    }

    /// A copy of its append-only files, with everything that it has answered so far.
    pub fn image(&self) -> RedisImage {
        // What is to be flushed before the answer is in the file by then.
        self.cli(&["CONFIG", "SET", "appendfsync", "always"]);
        self.cli(&["SET", "image", "1"]);
        let image = RedisImage(tempfile::tempdir().expect("a temporary folder"));
        copy(&self.append_only(), image.0.path());
        self.cli(&["CONFIG", "SET", "appendfsync", "everysec"]);
        image
    }

    /// Starts it again with what it had on disk then: what came after is lost.
    pub fn start_again_from(&mut self, image: &RedisImage) {
        let files = self.append_only();
        fs::remove_dir_all(&files).expect("append-only files");
        copy(&image.0.path().join(APPEND_ONLY), self.folder.path());
        self.start_again();
    }

    fn append_only(&self) -> PathBuf {
        self.folder.path().join(APPEND_ONLY)
    }

    /// Lets it answer nothing any more, while its sockets stay open.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
        // The signal has been sent; the server may still be answering.
        let pid = Pid::from_child(&self.child);
        let stopped = waitpid(Some(pid), WaitOptions::UNTRACED).expect("a server");
        assert!(stopped.is_some_and(|(_, status)| status.stopped()));
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a server");
    }
}

/// What a server had on disk at one moment.
#[derive(Debug)]
pub struct RedisImage(TempDir);

fn copy(folder: &Path, into: &Path) {
    let copied = Command::new("cp").arg("-a").arg(folder).arg(into).status();
    assert!(copied.expect("cp").success(), "{}", folder.display());
}

impl Drop for Redis {
    fn drop(&mut self) {
        // A process killed in the test is gone already.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Starts the server and waits until it takes connections.
fn run(folder: &Path, arguments: &[String]) -> Child {
    let is_valkey = arguments.iter().any(|argument| argument == VALKEY);
    let server = if is_valkey {
        "valkey-server"
    } else {
        "redis-server"
    };
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=KILL").arg(program(server));
    // A Sentinel has everything in its file, and takes no settings of servers.
    if !arguments.iter().any(|argument| argument == "--sentinel") {
        command
            .args(["--port", "0", "--unixsocket", "redis.sock"])
            .args(["--save", "", "--logfile", "", "--dir"])
            .arg(folder);
    }
    let mut child = command
        .args(arguments.iter().filter(|argument| *argument != VALKEY))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("setpriv, of the package util-linux");
    let mut log = BufReader::new(child.stdout.take().expect("a pipe"));
    wait_until_ready(&mut log);
    // It would stop when its log were full.
    thread::spawn(move || io::copy(&mut log, &mut io::sink()));
    child
}

pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..LOOKS {
        if is_so() {
            return;
        }
        thread::sleep(PAUSE);
    }
    panic!("{LOOKS} looks later: not yet that {what}");
}

fn wait_until_ready(log: &mut BufReader<ChildStdout>) {
    let mut said = String::new();
    while log.read_line(&mut said).expect("a log in UTF-8") > 0 {
        if said.contains("eady to accept connections") || said.contains("+monitor master") {
            return;
        }
    }
    panic!("redis-server did not start:\n{said}");
}

/// On the search path, or where `tests/install-server.sh` puts it.
pub(crate) fn program(name: &str) -> PathBuf {
    let package = if name == "valkey-server" {
        "valkey"
    } else {
        "redis"
    };
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache");
    programs::find(name, &[cache.join(package).join("bin")])
        .unwrap_or_else(|| panic!("{name} was not found: run tests/install-server.sh {package}"))
}

/// Stands among the arguments for the other program; no server sees it.
const VALKEY: &str = "--valkey";

/// Between two looks at a replica, and how many there are: half a minute.
const PAUSE: Duration = Duration::from_millis(10);
const LOOKS: usize = 3_000;

/// The folder of its append-only files, in its own.
const APPEND_ONLY: &str = "appendonlydir";
