//! Copies of a keys folder, and putting them back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Copies the files of a keys folder, over those that are there.
pub fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// The same, with nothing else in the folder afterwards, and without access for other users.
pub fn put_back(backup: &Path, keys: &Path) {
    for entry in fs::read_dir(keys).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            fs::remove_dir(path).expect("an empty folder");
        } else {
            fs::remove_file(path).expect("a file");
        }
    }
    copy(backup, keys);
    fs::set_permissions(keys, fs::Permissions::from_mode(0o700)).expect("own folder");
}
