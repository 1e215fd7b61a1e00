//! The programs in `tests/clients`, run to their end.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Runs a program on a task and gives its answer; it must end well.
#[track_caller]
pub fn run(program: &str, task: &Value) -> Value {
    let mut child = start(program);
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(task.to_string().as_bytes())
        .expect("a program that listens");
    drop(stdin);
    let output = child.wait_with_output().expect("a child");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {errors}");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{program}: {error}: {errors}"))
}

/// Starts a program that waits for its task at its standard input.
pub fn start(program: &str) -> Child {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = if program.ends_with(".py") {
        let mut command = Command::new(installed("python/bin/python"));
        // Leaves nothing behind beside the program.
        command.arg("-B");
        command
    } else {
        Command::new(installed("node"))
    };
    command
        .arg(folder.join("clients").join(program))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs")
}

/// A program that `tests/install-clients.sh` has put into place.
#[track_caller]
pub fn installed(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(".cache/clients")
        .join(name);
    assert!(
        path.is_file(),
        "{} is missing: run `make test`, or `tests/install-clients.sh`",
        path.display()
    );
    path
}
