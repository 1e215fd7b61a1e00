//! What happens around every handler, from the outside in: the log, the audit trail, the guard, the
//! origin rules of browsers and the host rule of operators.
//!
//! This module must not know what any route does.

pub(crate) mod cors;
pub(crate) mod endpoints;
pub(crate) mod guard;
pub(crate) mod host;
mod meters;
mod observe;
pub(crate) mod private;
mod recorded;
pub(crate) mod request_id;
pub(crate) mod service;
