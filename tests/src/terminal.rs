//! Commands of the binary on a terminal of their own.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};

use crate::binaries;
use crate::folder::Folder;

/// What a terminal has shown.
#[derive(Debug)]
pub struct Shown {
    /// Whether the command ended well.
    pub success: bool,
    /// Everything on the terminal: what was typed, standard output and standard error.
    pub text: String,
}

/// Runs `signet` in a folder with a terminal as its input, output and standard error, and types
/// `typed`. It has these variables and no others.
pub fn run_on_terminal(
    folder: &Folder,
    arguments: &[&str],
    settings: &[(&str, &str)],
    typed: &str,
) -> Shown {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let ours = openpt(flags).expect("a terminal");
    grantpt(&ours).expect("a terminal of this user");
    unlockpt(&ours).expect("an open terminal");
    let theirs = ioctl_tiocgptpeer(&ours, flags).expect("its other end");
    let mut child = Command::new(binaries::signet())
        .args(arguments)
        .current_dir(folder.path())
        .env_clear()
        .envs(settings.iter().copied())
        .stdin(copy(&theirs))
        .stdout(copy(&theirs))
        .stderr(theirs)
        .spawn()
        .expect("signet runs");
    let mut terminal = File::from(ours);
    terminal
        .write_all(typed.as_bytes())
        .expect("an open terminal");
    let mut shown = Vec::new();
    // The last reads fail when the command has closed its end.
    let _closed = terminal.read_to_end(&mut shown);
    let status = child.wait().expect("a child");
    Shown {
        success: status.success(),
        text: String::from_utf8(shown)
            .expect("text")
            .replace("\r\n", "\n"),
    }
}

fn copy(end: &OwnedFd) -> Stdio {
    end.as_fd()
        .try_clone_to_owned()
        .expect("a descriptor")
        .into()
}
