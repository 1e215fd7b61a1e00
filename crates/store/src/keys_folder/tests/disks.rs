//! Disks for tests: one that fails at a chosen operation, one that is read-only, one whose folders
//! belong to another user.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use super::super::disk::{Disk, RealDisk};

/// A disk whose machine loses power in the middle of operation number `left`, from zero. Whatever
/// comes after that fails too.
#[derive(Debug)]
pub(super) struct DyingDisk {
    left: Mutex<usize>,
}

impl DyingDisk {
    pub(super) fn after(operations: usize) -> Self {
        Self {
            left: Mutex::new(operations),
        }
    }

    /// Whether it never died.
    pub(super) fn survived(&self) -> bool {
        *self.left.lock().unwrap() > 0
    }

    fn step(&self) -> io::Result<()> {
        let mut left = self.left.lock().unwrap();
        *left = left.saturating_sub(1);
        if *left == 0 {
            return Err(io::Error::other("the power is gone"));
        }
        Ok(())
    }
}

impl Disk for DyingDisk {
    fn is_read_only(&self, folder: &Path) -> io::Result<bool> {
        RealDisk.is_read_only(folder)
    }

    fn user(&self) -> u32 {
        RealDisk.user()
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.create_folder(folder))
    }

    fn close_folder(&self, folder: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.close_folder(folder))
    }

    fn write_new(&self, path: &Path, text: &str) -> io::Result<()> {
        let was_alive = self.survived();
        let step = self.step();
        if was_alive && step.is_err() {
            fs::write(path, &text[..text.len() / 2])?;
        }
        step.and_then(|()| RealDisk.write_new(path, text))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.remove(path))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.sync_folder(folder))
    }
}

/// A disk that reads like a mounted Secret, whose folder another user owns.
#[derive(Debug)]
pub(super) struct ReadOnlyDisk;

impl Disk for ReadOnlyDisk {
    fn is_read_only(&self, _folder: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn user(&self) -> u32 {
        RealDisk.user() + 1
    }

    fn create_folder(&self, _folder: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn close_folder(&self, _folder: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn write_new(&self, _path: &Path, _text: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}

/// A disk of a process whose user does not own the folder.
#[derive(Debug)]
pub(super) struct OtherUsersDisk;

impl Disk for OtherUsersDisk {
    fn is_read_only(&self, folder: &Path) -> io::Result<bool> {
        RealDisk.is_read_only(folder)
    }

    fn user(&self) -> u32 {
        RealDisk.user() + 1
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        RealDisk.create_folder(folder)
    }

    fn close_folder(&self, folder: &Path) -> io::Result<()> {
        RealDisk.close_folder(folder)
    }

    fn write_new(&self, path: &Path, text: &str) -> io::Result<()> {
        RealDisk.write_new(path, text)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        RealDisk.sync_folder(folder)
    }
}
