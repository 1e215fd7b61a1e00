//! `signet keys restore`: makes an older folder from a backup count as the newest.
//!
//! Replicas do not sign with a ring that is older than the newest one that any of them has seen. The
//! session store knows that ring, so this command reads it.

use signet_core::keys::{KeyRing, NewestRing};
use signet_flows::events::OperatorEvent;
use signet_store::open;

use super::Desk;
use crate::app::store_urls;
use crate::cli::{CommandResult, foreground_runtime};

/// Gives the ring a generation that no replica has seen yet.
pub(super) fn restore(desk: &Desk) -> CommandResult {
    desk.folder.load(desk.now)?;
    let newest = newest(desk, &desk.folder.ring()?)?.generation;
    let changed = desk.change(|ring| Ok(ring.restore_over(newest, desk.now)))?;
    if changed.is_change() {
        let text = format_args!("{RESTORED} {newest}\n\n{WARNING}");
        desk.done(&changed, text, OperatorEvent::KeysRestored)
    } else {
        desk.report(&changed, "no replica has seen a newer ring, nothing to do")
    }
}

fn newest(desk: &Desk, ring: &KeyRing) -> Result<NewestRing, Box<dyn std::error::Error>> {
    let runtime = foreground_runtime()?;
    runtime.block_on(async {
        let stores = open(&store_urls(&desk.settings), desk.now).await?;
        let seen = NewestRing::of(ring, desk.now);
        let newest = stores.ring_notes.note(ring.name(), seen).await;
        stores.close().await?;
        Ok(newest?)
    })
}

const RESTORED: &str = "the ring of this folder counts as newer than generation";

const WARNING: &str = "A key that was revoked after the backup is in it again: revoke it again. \
                       Tokens of keys that were made after the backup are refused from now on.";
