//! An Envoy with the configuration that a test gives it.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use tempfile::TempDir;

use crate::ports::free_port;

/// A gateway that listens on a free port of loopback.
#[derive(Debug)]
pub struct Envoy {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Envoy {
    /// A gateway with the configuration, in JSON, that `configure` writes for its port.
    pub fn start(configure: impl FnOnce(u16) -> String) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (configuration, log) = (folder.path().join("envoy.json"), folder.path().join("log"));
        fs::write(&configuration, configure(address.port())).expect("a configuration");
        let mut child = Command::new("setpriv")
            .arg("--pdeathsig=KILL")
            .arg(program())
            .args(["--disable-hot-restart", "--concurrency", "1"])
            .arg("--config-path")
            .arg(&configuration)
            .arg("--log-path")
            .arg(&log)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
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
        panic!("envoy did not start:\n{said}");
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Where `tests/install-server.sh` puts it: its behaviour differs between versions.
fn program() -> PathBuf {
    let unpacked = concat!(env!("CARGO_MANIFEST_DIR"), "/../.cache/envoy/bin/envoy");
    let program = PathBuf::from(unpacked);
    assert!(
        program.is_file(),
        "envoy was not found: run tests/install-server.sh envoy"
    );
    program
}

/// Between two looks: it does not say when it is ready.
const PAUSE: Duration = Duration::from_millis(10);

/// It takes half a second; a machine that is busy building gets thirty.
const LOOKS: usize = 3_000;
