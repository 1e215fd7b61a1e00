//! YAML as the tools of deployment read it: by the checks that `tests/install-checks.sh` installs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The documents of a file; its path is relative to the repository.
pub fn documents(path: &str) -> Vec<Value> {
    let script = repository().join("tests/checks/read_yaml.py");
    let output = python(&[&script, &repository().join(path)]);
    assert!(output.status.success(), "{path}: {output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The only document of a file.
pub fn document(path: &str) -> Value {
    let mut documents = documents(path);
    assert_eq!(documents.len(), 1, "{path}");
    documents.remove(0)
}

/// Runs Python with the installed checks.
pub fn python(arguments: &[&Path]) -> Output {
    let checks = repository().join("tests/.cache/checks");
    assert!(checks.is_dir(), "run tests/install-checks.sh");
    let mut python = Command::new("python3");
    let python = python.args(arguments).env("PYTHONPATH", checks);
    python.output().expect("python3 runs")
}

/// The texts in a list.
pub fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|text| text.as_str().expect("text"))
        .collect()
}

/// The folder of the workspace.
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ lies in it").to_owned()
}
