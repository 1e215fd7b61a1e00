//! `signet keys list`: prints every key of the ring, for people or as JSON.

use super::Desk;
use crate::cli::CommandResult;
use crate::key_listing::Listing;

/// Prints the ring.
pub(super) fn list(desk: &Desk) -> CommandResult {
    let ring = desk.folder.ring()?;
    let document = Listing::of(&ring, desk.now);
    desk.answer(&document, &document)
}
