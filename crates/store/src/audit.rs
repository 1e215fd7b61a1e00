//! Where the audit trail is kept.
//!
//! This module must not know which events there are.

use async_trait::async_trait;
use signet_core::audit::AuditEvent;

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
