//! What keeps a database file from being opened or written. SQLite says only that it cannot.

use std::fs::{File, metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::file_watch::{FILES, with_suffix};
use crate::private_file::folder_of;

/// Returns the error of the system for a file that cannot be read; none if it can.
pub(super) fn obstacle(path: &Path) -> Option<io::Error> {
    match metadata(path) {
        Err(error) => Some(error),
        Ok(found) if found.is_dir() => Some(ErrorKind::IsADirectory.into()),
        // Opening another kind, such as a pipe, could wait for ever.
        Ok(found) if found.is_file() => File::open(path).err(),
        Ok(_) => None,
    }
}

/// Returns what this user cannot write, of the file, those beside it and their folder, and the error of
/// the system; none if all can be written or made.
pub(super) fn write_obstacle(path: &Path) -> Option<(PathBuf, io::Error)> {
    denied(path, |path, rights| Ok(access(path, rights)?))
}

/// `may` is asked whether a path can be used in a way. SQLite writes a log beside the file, so its
/// folder counts too.
fn denied(
    path: &Path,
    may: impl Fn(&Path, Access) -> io::Result<()>,
) -> Option<(PathBuf, io::Error)> {
    let folder = folder_of(path);
    // A server makes the folders that are missing.
    let there = folder.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or(Path::new(".")).to_owned();
    let files = FILES.iter().map(|suffix| with_suffix(path, suffix));
    let files = files.filter(|file| file.exists());
    let files = files.map(|file| (file, Access::READ_OK | Access::WRITE_OK));
    let mut all = std::iter::once((there, Access::WRITE_OK | Access::EXEC_OK)).chain(files);
    all.find_map(|(path, rights)| {
        let cause = may(&path, rights).err()?;
        Some((path, cause))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_a_folder_that_cannot_be_written_are_named() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("signet.db");
        let log = place.path().join("signet.db-wal");
        let new = place.path().join("new/folder/signet.db");
        let found = |denied_path: &Path, asked: &Path| {
            let found = denied(asked, |path, _| unless_denied(path, denied_path));
            found.map(|(path, cause)| {
                assert_eq!(cause.kind(), ErrorKind::PermissionDenied);
                path
            })
        };
        assert_eq!(found(&file, &file), None, "the file is made");
        for asked in [&file, &new] {
            assert_eq!(found(place.path(), asked).as_deref(), Some(place.path()));
        }
        for there in [&file, &log] {
            std::fs::write(there, "").unwrap();
            assert_eq!(found(there, &file).as_ref(), Some(there));
        }
    }

    fn unless_denied(path: &Path, denied: &Path) -> io::Result<()> {
        if path == denied {
            return Err(ErrorKind::PermissionDenied.into());
        }
        Ok(())
    }

    #[test]
    fn what_is_missing_or_a_folder_is_said_and_a_file_is_no_obstacle() {
        let place = tempfile::tempdir().unwrap();
        let kind = |name: &str| obstacle(&place.path().join(name)).map(|error| error.kind());
        std::fs::write(place.path().join("file"), "").unwrap();
        assert_eq!(kind("file"), None);
        assert_eq!(kind("."), Some(ErrorKind::IsADirectory));
        assert_eq!(kind("absent"), Some(ErrorKind::NotFound));
        assert_eq!(kind("file/below"), Some(ErrorKind::NotADirectory));
    }
}
