//! Whether anything in the folder has changed, without reading it.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;

use super::files::unreadable;
use super::{KeysFolder, KeysFolderError};

/// What a folder and its files look like from outside. Two that are equal hold the same keys
/// under the same rights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FolderStamp(Vec<(OsString, Option<FileStamp>)>);

/// Inode, mode, size, and when content and inode last changed, in seconds and nanoseconds.
type FileStamp = (u64, u32, u64, [i64; 4]);

impl KeysFolder {
    /// Looks at the folder. Costs one look-up per file, so it can be done every second.
    ///
    /// # Errors
    ///
    /// [`KeysFolderError::Unreadable`] when the folder cannot be listed.
    pub fn stamp(&self) -> Result<FolderStamp, KeysFolderError> {
        let folder = fs::metadata(self.path()).map_err(|cause| unreadable(self.path(), cause))?;
        let mut names = self.names()?;
        names.retain(|name| !name.as_encoded_bytes().starts_with(b"."));
        names.sort();
        // Files come and go in the folder under hidden names, so only its rights count.
        let mut stamps = vec![(OsString::new(), Some((0, folder.mode(), 0, [0; 4])))];
        for name in names {
            let file = fs::metadata(self.path().join(&name)).ok();
            stamps.push((name, file.as_ref().map(stamp)));
        }
        Ok(FolderStamp(stamps))
    }
}

fn stamp(file: &Metadata) -> FileStamp {
    let times = [
        file.mtime(),
        file.mtime_nsec(),
        file.ctime(),
        file.ctime_nsec(),
    ];
    (file.ino(), file.mode(), file.size(), times)
}
