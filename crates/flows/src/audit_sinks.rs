//! Where the audit trail is kept, as the settings say: a file, a table of the database, or both.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use signet_store::{AuditFile, AuditFileError, AuditSink, AuditTable};
use signet_verifier::Clock;

use crate::audit::Audit;

/// Where the audit trail is kept. Without a place it is off.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditSettings {
    /// The file of this process.
    pub file: Option<AuditFileSettings>,
    /// The table that every process shares.
    pub table: Option<AuditTableSettings>,
}

/// A file of the audit trail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditFileSettings {
    /// The file.
    pub path: PathBuf,
    /// The length at which a new file begins, in bytes.
    pub rotate_at: u64,
}

/// The table of the audit trail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuditTableSettings {
    /// How long a line stays.
    pub retention: Duration,
}

impl AuditSettings {
    /// Starts the audit trail. `table` is the table of the database, used if the settings say so.
    ///
    /// # Errors
    ///
    /// [`AuditFileError`] if the file cannot be used.
    pub fn start(
        &self,
        table: Option<Arc<dyn AuditTable>>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Audit, AuditFileError> {
        let mut sinks: Vec<Arc<dyn AuditSink>> = Vec::new();
        if let Some(file) = &self.file {
            sinks.push(Arc::new(AuditFile::open(&file.path, file.rotate_at)?));
        }
        if let Some(table) = table.filter(|_| self.table.is_some()) {
            sinks.push(table);
        }
        Ok(Audit::start(sinks, Arc::clone(clock)))
    }
}
