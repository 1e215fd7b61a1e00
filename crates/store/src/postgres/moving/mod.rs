//! Tables of PostgreSQL as rows of an export, and back.
//!
//! The server copies whole tables as text, the format of `COPY`. This module must not know what
//! columns mean, so columns of later steps of the schema are moved too.

mod copy_text;

use futures::StreamExt as _;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, query};

use super::fault::PostgresFault;
use super::{Postgres, PostgresAddress, PostgresOpenError, before_timeout, prepare};
use crate::missing_database::MissingDatabase;
use crate::moved::{Cell, DATABASE_TABLES, MovingError, Pages, RowCounter, Table};
use copy_text::{Column, Kind, Lines, write_line};

impl Postgres {
    /// Calls `put` with every row of every table and the names of its columns.
    pub(crate) async fn export(
        address: PostgresAddress,
        mut put: impl FnMut(&Table, &[String], &[Cell]) -> Result<(), MovingError>,
    ) -> Result<(), MovingError> {
        let mut connection = ready(&address, MissingDatabase::Refuse).await?;
        connection.execute(SNAPSHOT).await.map_err(failed)?;
        for table in DATABASE_TABLES {
            read_table(&mut connection, table, &mut put).await?;
        }
        connection.close().await.map_err(failed)
    }

    /// Fails if a table has rows.
    pub(crate) async fn refuse_filled(address: &PostgresAddress) -> Result<(), MovingError> {
        let mut connection = ready(address, MissingDatabase::Make).await?;
        refuse_rows(&mut connection).await?;
        connection.close().await.map_err(failed)
    }

    /// Adds the rows that `rows` returns for each table, in one transaction. No table may have rows.
    pub(crate) async fn import(
        address: PostgresAddress,
        rows: impl Fn(Table, Vec<String>) -> Pages<Vec<Cell>>,
        counter: RowCounter<'_>,
    ) -> Result<(), MovingError> {
        let mut connection = ready(&address, MissingDatabase::Make).await?;
        let mut transaction = connection.begin().await.map_err(failed)?;
        refuse_rows(&mut transaction).await?;
        for table in DATABASE_TABLES {
            if table.begins_filled {
                let emptied = format!("DELETE FROM signet.{}", table.name);
                let emptied = transaction.execute(AssertSqlSafe(emptied)).await;
                emptied.map_err(failed)?;
            }
            let columns = columns(&mut transaction, table.name).await?;
            let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            let pages = rows(table, names);
            fill(&mut transaction, table, &columns, (pages, counter)).await?;
        }
        transaction.commit().await.map_err(failed)?;
        connection.close().await.map_err(failed)
    }
}

/// Calls `put` with every row of a table.
async fn read_table(
    connection: &mut PgConnection,
    table: Table,
    put: &mut impl FnMut(&Table, &[String], &[Cell]) -> Result<(), MovingError>,
) -> Result<(), MovingError> {
    let columns = columns(connection, table.name).await?;
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let values: Vec<String> = columns.iter().map(Column::value).collect();
    let statement = format!(
        "COPY (SELECT {} FROM signet.{} ORDER BY {}) TO STDOUT",
        values.join(", "),
        table.name,
        table.order
    );
    let mut copied = connection.copy_out_raw(&statement).await.map_err(failed)?;
    let mut lines = Lines::default();
    while let Some(part) = copied.next().await {
        lines.add(&part.map_err(failed)?);
        while let Some(line) = lines.next_line() {
            let row = copy_text::read_line(&line, &columns).map_err(impossible)?;
            put(&table, &names, &row)?;
        }
    }
    Ok(())
}

/// Copies rows into a table.
async fn fill(
    connection: &mut PgConnection,
    table: Table,
    columns: &[Column],
    (mut pages, counter): (Pages<Vec<Cell>>, RowCounter<'_>),
) -> Result<(), MovingError> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let statement = format!(
        "COPY signet.{} ({}) FROM STDIN",
        table.name,
        names.join(", ")
    );
    let mut copy = connection.copy_in_raw(&statement).await.map_err(failed)?;
    let mut text = String::new();
    while let Some(page) = pages.recv().await {
        text.clear();
        let page = page?;
        for row in &page {
            write_line(row, columns, &mut text).map_err(impossible)?;
        }
        copy.send(text.as_bytes()).await.map_err(failed)?;
        counter(page.len());
    }
    copy.finish().await.map(drop).map_err(failed)
}

/// A connection to a database with the schema of this version, whose statements have no deadline.
async fn ready(
    address: &PostgresAddress,
    missing: MissingDatabase,
) -> Result<PgConnection, MovingError> {
    let options = &address.options;
    before_timeout(options, prepare(options, missing)).await?;
    let connected = before_timeout(options, async {
        let mut connection = PgConnection::connect_with(options).await?;
        connection.execute("SET statement_timeout = 0").await?;
        Ok(connection)
    });
    Ok(connected.await?)
}

async fn refuse_rows(connection: &mut PgConnection) -> Result<(), MovingError> {
    for Table { name, .. } in DATABASE_TABLES.iter().filter(|table| !table.begins_filled) {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM signet.{name})");
        let row = connection
            .fetch_one(AssertSqlSafe(sql))
            .await
            .map_err(failed)?;
        if row.try_get::<bool, _>(0).map_err(failed)? {
            return Err(MovingError::DatabaseFilled { table: name });
        }
    }
    Ok(())
}

/// The columns of a table, without those that the server numbers.
async fn columns(
    connection: &mut PgConnection,
    table: &'static str,
) -> Result<Vec<Column>, MovingError> {
    let rows = connection.fetch_all(query(COLUMNS).bind(table)).await;
    let rows = rows.map_err(failed)?;
    let column = |row: &sqlx::postgres::PgRow| {
        let kind: String = row.try_get(1).map_err(failed)?;
        Ok(Column {
            name: row.try_get(0).map_err(failed)?,
            kind: Kind::of(&kind),
        })
    };
    rows.iter().map(column).collect()
}

impl From<PostgresOpenError> for MovingError {
    fn from(error: PostgresOpenError) -> Self {
        Self::unusable(error)
    }
}

fn failed(error: sqlx::Error) -> MovingError {
    PostgresFault::from(error).in_store(STORE).into()
}

fn impossible(what: &'static str) -> MovingError {
    PostgresFault::Impossible(what).in_store(STORE).into()
}

const STORE: &str = "moving";

const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const COLUMNS: &str = "
    SELECT column_name::text, data_type::text FROM information_schema.columns
    WHERE table_schema = 'signet' AND table_name = $1 AND is_identity = 'NO'
    ORDER BY ordinal_position";
