//! The file of an export, and tables that are copied from one file to another.

mod seal;
mod shared;

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OpenFlags, Row, ToSql, params_from_iter};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::SqliteFault;
use super::backup::{BackupError, back_up};
use super::connection::open_to_write;
use super::file::{open_database, prepare};
use super::migrations::{STEPS, migrate};
use super::obstacle::obstacle;
use super::open_error::SqliteOpenError;
use crate::missing_database::MissingDatabase;
use crate::moved::{
    Cell, DATABASE_TABLES, Moved, MovingError, Pages, RowCounter, SHARED_TABLES, SharedRow, Table,
};
use crate::private_file::create_new;
use seal::Sealed;

/// The file of an export that is being written. It is removed unless it is finished.
pub(crate) struct ExportFile {
    connection: Connection,
    path: PathBuf,
    is_finished: bool,
}

impl ExportFile {
    /// A copy of the database at `path`.
    pub(crate) fn copy_of(path: &Path, into: &Path) -> Result<Self, MovingError> {
        back_up(path, into)?;
        Self::begin(into)
    }

    /// An empty file.
    pub(crate) fn create(into: &Path) -> Result<Self, MovingError> {
        create_new(into).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => BackupError::Exists(into.to_owned()),
            _ => BackupError::from(SqliteOpenError::file(into)(error)),
        })?;
        Self::begin(into)
    }

    fn begin(path: &Path) -> Result<Self, MovingError> {
        let failed = SqliteOpenError::database(path);
        let mut file = Self {
            connection: open_to_write(path).map_err(failed)?,
            path: path.to_owned(),
            is_finished: false,
        };
        let migrated = migrate(&mut file.connection, MissingDatabase::Make);
        migrated.map_err(|error| SqliteOpenError::schema(path, error))?;
        file.run("BEGIN IMMEDIATE")?;
        Ok(file)
    }

    /// Removes what Redis has in this setup: an earlier setup may have left it.
    pub(crate) fn forget_shared(&self) -> Result<(), MovingError> {
        SHARED_TABLES
            .iter()
            .try_for_each(|table| self.run(&format!("DELETE FROM {}", table.name)))
    }

    /// How many rows the tables have.
    pub(crate) fn row_count(&self) -> Result<usize, MovingError> {
        let mut rows = 0;
        for table in DATABASE_TABLES.iter().chain(&SHARED_TABLES) {
            let counted = count_rows(&self.connection, table.name);
            rows += counted.map_err(|error| self.failed(error))?;
        }
        Ok(rows)
    }

    /// Adds a row of a table.
    pub(crate) fn put_row(
        &self,
        table: &Table,
        columns: &[String],
        row: &[Cell],
    ) -> Result<(), MovingError> {
        if table.begins_filled {
            self.run(&format!("DELETE FROM {}", table.name))?;
        }
        let places = vec!["?"; columns.len()].join(", ");
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({places})",
            table.name,
            columns.join(", ")
        );
        let put = self.connection.prepare_cached(&sql);
        let put = put.and_then(|mut put| put.execute(params_from_iter(row)));
        put.map(drop).map_err(|error| self.failed(error))
    }

    /// Adds what Redis stores as a key.
    pub(crate) fn put_shared(&self, row: &SharedRow) -> Result<(), MovingError> {
        let put = shared::put(&self.connection, row);
        put.map_err(|fault| fault.in_store(STORE).into())
    }

    /// Seals the file, flushes it and counts what is in it.
    pub(crate) fn finish(mut self) -> Result<Moved, MovingError> {
        let sealed = seal::seal(&self.connection);
        sealed.map_err(|error| self.failed(error))?;
        // One file, without a log beside it.
        self.run("COMMIT; PRAGMA journal_mode = DELETE")?;
        let moved = count(&self.connection).map_err(|error| self.failed(error))?;
        self.is_finished = true;
        Ok(moved)
    }

    fn run(&self, sql: &str) -> Result<(), MovingError> {
        let ran = self.connection.execute_batch(sql);
        ran.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: rusqlite::Error) -> MovingError {
        SqliteOpenError::database(&self.path)(error).into()
    }
}

impl Drop for ExportFile {
    fn drop(&mut self) {
        if !self.is_finished {
            let _partial = fs::remove_file(&self.path);
        }
    }
}

/// The file of an export that was checked.
pub(crate) struct ImportFile {
    path: PathBuf,
    moved: Moved,
}

impl ImportFile {
    /// Checks every row.
    pub(crate) fn open(path: &Path) -> Result<Self, MovingError> {
        let refused = |why: String| MovingError::NotAnExport {
            path: path.to_owned(),
            why,
        };
        let unreadable =
            |error: rusqlite::Error| refused(format!("{error}; name a file of `signet export`"));
        if let Some(cause) = obstacle(path) {
            return Err(SqliteOpenError::file(path)(cause).into());
        }
        let connection = open_to_import(path).map_err(unreadable)?;
        let seen = connection.pragma_query_value(None, "user_version", |row| row.get(0));
        let (seen, known): (usize, _) = (seen.map_err(unreadable)?, STEPS.len());
        if seen != known {
            return Err(refused(format!(
                "it has schema {seen} and this version of Signet writes {known}; \
                 export and import with the same version"
            )));
        }
        match seal::verify(&connection).map_err(unreadable)? {
            Sealed::Whole => {}
            Sealed::No => return Err(refused("name a file of `signet export`".to_owned())),
            Sealed::Damaged => {
                return Err(refused(
                    "it was damaged or changed; export again".to_owned(),
                ));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            moved: count(&connection).map_err(unreadable)?,
        })
    }

    /// How much it holds.
    pub(crate) fn moved(&self) -> Moved {
        self.moved
    }

