//! The programs in `tests/clients`, run to their end, and those of the documentation.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
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

/// Copies a program of Node.js into a folder where it finds the installed libraries.
pub fn beside_libraries(source: &Path, folder: &Path) -> PathBuf {
    // Node.js looks for libraries beside the program.
    let modules = in_the_repository("tests/clients/node_modules");
    symlink(modules, folder.join("node_modules")).expect("a link");
    let copy = folder.join(source.file_name().expect("a file"));
    fs::copy(source, &copy).expect("a copy");
    copy
}

/// The path of a file, given from the root of the repository.
pub fn in_the_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A program that ends with the value.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}
