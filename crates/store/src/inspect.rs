//! Asking a store what it says of itself. This changes nothing in it.

use crate::inspection::Inspection;
use crate::missing_database::MissingDatabase;
use crate::open_error::OpenError;
use crate::postgres::Postgres;
use crate::redis::Redis;
use crate::sqlite::Sqlite;
use crate::store_urls::{DatabasePlace, Places, StoreUrls};

/// Asks the database. A database without tables has no step applied, or is an error, as `missing`
/// says.
///
/// # Errors
///
/// The [`OpenError`] of a server that opens it.
pub async fn inspect_database(
    urls: &StoreUrls,
    missing: MissingDatabase,
) -> Result<Inspection, OpenError> {
    match Places::parse(urls)?.database() {
        DatabasePlace::Sqlite(path) => Ok(Sqlite::inspect(path, missing)?),
        DatabasePlace::Postgres(address) => Ok(Postgres::inspect(address, missing).await?),
    }
}

/// Asks Redis, if it stores something.
///
/// # Errors
///
/// The [`OpenError`] of a server that opens it. Missing permissions are found only by opening it.
pub async fn inspect_redis(urls: &StoreUrls) -> Result<Option<Inspection>, OpenError> {
    match Places::parse(urls)? {
        Places::Sqlite(_) => Ok(None),
        Places::SqliteAndRedis(_, server) | Places::PostgresAndRedis(_, server) => {
            Ok(Some(Redis::inspect(server).await?))
        }
    }
}
