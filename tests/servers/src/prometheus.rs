//! A Prometheus that scrapes what a test names, and its checker of rules.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use tempfile::TempDir;

use crate::ports::free_port;
use crate::programs::find;

/// A Prometheus on a free port of loopback.
#[derive(Debug)]
pub struct Prometheus {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Prometheus {
    /// Scrapes `/metrics` of `target` several times a second, as the job `job`.
    ///
    /// # Panics
    ///
    /// If the program is missing or does not start.
    pub fn scraping(job: &str, target: SocketAddr) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (configuration, log) = (folder.path().join("config"), folder.path().join("log"));
        let text = format!(
            "global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}\n\
             scrape_configs: [{{job_name: {job}, static_configs: [{{targets: [\"{target}\"]}}]}}]\n"
        );
        fs::write(&configuration, text).expect("a configuration");
        let said = fs::File::create(&log).expect("a log");
        let mut child = Command::new("setpriv")
            .arg("--pdeathsig=KILL")
            .arg(program("prometheus"))
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .expect("setpriv, of the package util-linux");
        for _ in 0..LOOKS {
            if TcpStream::connect(address).is_ok() {
                return Self {
                    child,
                    address,
                    _folder: folder,
                };
            }
            if child.try_wait().expect("a child").is_some() {
                break;
            }
            thread::sleep(PAUSE);
        }
        let _gone = child.kill();
        let said = fs::read_to_string(&log).unwrap_or_default();
        panic!("prometheus did not start:\n{said}");
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs promtool with these arguments in a folder. Returns what it says.
    ///
    /// # Errors
    ///
    /// What promtool says, if it finds a fault.
    ///
    /// # Panics
    ///
    /// If the program is missing.
    pub fn promtool(folder: &Path, arguments: &[&str]) -> Result<String, String> {
        let ran = Command::new(program("promtool"))
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("promtool runs");
        let said = [ran.stdout, ran.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        if ran.status.success() {
            Ok(said)
        } else {
            Err(said)
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn program(name: &str) -> PathBuf {
    let unpacked = concat!(env!("CARGO_MANIFEST_DIR"), "/../.cache/prometheus/bin");
    find(name, &[PathBuf::from(unpacked)])
        .unwrap_or_else(|| panic!("{name} was not found: run tests/install-server.sh prometheus"))
}

/// Between two looks: it does not say when it is ready.
const PAUSE: Duration = Duration::from_millis(10);

/// It takes half a second; a machine that is busy building gets thirty.
const LOOKS: usize = 3_000;
