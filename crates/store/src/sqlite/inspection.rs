//! A look at the database file that changes nothing.

use std::io;
use std::path::Path;

use rustix::fs::{Access, access};
use signet_verifier::Timestamp;

use super::file::{refuse_files_open_to_others, schema_steps};
use super::open_error::SqliteOpenError;
use super::{Sqlite, connection, latest_time};
use crate::inspection::Inspection;
use crate::migration::SchemaSteps;
use crate::missing_database::MissingDatabase;
use crate::private_file::folder_of;

impl Sqlite {
    /// Looks at the modes and the schema of the file, and whether a server of this user could write it.
    pub(crate) fn inspect(
        path: &Path,
        missing: MissingDatabase,
    ) -> Result<Inspection, SqliteOpenError> {
        refuse_files_open_to_others(path)?;
        let schema = schema_steps(path)?;
        if schema.applied == 0 && missing == MissingDatabase::Refuse {
            let path = path.to_owned();
            return Err(SqliteOpenError::Lost { path });
        }
        refuse_unwritable(path, |path, rights| Ok(access(path, rights)?))?;
        Ok(Inspection {
            name: path.display().to_string(),
            clock: None,
            latest: latest_time(path, schema)?,
            schema: Some(schema),
            version: None,
        })
    }
}

/// Fails if this user cannot write the file, or make it. SQLite writes a log beside the file, so its
/// folder counts too. `may` is asked whether a path can be used in a way.
fn refuse_unwritable(
    path: &Path,
    may: impl Fn(&Path, Access) -> io::Result<()>,
) -> Result<(), SqliteOpenError> {
    let refused = |path: &Path| {
        let path = path.to_owned();
        move |cause| SqliteOpenError::WriteDenied { path, cause }
    };
    let folder = folder_of(path);
    // A server makes the folders that are missing.
    let there = folder.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or(Path::new("."));
    may(there, Access::WRITE_OK | Access::EXEC_OK).map_err(refused(there))?;
    if path.exists() {
        may(path, Access::READ_OK | Access::WRITE_OK).map_err(refused(path))?;
    }
    Ok(())
}

/// The latest time that was noted in the file; an earlier schema has no such time.
fn latest_time(path: &Path, schema: SchemaSteps) -> Result<Option<Timestamp>, SqliteOpenError> {
    if schema.pending() > 0 {
        return Ok(None);
    }
    let failed = SqliteOpenError::database(path);
    let connection = connection::open_to_read(path).map_err(failed)?;
    latest_time::noted(&connection).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_a_folder_that_cannot_be_written_are_named() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("signet.db");
        let new = place.path().join("new/folder/signet.db");
        let denied = |denied: &Path, asked: &Path| {
            let may = |path: &Path, _| unless_denied(path, denied);
            refuse_unwritable(asked, may).map_err(|error| error.to_string())
        };
        assert_eq!(denied(&file, &file), Ok(()), "the file is made");
        for asked in [&file, &new] {
            let said = denied(place.path(), asked).unwrap_err();
            let named = format!(
                "cannot write to {}: permission denied; ",
                place.path().display()
            );
            assert!(said.starts_with(&named), "{said}");
        }
        std::fs::write(&file, "").unwrap();
        let said = denied(&file, &file).unwrap_err();
        assert!(said.starts_with(&format!("cannot write to {}", file.display())));
    }

    fn unless_denied(path: &Path, denied: &Path) -> io::Result<()> {
        if path == denied {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(())
    }
}
