//! The audit trail in a file: one line after the other, and a new file when it is long.
//!
//! One process writes a file, under a lock. A full file is renamed to `NAME.SEQ`, where `SEQ` is
//! the number of its newest line, and the next file continues the chain. This module must not know
//! which events there are.

mod read;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use signet_core::audit::{AuditEvent, BrokenLine, ChainEnd};

use crate::audit::AuditSink;
use crate::error::StoreError;
use crate::private_file::sync_folder_of;

pub use read::{FileLine, audit_file_lines};

/// A file of the audit trail, opened for appending.
pub struct AuditFile(Arc<Mutex<Open>>);

struct Open {
    path: PathBuf,
    rotate_at: u64,
    file: File,
    length: u64,
    end: ChainEnd,
    /// A failed write is still in the file, so nothing may follow it.
    is_broken: bool,
}

impl AuditFile {
    /// Opens a file and continues its chain. A file that does not exist is created with mode 0600.
    /// A new file begins before a line that would make it longer than `rotate_at` bytes.
    ///
    /// A line whose writing was cut off is removed: no response was sent for it.
    ///
    /// # Errors
    ///
    /// [`AuditFileError`]
    pub fn open(path: &Path, rotate_at: u64) -> Result<Self, AuditFileError> {
        let file = open_locked(path).map_err(|fault| AuditFileError::of(path, fault))?;
        Self::continue_chain(file, path, rotate_at)
    }

    /// The same, but waits while another process has the file. Commands have one for a moment.
    ///
    /// # Errors
    ///
    /// [`AuditFileError`]
    pub fn open_when_free(path: &Path, rotate_at: u64) -> Result<Self, AuditFileError> {
        let failed = |cause| AuditFileError::of(path, AuditFileFault::Io(cause));
        // A process that waited may hold a file that has been renamed because it was full.
        loop {
            let file = create(path).map_err(failed)?;
            file.lock().map_err(failed)?;
            if is_at(&file, path).map_err(failed)? {
                sync_folder_of(path).map_err(failed)?;
                return Self::continue_chain(file, path, rotate_at);
            }
        }
    }

    fn continue_chain(file: File, path: &Path, rotate_at: u64) -> Result<Self, AuditFileError> {
        let failed = |cause| AuditFileError::of(path, AuditFileFault::Io(cause));
        let length = read::whole_lines(&file).map_err(failed)?;
        file.set_len(length).map_err(failed)?;
        let end = read::end_of(path).map_err(|fault| AuditFileError::of(path, fault))?;
        Ok(Self(Arc::new(Mutex::new(Open {
            path: path.to_owned(),
            rotate_at,
            file,
            length,
            end,
            is_broken: false,
        }))))
    }
}

#[async_trait]
impl AuditSink for AuditFile {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        let (open, events) = (Arc::clone(&self.0), events.to_vec());
        let work = move || {
            let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
            open.append(&events)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(io::Error::other)
            .flatten()
            .map_err(|cause| StoreError::Unavailable {
                store: STORE,
                cause: Box::new(cause),
            })
    }
}

impl Open {
    fn append(&mut self, events: &[AuditEvent]) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other(BROKEN));
        }
        let (mut text, mut end) = (String::new(), self.end);
        for event in events {
            let (line, next) = end.line(event)?;
            text.push_str(&line);
            text.push('\n');
            end = next;
        }
        let added = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if self.length > 0 && self.length.saturating_add(added) > self.rotate_at {
            self.rotate()?;
        }
        let written = self.file.write_all(text.as_bytes());
        if let Err(error) = written.and_then(|()| self.file.sync_data()) {
            // What was written of it must not stand before the next line.
            self.is_broken = self.file.set_len(self.length).is_err();
            return Err(error);
        }
        self.length = self.length.saturating_add(added);
        self.end = end;
        Ok(())
    }

    /// The new file is locked before the old one is let go.
    fn rotate(&mut self) -> io::Result<()> {
        std::fs::rename(&self.path, rotated(&self.path, self.end.seq))?;
        let file = open_locked(&self.path).map_err(io::Error::other)?;
        sync_folder_of(&self.path)?;
        self.file = file;
        self.length = 0;
        Ok(())
    }
}

/// The name of a full file: the number has as many digits as the largest.
fn rotated(path: &Path, newest: u64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{newest:020}"));
    PathBuf::from(name)
}

fn open_locked(path: &Path) -> Result<File, AuditFileFault> {
    let file = create(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(AuditFileFault::InUse),
        Err(TryLockError::Error(cause)) => return Err(cause.into()),
    }
    sync_folder_of(path)?;
    Ok(file)
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(FILE_MODE)
        .open(path)
}

/// Whether this is still the file at its path.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let (opened, there) = (file.metadata()?, path.metadata());
    match there {
        Ok(there) => Ok((opened.dev(), opened.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Why a file of the audit trail cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the audit file {}: {fault}", path.display())]
pub struct AuditFileError {
    path: PathBuf,
    fault: AuditFileFault,
}

impl AuditFileError {
    fn of(path: &Path, fault: AuditFileFault) -> Self {
        Self {
            path: path.to_owned(),
            fault,
        }
    }
}

/// What is wrong with a file of the audit trail.
#[derive(Debug, thiserror::Error)]
enum AuditFileFault {
    /// Another process writes it.
    #[error("another process writes it; give each server a file of its own")]
    InUse,
    /// Its newest line cannot be continued.
    #[error("its newest line is damaged ({0}); move the file away and start again")]
    Damaged(BrokenLine),
    /// It cannot be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

const STORE: &str = "audit file";
const BROKEN: &str = "a failed write could not be taken back; free space on the disk and restart";
/// Other users cannot read it.
const FILE_MODE: u32 = 0o600;

#[cfg(test)]
mod tests;
