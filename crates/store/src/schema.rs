//! The schema of the database: how many of its steps were applied, and applying the rest.
//!
//! This module must not know the steps.

use crate::migration::{Migration, SchemaSteps};
use crate::missing_database::MissingDatabase;
use crate::open_error::OpenError;
use crate::postgres::Postgres;
use crate::sqlite;
use crate::store_urls::{DatabasePlace, Places, StoreUrls};

/// Returns the steps of the schema, and changes nothing.
///
/// # Errors
///
/// [`OpenError`], also if a newer version has changed the schema.
pub async fn schema_steps(urls: &StoreUrls) -> Result<SchemaSteps, OpenError> {
    Ok(match Places::parse(urls)?.database() {
        DatabasePlace::Sqlite(path) => sqlite::schema_steps(path)?,
        DatabasePlace::Postgres(address) => Postgres::schema_steps(*address).await?,
    })
}

/// Applies the missing steps of the schema, whether servers run or not. Treats a database without
/// tables as `missing` says. Returns the steps as they were before.
///
/// # Errors
///
/// [`OpenError`]. Then no step was applied, because all are applied in one transaction.
pub async fn migrate(urls: &StoreUrls, missing: MissingDatabase) -> Result<SchemaSteps, OpenError> {
    let before = schema_steps(urls).await?;
    match Places::parse(urls)?.database() {
        DatabasePlace::Sqlite(path) => sqlite::migrate(path, missing)?,
        DatabasePlace::Postgres(address) => Postgres::migrate(*address, missing).await?,
    }
    Ok(before)
}

/// Fails if the schema has missing steps and opening must not apply them.
pub(crate) async fn check(urls: &StoreUrls, missing: MissingDatabase) -> Result<(), OpenError> {
    if urls.migration == Migration::Automatic {
        return Ok(());
    }
    let steps = schema_steps(urls).await?;
    // Opening has an error of its own for a lost database.
    let is_lost = steps.applied == 0 && missing == MissingDatabase::Refuse;
    if steps.pending() == 0 || is_lost {
        Ok(())
    } else {
        Err(OpenError::Pending(steps))
    }
}
