//! The note in the keys folder that its keys have been used with a database. It tells a first start
//! from a database that was lost.

use std::io;

use super::KeysFolder;

impl KeysFolder {
    /// Whether a server has used these keys with a database.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn has_used_database(&self) -> io::Result<bool> {
        self.file(NOTE_FILE).try_exists()
    }

    /// Notes that a server uses these keys with a database. It is safe to repeat. On a read-only
    /// mount nothing is noted.
    ///
    /// # Errors
    ///
    /// The note cannot be written.
    pub fn note_database(&self) -> io::Result<()> {
        if self.has_used_database()? || self.disk.is_read_only(self.path())? {
            return Ok(());
        }
        match self.disk.write_new(&self.file(NOTE_FILE), NOTE) {
            // Another server was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.disk.sync_folder(self.path()),
        }
    }
}

/// Hidden, so that it is no foreign file and no change of the keys.
const NOTE_FILE: &str = ".database-used";

const NOTE: &str = "A server has used these keys with a database. \
                    It refuses to start with an empty one.\n";

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_database_is_noted_once_and_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeysFolder::at(folder.path());
        assert!(!keys.has_used_database().unwrap());
        for _ in 0..2 {
            keys.note_database().unwrap();
            assert!(keys.has_used_database().unwrap());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        keys.refuse_foreign_files(None).unwrap();
    }
}
