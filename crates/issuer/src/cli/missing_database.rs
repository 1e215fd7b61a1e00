//! What the start of a server and commands do about a database without tables.

use signet_store::MissingDatabase;

use crate::config::Settings;

/// What to do about a database without tables: it is a first start, or it was lost. The keys folder
/// tells which. If it cannot be read, it may have been used.
pub(super) fn missing_database(settings: &Settings) -> MissingDatabase {
    match settings.keys.folder().has_used_database() {
        Ok(false) => MissingDatabase::Make,
        Ok(true) | Err(_) => MissingDatabase::Refuse,
    }
}
