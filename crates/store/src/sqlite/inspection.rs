//! A look at the database file that changes nothing.

use std::path::Path;

use signet_verifier::Timestamp;

use super::file::{refuse_files_open_to_others, schema_steps};
use super::open_error::SqliteOpenError;
use super::{Sqlite, connection, latest_time};
use crate::inspection::Inspection;
use crate::migration::SchemaSteps;
use crate::missing_database::MissingDatabase;

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
        if let Some(refused) = SqliteOpenError::not_writable(path) {
            return Err(refused);
        }
        Ok(Inspection {
            name: path.display().to_string(),
            clock: None,
            latest: latest_time(path, schema)?,
            schema: Some(schema),
            version: None,
        })
    }
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
