//! The folder in which one issuer lives: its keys and its data.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::binaries;

/// A temporary folder with keys in it, removed with the value.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// A folder with a fresh copy of the keys that all tests of one build share, because making
    /// RSA keys is what takes longest.
    pub fn with_keys() -> Self {
        let folder = Self::empty();
        copy_private(&shared_keys(), &folder.keys());
        folder
    }

    /// A folder without anything.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Its keys folder.
    pub fn keys(&self) -> PathBuf {
        self.path().join("keys")
    }

    /// Its database file, once an issuer has run there.
    pub fn database(&self) -> PathBuf {
        self.path().join("data/signet.db")
    }
}

/// A keys folder that `signet keys init` has made, once for each build of the binary.
fn shared_keys() -> PathBuf {
    let binary = binaries::signet();
    let built_at = fs::metadata(&binary).expect("a readable binary");
    let folder = binaries::profile_folder().join("test-keys");
    let keys = folder.join(format!("{}-{}", built_at.mtime(), built_at.mtime_nsec()));
    if keys.is_dir() {
        return keys;
    }
    fs::create_dir_all(&folder).expect("a writable target folder");
    let fresh = tempfile::tempdir_in(&folder).expect("a temporary folder");
    let output = Command::new(binary)
        .args(["keys", "init"])
        .current_dir(fresh.path())
        .env_clear()
        .output()
        .expect("signet runs");
    assert!(output.status.success(), "keys init: {output:?}");
    match fs::rename(fresh.path().join("keys"), &keys) {
        Ok(()) => {}
        // Another test was faster, and its keys are as good.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
        Err(error) => panic!("{}: {error}", keys.display()),
    }
    keys
}

/// Copies a folder without subfolders; other users may not read the copy.
fn copy_private(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).expect("own folder");
    for entry in fs::read_dir(from).expect("a readable folder") {
        let entry = entry.expect("a readable entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}
