//! Whether the files of the database are still those that were opened.
//!
//! A file that was removed or replaced goes on taking writes from a process that has it open, and
//! is gone with that process. This module must not know what is written.

use crate::fault::Unanswered;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Compares the files at their paths with those that were opened, and remembers the result.
pub(super) struct FileWatch {
    files: Vec<FileIdentity>,
    displaced: Displaced,
}

/// Whether a file was removed or replaced, as of the last look.
#[derive(Clone, Default)]
pub(super) struct Displaced(Arc<AtomicBool>);

impl Displaced {
    /// Fails if a file was removed or replaced when last looked at.
    pub(super) fn check(&self) -> Result<(), Unanswered> {
        if self.0.load(Ordering::Relaxed) {
            return Err(Unanswered::Displaced);
        }
        Ok(())
    }
}

impl FileWatch {
    /// Watches the database at `path` and the files that SQLite keeps beside it. The database must
    /// be open, so that they exist.
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        let files = FILES.iter().map(|suffix| with_suffix(path, suffix));
        Ok(Self {
            files: files.map(FileIdentity::of).collect::<Result<_, _>>()?,
            displaced: Displaced::default(),
        })
    }

    /// Watches no file, for a database in memory.
    #[cfg(test)]
    pub(super) fn of_nothing() -> Self {
        Self {
            files: Vec::new(),
            displaced: Displaced::default(),
        }
    }

    /// The result of the last look, shared.
    pub(super) fn displaced(&self) -> Displaced {
        self.displaced.clone()
    }

    /// Looks, and fails if a file was removed or replaced. Logs each change once.
    pub(super) fn look(&self) -> Result<(), Unanswered> {
        let displaced = self.files.iter().find(|file| !file.is_in_place());
        let before = self
            .displaced
            .0
            .swap(displaced.is_some(), Ordering::Relaxed);
        match displaced {
            Some(file) if !before => tracing::error!(
                file = %file.path.display(),
                "the database file was removed or replaced while it is in use; \
                 requests that need it are refused until it is back or Signet is restarted"
            ),
            None if before => tracing::info!("the database file is back in its place"),
            _ => {}
        }
        self.displaced.check()
    }
}

/// The path of a file beside the database.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Which file a path led to when it was opened.
struct FileIdentity {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl FileIdentity {
    fn of(path: PathBuf) -> std::io::Result<Self> {
        let found = fs::metadata(&path)?;
        Ok(Self {
            path,
            device: found.dev(),
            inode: found.ino(),
        })
    }

    fn is_in_place(&self) -> bool {
        fs::metadata(&self.path)
            .is_ok_and(|found| (found.dev(), found.ino()) == (self.device, self.inode))
    }
}

/// The database, its write-ahead log, and the memory that processes share to use the log: what
/// follows the path of the database in their names.
pub(super) const FILES: [&str; 3] = ["", "-wal", "-shm"];
