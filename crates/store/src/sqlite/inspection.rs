//! A look at the database file that changes nothing.

use std::path::Path;

use super::Sqlite;
use super::file::{refuse_files_open_to_others, schema_steps};
use super::open_error::SqliteOpenError;
use crate::inspection::Inspection;
use crate::missing_database::MissingDatabase;

impl Sqlite {
    /// Looks at the modes and the schema of the file.
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
        Ok(Inspection {
            name: path.display().to_string(),
            clock: None,
            schema: Some(schema),
        })
    }
}
