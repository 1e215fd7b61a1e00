//! The seal of an export: a digest of every row, so that a damaged file is not imported.

use aws_lc_rs::digest::{Context, SHA256};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _};

use crate::moved::{DATABASE_TABLES, SHARED_TABLES, Table};

/// Adds the seal to a file.
pub(super) fn seal(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(MAKE)?;
    let digest = digest(connection)?;
    connection.execute(PUT, [digest]).map(drop)
}

/// Whether a file is sealed, and its rows are those that were sealed.
pub(super) fn verify(connection: &Connection) -> rusqlite::Result<Sealed> {
    let exists: bool = connection.query_row(EXISTS, [], |row| row.get(0))?;
    if !exists {
        return Ok(Sealed::No);
    }
    let sealed: Option<Vec<u8>> = connection.query_row(GET, [], |row| row.get(0)).optional()?;
    match sealed {
        Some(sealed) if sealed == digest(connection)? => Ok(Sealed::Whole),
        Some(_) | None => Ok(Sealed::Damaged),
    }
}

/// What a seal tells of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sealed {
    /// The file has no seal.
    No,
    /// Rows are missing, or were changed or added.
    Damaged,
    /// Every row is as it was.
    Whole,
}

fn digest(connection: &Connection) -> rusqlite::Result<Vec<u8>> {
    let mut context = Context::new(&SHA256);
    for table in DATABASE_TABLES.iter().chain(&SHARED_TABLES) {
        add(connection, table, &mut context)?;
    }
    Ok(context.finish().as_ref().to_vec())
}

fn add(connection: &Connection, table: &Table, context: &mut Context) -> rusqlite::Result<()> {
    let Table { name, order, .. } = table;
    context.update(name.as_bytes());
    let mut statement = connection.prepare(&format!("SELECT * FROM {name} ORDER BY {order}"))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            add_value(row.get_ref(column)?, context);
        }
    }
    Ok(())
}

/// A byte for the kind, the length, and the bytes: no two lists of values have the same text.
fn add_value(value: ValueRef<'_>, context: &mut Context) {
    let number;
    let real;
    let (kind, bytes): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(integer) => {
            number = integer.to_be_bytes();
            (1, &number)
        }
        ValueRef::Real(float) => {
            real = float.to_be_bytes();
            (2, &real)
        }
        ValueRef::Text(text) => (3, text),
        ValueRef::Blob(blob) => (4, blob),
    };
    context.update(&[kind]);
    context.update(&bytes.len().to_be_bytes());
    context.update(bytes);
}

const MAKE: &str = "CREATE TABLE export_seal (digest BLOB NOT NULL) STRICT";

const PUT: &str = "INSERT INTO export_seal (digest) VALUES (?1)";

const GET: &str = "SELECT digest FROM export_seal";

const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'export_seal')";
