//! The operations on files that the keys folder is changed by, one method for each that could be
//! the last before a crash, so that tests can let any of them fail. Knows nothing of keys.

use std::fmt::Debug;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::process::geteuid;

/// Changes files durably: what has returned survives a power cut.
pub(super) trait Disk: Debug + Send + Sync {
    /// Whether the folder is on a mount that cannot be written, as a Kubernetes Secret is.
    fn is_read_only(&self, folder: &Path) -> io::Result<bool>;

    /// The user id that this process reads and writes files with.
    fn user(&self) -> u32;

    /// Makes a folder, and those above it, that only its owner can enter.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// Takes every right to a folder from group and others.
    fn close_folder(&self, folder: &Path) -> io::Result<()>;

    /// Writes a new file that only its owner can read.
    fn write_new(&self, path: &Path, text: &str) -> io::Result<()>;

    /// Renames a file, over another if need be.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// The disk itself.
#[derive(Debug)]
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn is_read_only(&self, folder: &Path) -> io::Result<bool> {
        Ok(statvfs(folder)?.f_flag.contains(StatVfsMountFlags::RDONLY))
    }

    fn user(&self) -> u32 {
        geteuid().as_raw()
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(folder)
    }

    fn close_folder(&self, folder: &Path) -> io::Result<()> {
        fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE))
    }

    fn write_new(&self, path: &Path, text: &str) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

/// The folder is for its owner alone.
pub(super) const FOLDER_MODE: u32 = 0o700;

/// So is every file that Signet writes in it.
pub(super) const FILE_MODE: u32 = 0o600;
