//! `/admin/accounts/import` and `/admin/accounts/export`: many accounts as JSON lines, streamed.
//!
//! Both use one format, so an import of an export adds the same accounts.

mod export;
mod import;
mod line;
mod lines;
mod written;

pub(crate) use export::*;
pub(crate) use import::*;

/// The media type of JSON lines.
pub(crate) const JSON_LINES: &str = "application/x-ndjson";
/// As many accounts are read or added together.
const BATCH: usize = 100;
