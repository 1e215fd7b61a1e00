//! Moves everything that is stored from one set of stores to another.
//!
//! An export is one SQLite file with the schema of this version, whatever the stores are: tables of
//! PostgreSQL are copied into its tables, and sessions, denials and revocation lists of Redis too.
//! An import goes the other way. No server may use the stores meanwhile. This module must not know
//! what the rows mean.

use std::path::Path;

use signet_verifier::Timestamp;

use crate::moved::{Cell, DATABASE_TABLES, Moved, MovingError, SHARED_TABLES, Table};
use crate::postgres::Postgres;
use crate::redis::{Redis, RedisServer};
use crate::sqlite::{self, ExportFile, ImportFile};
use crate::store_urls::{Places, StoreUrls};

/// Writes everything that the stores hold into a new file with mode 0600.
///
/// # Errors
///
/// [`MovingError`], a sentence that says what to do. Then there is no file.
pub async fn export(urls: &StoreUrls, into: &Path, now: Timestamp) -> Result<Moved, MovingError> {
    let (file, server) = match Places::parse(urls).map_err(MovingError::unusable)? {
        Places::Sqlite(path) => return ExportFile::copy_of(path, into)?.finish(),
        Places::SqliteAndRedis(path, server) => {
            let file = ExportFile::copy_of(path, into)?;
            file.forget_shared()?;
            (file, server)
        }
        Places::PostgresAndRedis(address, server) => {
            let file = ExportFile::create(into)?;
            let put =
                |table: &Table, columns: &[String], row: &[Cell]| file.put_row(table, columns, row);
            Postgres::export(*address, put).await?;
            (file, server)
        }
    };
    let redis = open_redis(urls, server, now).await?;
    redis.export(now, |row| file.put_shared(&row)).await?;
    file.finish()
}

/// Reads a file of [`export`] into stores that are empty or do not exist.
///
/// # Errors
///
/// [`MovingError`], a sentence that says what to do. The database is then as it was. If Redis failed
/// during the import, it may hold a part of the file.
pub async fn import(urls: &StoreUrls, from: &Path, now: Timestamp) -> Result<Moved, MovingError> {
    let file = ImportFile::open(from)?;
    match Places::parse(urls).map_err(MovingError::unusable)? {
        Places::Sqlite(path) => {
            let every = [DATABASE_TABLES.as_slice(), &SHARED_TABLES].concat();
            sqlite::import(path, &file, &every)?;
        }
        Places::SqliteAndRedis(path, server) => {
            sqlite::refuse_filled(path)?;
            import_shared(urls, server, &file, now).await?;
            sqlite::import(path, &file, &DATABASE_TABLES)?;
        }
        Places::PostgresAndRedis(address, server) => {
            Postgres::refuse_filled(&address).await?;
            import_shared(urls, server, &file, now).await?;
            Postgres::import(*address, |table, columns| file.rows(table, columns)).await?;
        }
    }
    Ok(file.moved())
}

async fn import_shared(
    urls: &StoreUrls,
    server: RedisServer,
    file: &ImportFile,
    now: Timestamp,
) -> Result<(), MovingError> {
    let redis = open_redis(urls, server, now).await?;
    redis.refuse_filled().await?;
    redis.import(file.shared_rows(), now).await
}

async fn open_redis(
    urls: &StoreUrls,
    server: RedisServer,
    now: Timestamp,
) -> Result<Redis, MovingError> {
    let opened = Redis::open(server, &urls.redis, now).await;
    opened.map_err(MovingError::unusable)
}
