//! The measured binary as a server, in a folder that the caller keeps.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running issuer. It ends with the value.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts `binary` with these settings. A folder without keys gets some first.
    pub fn start(binary: &Path, folder: &Path, settings: &[(&str, &str)]) -> Self {
        let command = || {
            let mut command = Command::new(binary);
            command.current_dir(folder).env_clear().envs(SETTINGS);
            command.envs(settings.iter().copied());
            command
        };
        if !folder.join("keys").exists() {
            let made = command().args(["keys", "init"]).output();
            assert!(made.expect("the binary runs").status.success(), "keys");
        }
        let (child, address) = serve(&mut command(), Stdio::null());
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `serve` with its log in `log`. Returns when the issuer is ready.
pub fn serve(command: &mut Command, log: Stdio) -> (Child, SocketAddr) {
    command.arg("serve").stdin(Stdio::null());
    let started = command.stdout(Stdio::piped()).stderr(log).spawn();
    let mut child = started.expect("the binary runs");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut line).expect("a readable pipe");
    let address = line.trim().strip_prefix(READY);
    let address = address.expect("the issuer is ready; its log says why if not");
    // The output is read, so that it never blocks the server.
    std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    (child, address.parse().expect("an address"))
}

/// How the line begins that says where the issuer serves.
const READY: &str = "signet ready on http://";

/// Settings of every issuer.
pub const SETTINGS: [(&str, &str); 3] = [
    ("SIGNET_LISTEN", "127.0.0.1:0"),
    ("SIGNET_OPS_LISTEN", "127.0.0.1:0"),
    ("SIGNET_LOG_FORMAT", "json"),
];
