//! The layers around every handler, from the outside in: the log, the audit trail, the origin rules of browsers,
//! the host rule of operators, and the guard.
//!
//! This module must not know what any route does.

pub(crate) mod cors;
pub(crate) mod guard;
pub(crate) mod host;
pub(crate) mod observe;
pub(crate) mod recorded;
pub(crate) mod request_id;
