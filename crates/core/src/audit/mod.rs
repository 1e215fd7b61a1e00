//! The audit trail: what an event says, and the chain that shows a removed or changed line.
//!
//! This module must not know where lines are kept, nor which events there are.

mod chain;
mod event;

pub use chain::{AuditLine, BrokenLine, ChainCheck, ChainEnd, LineHash};
pub use event::{ActorKind, AuditActor, AuditEvent, AuditTime, Outcome, VERSION};