    /// The rows of a table, many at a time.
    pub(crate) fn rows(&self, table: Table, columns: Vec<String>) -> Pages<Vec<Cell>> {
        self.pages(move |connection, pages| {
            let sql = format!(
                "SELECT {} FROM {} ORDER BY {}",
                columns.join(", "),
                table.name,
                table.order
            );
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let cells = (0..columns.len()).map(|column| cell(row, column));
                pages.add(cells.collect::<Result<_, _>>()?);
            }
            Ok(())
        })
    }

    /// What Redis stores as keys, many at a time. Denials come before what they would end.
    pub(crate) fn shared_rows(&self) -> Pages<SharedRow> {
        self.pages(|connection, pages| shared::read(connection, &mut |row| pages.add(row)))
    }

    /// Reads on a thread of its own, because reading a file blocks.
    fn pages<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection, &mut Writer<T>) -> Result<(), SqliteFault> + Send + 'static,
    ) -> Pages<T> {
        let (sender, receiver) = mpsc::channel(PAGES_AHEAD);
        let path = self.path.clone();
        drop(spawn_blocking(move || {
            let mut writer = Writer {
                page: Vec::new(),
                sender,
            };
            let opened = open_to_import(&path).map_err(SqliteFault::from);
            match opened.and_then(|connection| read(&connection, &mut writer)) {
                Ok(()) => writer.send(),
                Err(fault) => {
                    let error = fault.in_store(STORE).into();
                    let _gone = writer.sender.blocking_send(Err(error));
                }
            }
        }));
        receiver
    }
}

struct Writer<T> {
    page: Vec<T>,
    sender: mpsc::Sender<Result<Vec<T>, MovingError>>,
}

impl<T> Writer<T> {
    fn add(&mut self, row: T) {
        self.page.push(row);
        if self.page.len() >= ROWS_OF_A_PAGE {
            self.send();
        }
    }

    fn send(&mut self) {
        let page = std::mem::take(&mut self.page);
        // A receiver that has failed has said so.
        let _gone = self.sender.blocking_send(Ok(page));
    }
}

/// Fails if the database at `path` has rows.
pub(crate) fn refuse_filled(path: &Path) -> Result<(), MovingError> {
    if !path.exists() {
        return Ok(());
    }
    prepare(path)?;
    let (connection, _is_new) = open_database(path, MissingDatabase::Make)?;
    let tables = DATABASE_TABLES.iter().chain(&SHARED_TABLES);
    let checked = refuse_rows(&connection, tables).map_err(SqliteOpenError::database(path))?;
    checked.map_or(Ok(()), |table| Err(MovingError::DatabaseFilled { table }))
}

/// Copies tables into the database at `path`, which may not exist and must not have rows.
pub(crate) fn import(
    path: &Path,
    file: &ImportFile,
    tables: &[Table],
    counter: RowCounter<'_>,
) -> Result<(), MovingError> {
    refuse_filled(path)?;
    prepare(path)?;
    let (connection, _is_new) = open_database(path, MissingDatabase::Make)?;
    let copied = copy(&connection, &file.path, tables, counter);
    copied.map_err(SqliteOpenError::database(path))?;
    let closed = connection.close();
    closed.map_err(|(_, error)| SqliteOpenError::database(path)(error).into())
}

fn copy(
    connection: &Connection,
    from: &Path,
    tables: &[Table],
    counter: RowCounter<'_>,
) -> rusqlite::Result<()> {
    connection.execute("ATTACH DATABASE ?1 AS moved", [from.to_string_lossy()])?;
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for Table {
        name,
        order,
        begins_filled,
    } in tables
    {
        if *begins_filled {
            connection.execute(&format!("DELETE FROM main.{name}"), [])?;
        }
        let sql = format!("INSERT INTO main.{name} SELECT * FROM moved.{name} ORDER BY {order}");
        counter(connection.execute(&sql, [])?);
    }
    connection.execute_batch("COMMIT; DETACH DATABASE moved")
}

/// The first of the tables that has rows.
fn refuse_rows<'a>(
    connection: &Connection,
    tables: impl Iterator<Item = &'a Table>,
) -> rusqlite::Result<Option<&'static str>> {
    for table in tables.filter(|table| !table.begins_filled) {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
        if connection.query_row(&sql, [], |row| row.get(0))? {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

fn open_to_import(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn count(connection: &Connection) -> rusqlite::Result<Moved> {
    let count = |table: &str| count_rows(connection, table);
    Ok(Moved {
        accounts: count("accounts")?,
        clients: count("clients")?,
        sessions: count("sessions")?,
    })
}

fn count_rows(connection: &Connection, table: &str) -> rusqlite::Result<usize> {
    let sql = format!("SELECT count(*) FROM {table}");
    connection.query_row(&sql, [], |row| row.get(0))
}

fn cell(row: &Row<'_>, column: usize) -> Result<Cell, SqliteFault> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        ValueRef::Text(_) => Cell::Text(row.get(column)?),
        ValueRef::Real(_) => return Err(SqliteFault::Impossible("a fraction")),
    })
}

impl From<SqliteOpenError> for MovingError {
    fn from(error: SqliteOpenError) -> Self {
        Self::unusable(error)
    }
}

impl From<BackupError> for MovingError {
    fn from(error: BackupError) -> Self {
        Self::unusable(error)
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(rusqlite::types::Value::Null),
            Self::Number(number) => ToSqlOutput::from(*number),
            Self::Text(text) => ToSqlOutput::from(text.as_str()),
            Self::Bytes(bytes) => ToSqlOutput::from(bytes.as_slice()),
        })
    }
}

const STORE: &str = "export";

/// How many rows are read together.
const ROWS_OF_A_PAGE: usize = 500;

/// How many pages are read before they are used.
const PAGES_AHEAD: usize = 4;
