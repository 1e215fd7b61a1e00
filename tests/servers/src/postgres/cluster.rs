//! An empty cluster, made once and copied for each server: a copy takes a twentieth of the time.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{FlockOperation, flock};

use crate::programs;

/// Copies the empty cluster to `data`, as it belongs to the user who runs servers.
pub(crate) fn copy_to(data: &Path) {
    must_succeed(Command::new("cp").arg("-a").arg(template()).arg(data));
}

/// The program of this name, of the newest PostgreSQL that is installed.
pub(crate) fn program(name: &str) -> PathBuf {
    let mut folders = programs::below(Path::new("/usr/lib/postgresql"), "bin");
    folders.push(cache().join("postgres/bin"));
    programs::find(name, &folders).unwrap_or_else(|| {
        panic!(
            "{name} is not installed, and these tests need a PostgreSQL server; run \
             tests/install-server.sh postgres, or apt-get install postgresql"
        )
    })
}

/// The folder of the empty cluster; tests that start at the same time wait for the first to make it.
fn template() -> PathBuf {
    let cache = cache();
    fs::create_dir_all(&cache).expect("a folder for what tests keep");
    let made = cache.join(format!("postgres-{}", version()));
    let lock = File::create(cache.join("postgres.lock")).expect("a lock file");
    flock(&lock, FlockOperation::LockExclusive).expect("the lock");
    if !made.exists() {
        make(&made);
    }
    made
}

/// What tests keep between two runs; git does not.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache")
}

fn make(template: &Path) {
    // The user who runs servers may have no way to the cache.
    let folder = tempfile::tempdir().expect("a temporary folder");
    programs::hand_over(folder.path());
    let data = folder.path().join("data");
    let mut initdb = programs::unprivileged(&program("initdb"));
    initdb.arg("-D").arg(&data).args([
        "--username=signet",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--wal-segsize=1",
        "--no-sync",
    ]);
    must_succeed(&mut initdb);
    let half = template.with_extension("half");
    must_succeed(Command::new("cp").arg("-aT").arg(data).arg(&half));
    fs::rename(&half, template).expect("the cluster in its place");
}

/// What tells the clusters of one version from those of another, in a file name.
fn version() -> String {
    let postgres = program("postgres");
    let output = Command::new(&postgres).arg("--version").output();
    let output = output.expect("postgres --version");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

fn must_succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| {
        let program = command.get_program().display();
        panic!("{program}: {error}");
    });
    let said = String::from_utf8_lossy(&output.stderr);
    let arguments: Vec<&OsStr> = command.get_args().collect();
    assert!(output.status.success(), "{arguments:?} failed:\n{said}");
}
