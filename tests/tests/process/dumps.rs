//! Who may read the memory of a server. The kernel gives the files of a process in `/proc` to root if
//! the process must not be dumped.

use std::fs::{self, copy};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use signet_tests::{Folder, signet_program};

#[test]
fn a_server_must_not_be_dumped() {
    let folder = Folder::with_keys();
    // The folder of the build can be closed to the user of the server.
    let program = folder.path().join("signet");
    copy(signet_program(), &program).unwrap();
    let user = usual_user(folder.path());

    let other = Running::of(
        user,
        Command::new("sh").args(["-c", "echo ready; exec cat"]),
    );
    assert_eq!(other.first_line, "ready\n");
    assert_eq!(other.owner_of_memory(), user);
    let serve = &mut Command::new(program);
    let server = Running::of(user, serve.arg("serve").current_dir(folder.path()));
    let line = &server.first_line;
    assert!(line.starts_with("signet ready on "), "{line}");
    assert_eq!(server.owner_of_memory(), ROOT);
}

/// The id of a user who is not root, and who owns the folder.
fn usual_user(folder: &Path) -> u32 {
    let owner = fs::metadata(folder).unwrap().uid();
    if owner != ROOT {
        return owner;
    }
    own(folder);
    NOBODY
}

fn own(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            own(&entry.unwrap().path());
        }
    }
}

/// A program that has written its first line.
struct Running {
    child: Child,
    first_line: String,
}

impl Running {
    /// Starts a program as this user.
    fn of(user: u32, program: &Command) -> Self {
        let mut command = Command::new("setpriv");
        if fs::metadata("/proc/self").unwrap().uid() == ROOT {
            let [user_id, group_id] = ["reuid", "regid"].map(|id| format!("--{id}={user}"));
            command.args([&user_id, &group_id, "--clear-groups"]);
        }
        command
            .arg("--pdeathsig=KILL")
            .arg(program.get_program())
            .args(program.get_args())
            .envs(SETTINGS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(folder) = program.get_current_dir() {
            command.current_dir(folder);
        }
        let mut child = command.spawn().expect("setpriv, of the package util-linux");
        let mut first_line = String::new();
        let output = child.stdout.as_mut().unwrap();
        BufReader::new(output).read_line(&mut first_line).unwrap();
        Self { child, first_line }
    }

    fn owner_of_memory(&self) -> u32 {
        let memory = format!("/proc/{}/mem", self.child.id());
        fs::metadata(memory).unwrap().uid()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

const SETTINGS: [(&str, &str); 3] = [
    ("SIGNET_LISTEN", "127.0.0.1:0"),
    ("SIGNET_OPS_LISTEN", "127.0.0.1:0"),
    ("SIGNET_TRUSTED_PROXIES", "none"),
];
const ROOT: u32 = 0;
/// A user without rights. It need not be in `/etc/passwd`.
const NOBODY: u32 = 65_534;
