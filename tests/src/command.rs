//! The other commands of the binary, run to their end.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::binaries;
use crate::folder::Folder;
use crate::server::{DEFAULTS, READY};

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// Whether it ended well.
    pub success: bool,
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ran {
    /// The same, if it ended well; else fails with all that it wrote.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert!(self.success, "{self:?}");
        self
    }
}

/// Runs `signet` in a folder with these arguments and these variables and no others. An issuer
/// that becomes ready although it should not is ended.
pub fn run_signet(folder: &Folder, arguments: &[&str], settings: &[(&str, &str)]) -> Ran {
    run_program(&binaries::signet(), folder, arguments, settings)
}

/// Runs another build of `signet` in the same way.
pub fn run_program(
    program: &Path,
    folder: &Folder,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> Ran {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .envs(usual_settings(arguments).iter().copied())
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("signet runs");
    let mut errors = child.stderr.take().expect("a pipe");
    let errors = thread::spawn(move || {
        let mut text = String::new();
        errors.read_to_string(&mut text).expect("text");
        text
    });
    let mut stdout = String::new();
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        let line = line.expect("text");
        stdout.push_str(&format!("{line}\n"));
        if line.starts_with(READY) {
            child.kill().expect("a running issuer");
        }
    }
    let status = child.wait().expect("a child");
    Ran {
        success: status.success(),
        code: status.code(),
        stdout,
        stderr: errors.join().expect("text"),
    }
}

/// The settings of a command of which a test says nothing else. A server takes free ports. Other
/// commands find no server, because a person may run one at the default addresses.
fn usual_settings(arguments: &[&str]) -> &'static [(&'static str, &'static str)] {
    match arguments.first() {
        _ if arguments.contains(&"serve") => &DEFAULTS,
        // They ask no server, and show the default addresses.
        Some(&("config" | "init")) => &[],
        _ => &NO_SERVER,
    }
}

/// Addresses at which no server listens.
const NO_SERVER: [(&str, &str); 2] = [
    ("SIGNET_LISTEN", "127.0.0.1:1"),
    ("SIGNET_OPS_LISTEN", "127.0.0.1:1"),
];
