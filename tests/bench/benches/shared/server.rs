//! The release binary with its rate limits, behind a proxy that reports client addresses.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running issuer in a folder of its own. It ends with the value.
pub struct Server {
    child: Child,
    _folder: TempDir,
    pub binary: PathBuf,
    pub address: SocketAddr,
}

impl Server {
    /// Starts `SIGNET_BENCH_BINARY`, or the release binary that was built beside this program.
    pub fn start() -> Self {
        let program = std::env::current_exe().expect("a program");
        let built = program
            .ancestors()
            .nth(2)
            .map(|folder| folder.join("signet"));
        let named = std::env::var_os("SIGNET_BENCH_BINARY").map(PathBuf::from);
        let binary = named.or(built).filter(|path| path.is_file());
        let binary = binary.expect("a binary: run `make build`, or set SIGNET_BENCH_BINARY");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let made = command(&binary, folder.path())
            .args(["keys", "init"])
            .output();
        assert!(made.expect("the binary runs").status.success(), "keys");
        let mut child = command(&binary, folder.path())
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        stdout.read_line(&mut line).expect("a readable pipe");
        let address = line.trim().strip_prefix("signet ready on http://");
        let address = address.expect("the server is ready").parse();
        // The log is read, so that it never blocks the server.
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        Self {
            child,
            _folder: folder,
            binary,
            address: address.expect("an address"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder).env_clear().envs(SETTINGS);
    command
}

const SETTINGS: [(&str, &str); 4] = [
    ("SIGNET_LISTEN", "127.0.0.1:0"),
    ("SIGNET_OPS_LISTEN", "127.0.0.1:0"),
    ("SIGNET_TRUSTED_PROXIES", "127.0.0.1"),
    ("SIGNET_LOG_FORMAT", "json"),
];
