//! What every request passes through, from the outside in: the log, the origin rules of browsers,
//! and the guard against what should never happen.
//!
//! This module must not know what any route does.

pub(crate) mod cors;
pub(crate) mod guard;
pub(crate) mod observe;
mod request_id;
