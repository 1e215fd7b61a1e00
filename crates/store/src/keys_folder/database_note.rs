//! The note in the keys folder that names the databases its keys have been used with. It tells a
//! first start from a database that was lost.

use std::fs;
use std::io;

use super::KeysFolder;

impl KeysFolder {
    /// Whether a server has used these keys with `database`, the name of one.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn has_used_database(&self, database: &str) -> io::Result<bool> {
        let noted = self.noted_databases()?;
        Ok(noted.lines().any(|line| line == line_of(database)))
    }

    /// Notes that a server uses these keys with `database`. It is safe to repeat. On a read-only
    /// mount nothing is noted. Of two servers that note different databases at the same moment, one
    /// notes its own at its next start.
    ///
    /// # Errors
    ///
    /// The note cannot be written.
    pub fn note_database(&self, database: &str) -> io::Result<()> {
        if self.has_used_database(database)? || self.disk.is_read_only(self.path())? {
            return Ok(());
        }
        let text = format!("{}{}\n", self.noted_databases()?, line_of(database));
        let new = self.file(NEW_NOTE_FILE);
        match self.disk.write_new(&new, &text) {
            // Another server writes it now, or one has died with it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.disk.remove(&new),
            Err(error) => Err(error),
            Ok(()) => {
                self.disk.rename(&new, &self.file(NOTE_FILE))?;
                self.disk.sync_folder(self.path())
            }
        }
    }

    fn noted_databases(&self) -> io::Result<String> {
        match fs::read_to_string(self.file(NOTE_FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read,
        }
    }
}

/// One line, whatever the name of a file holds.
fn line_of(database: &str) -> String {
    database.escape_debug().collect()
}

/// Hidden, so that it is no foreign file and no change of the keys.
const NOTE_FILE: &str = ".database-used";
const NEW_NOTE_FILE: &str = ".database-used.new";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_noted_once_and_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeysFolder::at(folder.path());
        assert!(!keys.has_used_database("one").unwrap());
        for _ in 0..2 {
            keys.note_database("one").unwrap();
            assert!(keys.has_used_database("one").unwrap());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        keys.refuse_foreign_files(None).unwrap();
    }

    #[test]
    fn each_database_is_noted_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeysFolder::at(folder.path());
        keys.note_database("one").unwrap();
        keys.note_database("two\nthree").unwrap();
        for (name, is_noted) in [("one", true), ("two\nthree", true), ("three", false)] {
            assert_eq!(keys.has_used_database(name).unwrap(), is_noted, "{name}");
        }
    }

    #[test]
    fn a_note_that_was_begun_and_not_finished_is_begun_again() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeysFolder::at(folder.path());
        fs::write(folder.path().join(NEW_NOTE_FILE), "half").unwrap();
        keys.note_database("one").unwrap();
        keys.note_database("one").unwrap();
        assert!(keys.has_used_database("one").unwrap());
    }
}
