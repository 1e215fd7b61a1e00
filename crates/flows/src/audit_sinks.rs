//! Where the audit trail is kept, as the settings say: a file, a table of the database, or both.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use signet_core::names::ClientId;
use signet_store::{AuditFile, AuditFileError, AuditSink, AuditTable};
use signet_verifier::Clock;

use crate::audit::{Audit, AuditUnavailable};
use crate::events::{self, Event, OperatorEvent};
use crate::origin::Caller;

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
    /// Whether several processes write it in turn, and wait for each other.
    pub is_shared: bool,
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
        let file = self
            .file
            .as_ref()
            .map(AuditFileSettings::open)
            .transpose()?;
        let file = file.map(|file| Arc::new(file) as Arc<dyn AuditSink>);
        let table = table.filter(|_| self.table.is_some());
        let table = table.map(|table| table as Arc<dyn AuditSink>);
        let sinks = file.into_iter().chain(table).collect();
        Ok(Audit::start(sinks, Arc::clone(clock)))
    }

    /// The settings of a command that changes something without asking a server. A server may be
    /// writing the file, so commands write, in turn, to a file beside it: `NAME.commands`.
    #[must_use]
    pub fn for_commands(&self) -> Self {
        let file = self.file.as_ref().map(|file| {
            let mut path = file.path.clone().into_os_string();
            path.push(".commands");
            AuditFileSettings {
                path: path.into(),
                rotate_at: file.rotate_at,
                is_shared: true,
            }
        });
        Self {
            file,
            table: self.table,
        }
    }
}

impl AuditFileSettings {
    fn open(&self) -> Result<AuditFile, AuditFileError> {
        if self.is_shared {
            return AuditFile::open_when_free(&self.path, self.rotate_at);
        }
        AuditFile::open(&self.path, self.rotate_at)
    }
}

/// Records that `operator` did something at the command line.
///
/// # Errors
///
/// [`AuditUnavailable`]. What was done has been done.
pub async fn record_command(
    audit: &Audit,
    operator: &ClientId,
    event: OperatorEvent<'_>,
) -> Result<(), AuditUnavailable> {
    let emitting = async { events::emit(Event::Operator(event), Caller::command_line(operator)) };
    audit.recording(emitting).await
}
