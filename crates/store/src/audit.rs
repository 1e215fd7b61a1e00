//! Where the audit trail is kept: in a file or in a table of the database.
//!
//! This module must not know which events there are.

use async_trait::async_trait;
use signet_core::audit::{AuditEvent, ChainEnd};
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// Appends events to a chain.
///
/// Promises: what was answered `Ok` survives the death of the process and of the machine, in the
/// order of the calls. The events of one call follow each other.
#[async_trait]
pub trait AuditSink: Send + Sync {
    /// Appends these events.
    async fn append(&self, events: &[AuditEvent]) -> Result<(), StoreError>;
}

/// The audit trail in a table: one chain for every process that uses the database.
#[async_trait]
pub trait AuditTable: AuditSink {
    /// Lists lines with a number above `after`, at most `limit`, the oldest first.
    async fn lines(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError>;

    /// Returns where the chain begins and ends.
    async fn ends(&self) -> Result<AuditEnds, StoreError>;

    /// Removes the oldest lines, as far as they are from before `before`, at most `limit`. Returns
    /// how many.
    async fn purge_lines(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// Which lines are listed: those that match every part.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditFilter {
    /// Only events of this type.
    pub kind: Option<String>,
    /// Only events about this account.
    pub account: Option<String>,
}

/// A row of the table: a line, and the columns by which it is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    /// The number of the line.
    pub seq: u64,
    /// The type of the event.
    pub kind: String,
    /// The account of the event.
    pub account: Option<String>,
    /// The line.
    pub line: String,
}

/// Where a chain begins and ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuditEnds {
    /// The newest line that was purged.
    pub purged: ChainEnd,
    /// The newest line.
    pub newest: ChainEnd,
}
