//! The schema, in numbered steps. `PRAGMA user_version` counts the steps that a file has seen.
//!
//! A step is never changed once it has been released; a new one follows it.

use rusqlite::{Connection, TransactionBehavior};

use crate::missing_database::MissingDatabase;

/// Brings the schema up to date, in one transaction. Several processes may do it at once. Returns
/// whether there was no schema.
pub(super) fn migrate(
    connection: &mut Connection,
    missing: MissingDatabase,
) -> Result<bool, MigrationError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let seen = steps_seen(&transaction)?;
    if seen == 0 && missing == MissingDatabase::Refuse {
        return Err(MigrationError::Lost);
    }
    for step in STEPS.iter().skip(seen) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    transaction.commit()?;
    Ok(seen == 0)
}

/// How many steps the file has seen.
pub(super) fn steps_seen(connection: &Connection) -> Result<usize, MigrationError> {
    let seen = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if seen > STEPS.len() {
        return Err(MigrationError::Newer {
            found: seen,
            known: STEPS.len(),
        });
    }
    let count = "SELECT count(*) FROM sqlite_schema";
    let tables: usize = connection.query_row(count, [], |row| row.get(0))?;
    if seen == 0 && tables > 0 {
        return Err(MigrationError::Foreign);
    }
    Ok(seen)
}

/// Why a schema was left as it was.
#[derive(Debug)]
pub(super) enum MigrationError {
    /// A newer Signet has been here.
    Newer {
        /// Steps that the file has seen.
        found: usize,
        /// Steps that this Signet knows.
        known: usize,
    },
    /// Another program's database.
    Foreign,
    /// There is no schema, and none may be made.
    Lost,
    /// SQLite said no.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for MigrationError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

pub(super) const STEPS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_clients.sql"),
    include_str!("migrations/0003_one_time_values.sql"),
    include_str!("migrations/0004_ring_notes.sql"),
    include_str!("migrations/0005_kept_session.sql"),
    include_str!("migrations/0006_challenges.sql"),
    include_str!("migrations/0007_profiles.sql"),
    include_str!("migrations/0008_authenticators.sql"),
    include_str!("migrations/0009_links.sql"),
    include_str!("migrations/0010_outbox.sql"),
    include_str!("migrations/0011_second_factors.sql"),
    include_str!("migrations/0012_invitations.sql"),
    include_str!("migrations/0013_consents.sql"),
    include_str!("migrations/0014_known_devices.sql"),
    include_str!("migrations/0015_audit.sql"),
    include_str!("migrations/0016_status_lists.sql"),
    include_str!("migrations/0017_latest_time.sql"),
    include_str!("migrations/0018_issue_from.sql"),
];
