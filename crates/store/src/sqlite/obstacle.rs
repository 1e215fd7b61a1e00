//! What keeps a database file from being opened. SQLite says only that it cannot open it.

use std::fs::{File, metadata};
use std::io::{self, ErrorKind};
use std::path::Path;

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

#[cfg(test)]
mod tests {
    use super::*;

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
