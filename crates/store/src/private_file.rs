//! New files that only their owner may read, and what makes them survive a crash of the machine.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Makes an empty file with mode 0600.
///
/// # Errors
///
/// When the file exists, or the operating system refuses.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

/// Flushes the folder of a file, so that the name of the file survives a crash of the machine.
///
/// # Errors
///
/// When the operating system refuses.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Returns the folder of a file; a bare name is in the working folder.
pub(crate) fn folder_of(path: &Path) -> &Path {
    let parent = path.parent();
    let parent = parent.filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Whether there is certainly no file at `path`. It may be there if this user may not read its
/// folder; then opening it says what is wrong.
pub(crate) fn is_missing(path: &Path) -> bool {
    matches!(path.try_exists(), Ok(false))
}
