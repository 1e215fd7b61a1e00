//! What the start of a server and commands do about a database without tables.

use signet_store::MissingDatabase;

use crate::app::store_urls;
use crate::config::Settings;

/// What to do about a database without tables: it is a first start, or it was lost. The keys folder
/// tells which: it names the databases that its keys were used with. If it cannot be read, this may
/// be one of them.
pub(super) fn missing_database(settings: &Settings) -> MissingDatabase {
    let Some(database) = store_urls(settings).database_name() else {
        // The address has an error of its own.
        return MissingDatabase::Refuse;
    };
    match settings.keys.folder().has_used_database(&database) {
        Ok(false) => MissingDatabase::Make,
        Ok(true) | Err(_) => MissingDatabase::Refuse,
    }
}
