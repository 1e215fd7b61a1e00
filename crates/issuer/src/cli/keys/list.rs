//! `signet keys list`: every key of the ring, for people and for programs.

use super::Desk;
use crate::cli::CommandResult;
use crate::key_listing::Listing;

/// Shows the ring.
pub(super) fn list(desk: &Desk) -> CommandResult {
    let ring = desk.folder.ring()?;
    let document = Listing::of(&ring, desk.now);
    desk.answer(&document, &document)
}
