//! Where the programs are, and as whom they run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use rustix::process::geteuid;

/// Finds a program on the search path or in one of the `folders` where Debian keeps it.
pub(crate) fn find(program: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = env::split_paths(&path).chain(folders.iter().cloned());
    places.find_map(|folder| {
        let file = folder.join(program);
        file.is_file().then_some(file)
    })
}

/// The folders below `parent`, each with `inner` added, the last name first.
pub(crate) fn below(parent: &Path, inner: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path().join(inner)).collect();
    folders.sort();
    folders.reverse();
    folders
}

/// A command that runs as an ordinary user and ends with the thread that started it.
pub(crate) fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if geteuid().is_root() {
        let somebody = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
        command.args(somebody).arg("--clear-groups");
    }
    command.arg("--pdeathsig=QUIT").arg(program);
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command
}

/// Gives a folder to the user that runs [`unprivileged`] commands.
pub(crate) fn hand_over(path: &Path) {
    if geteuid().is_root() {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).expect("a folder of our own");
    }
}

/// The user and the group that own nothing else.
const NOBODY: u32 = 65_534;
