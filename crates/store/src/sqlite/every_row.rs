//! Reading every row of a statement, one after the other.

use rusqlite::{Connection, Row};

use super::fault::SqliteFault;

/// Calls `read` with every row that a statement returns.
pub(super) fn each(
    connection: &Connection,
    sql: &str,
    read: &mut dyn FnMut(&Row<'_>) -> Result<(), SqliteFault>,
) -> Result<(), SqliteFault> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        read(row)?;
    }
    Ok(())
}
