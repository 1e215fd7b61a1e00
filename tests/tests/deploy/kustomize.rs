//! Kustomizations as `kubectl` assembles them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::yaml::{documents, repository};

/// What `kubectl apply -k FOLDER` would send, in a file.
pub struct Assembled {
    place: TempDir,
}

impl Assembled {
    /// Assembles a folder.
    pub fn of(folder: &Path) -> Self {
        let mut kubectl = Command::new("kubectl");
        let output = kubectl
            .args(["kustomize".as_ref(), folder])
            .env("PATH", search_path())
            .output()
            .expect("kubectl was not found: run tests/install-server.sh kubectl");
        assert!(output.status.success(), "{output:?}");
        let assembled = Self {
            place: tempfile::tempdir().expect("a folder"),
        };
        fs::write(assembled.path(), output.stdout).expect("a file");
        assembled
    }

    /// Where the file is.
    pub fn path(&self) -> PathBuf {
        self.place.path().join("assembled.yaml")
    }

    /// Its manifests.
    pub fn manifests(&self) -> Vec<Value> {
        documents(self.path().to_str().expect("text"))
    }
}

/// `kubectl` of the machine, or where `tests/install-server.sh` has it.
fn search_path() -> String {
    let unpacked = repository().join("tests/.cache/kubectl/bin");
    let path = env::var_os("PATH").unwrap_or_default();
    format!("{}:{}", path.to_string_lossy(), unpacked.display())
}
