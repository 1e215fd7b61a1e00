//! Moves everything that is stored from one set of stores to another.
//!
//! An export is one SQLite file with the schema of this version, whatever the stores are: tables of
//! PostgreSQL are copied into its tables, and sessions, denials and revocation lists of Redis too.
//! An import goes the other way. No server may use the stores meanwhile. This module must not know
//! what the rows mean.

use std::path::Path;

use signet_verifier::Timestamp;

use crate::moved::{Cell, DATABASE_TABLES, Moved, MovingError, RowCounter, SHARED_TABLES, Table};
use crate::postgres::Postgres;
use crate::redis::{Redis, RedisServer};
use crate::sqlite::{self, ExportFile, ImportFile};
use crate::store_urls::{Places, StoreUrls};

/// Writes everything that the stores hold into a new file with mode 0600. A database that is copied as
/// a file is counted when it was copied.
///
/// # Errors
///
/// [`MovingError`], a sentence that says what to do. Then there is no file.
pub async fn export(
    urls: &StoreUrls,
    into: &Path,
    now: Timestamp,
    counter: RowCounter<'_>,
) -> Result<Moved, MovingError> {
    let (file, server) = match Places::parse(urls).map_err(MovingError::unusable)? {
        Places::Sqlite(path) => {
            let file = ExportFile::copy_of(path, into)?;
            counter(file.row_count()?);
            return file.finish();
        }
        Places::SqliteAndRedis(path, server) => {
            let file = ExportFile::copy_of(path, into)?;
            file.forget_shared()?;
            counter(file.row_count()?);
            (file, server)
        }
        Places::PostgresAndRedis(address, server) => {
            let file = ExportFile::create(into)?;
            let put = |table: &Table, columns: &[String], row: &[Cell]| {
                counter(1);
                file.put_row(table, columns, row)
            };
            Postgres::export(*address, put).await?;
            (file, server)
        }
    };
    let redis = open_redis(urls, server, now).await?;
    let put = |row| {
        counter(1);
        file.put_shared(&row)
    };
    redis.export(now, put).await?;
    file.finish()
}

/// Reads a file of [`export`] into stores that are empty or do not exist.
///
/// # Errors
///
/// [`MovingError`], a sentence that says what to do. The database is then as it was. If Redis failed
/// during the import, it may hold a part of the file.
pub async fn import(
    urls: &StoreUrls,
    from: &Path,
    now: Timestamp,
    counter: RowCounter<'_>,
) -> Result<Moved, MovingError> {
    let file = ImportFile::open(from)?;
    match Places::parse(urls).map_err(MovingError::unusable)? {
        Places::Sqlite(path) => {
            let every = [DATABASE_TABLES.as_slice(), &SHARED_TABLES].concat();
            sqlite::import(path, &file, &every, counter)?;
        }
        Places::SqliteAndRedis(path, server) => {
            sqlite::refuse_filled(path)?;
            import_shared(urls, server, &file, (now, counter)).await?;
            sqlite::import(path, &file, &DATABASE_TABLES, counter)?;
        }
        Places::PostgresAndRedis(address, server) => {
            Postgres::refuse_filled(&address).await?;
            import_shared(urls, server, &file, (now, counter)).await?;
            let rows = |table, columns| file.rows(table, columns);
            Postgres::import(*address, rows, counter).await?;
        }
    }
    Ok(file.moved())
}

async fn import_shared(
    urls: &StoreUrls,
    server: RedisServer,
    file: &ImportFile,
    (now, counter): (Timestamp, RowCounter<'_>),
) -> Result<(), MovingError> {
    let redis = open_redis(urls, server, now).await?;
    redis.refuse_filled().await?;
    redis.import(file.shared_rows(), now, counter).await
}

async fn open_redis(
    urls: &StoreUrls,
    server: RedisServer,
    now: Timestamp,
) -> Result<Redis, MovingError> {
    let opened = Redis::open(server, &urls.redis, now).await;
    opened.map_err(MovingError::unusable)
}
