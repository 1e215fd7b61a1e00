//! `signet keys init`: creates the keys folder and its first keys.

use clap::Args;
use serde::Serialize;
use signet_flows::events::OperatorEvent;
use signet_flows::random::system_rng;
use signet_store::{InitOptions, Initialized, KeysFolderError};

use super::Desk;
use crate::app::store_urls;
use crate::cli::CommandResult;
use crate::cli::progress::Progress;

#[derive(Serialize)]
struct Answer {
    made: bool,
    keys_dir: String,
}

/// What the command may end.
#[derive(Args, Debug)]
pub(in crate::cli) struct Flags {
    /// Make new keys although a database exists, which ends every session in it
    #[arg(long)]
    end_sessions: bool,
}

/// Creates the first ring, unless one exists. If a database exists without a ring, the ring was
/// lost, and a new one is made only if the flags allow it.
pub(super) fn init(desk: &Desk, flags: &Flags) -> CommandResult {
    if !flags.end_sessions {
        refuse_lost_ring(desk)?;
    }
    let options = InitOptions {
        size: desk.settings.keys.size,
        longest: desk.settings.keys.lifetimes,
    };
    let progress = Progress::of("making keys");
    let outcome = desk.folder.init(&options, desk.now, &mut system_rng())?;
    drop(progress);
    let path = desk.folder.path().display();
    let answer = Answer {
        made: outcome == Initialized::Made,
        keys_dir: path.to_string(),
    };
    match outcome {
        Initialized::Made => {
            desk.answer(&answer, format_args!("created new keys in {path}"))?;
            desk.record(OperatorEvent::KeysCreated)
        }
        Initialized::AlreadyThere => desk.answer(
            &answer,
            format_args!("{path} has keys already, nothing to do"),
        ),
    }
}

/// Refuses to replace a ring that is missing although a database exists.
fn refuse_lost_ring(desk: &Desk) -> CommandResult {
    if !matches!(desk.folder.ring(), Err(KeysFolderError::NoRing { .. })) {
        return Ok(());
    }
    let Some(database) = store_urls(&desk.settings).existing_file() else {
        return Ok(());
    };
    Err(format!(
        "there is no key ring in {}, but the database {} exists: mount the keys folder or restore it \
         from its backup; to make new keys, which ends every session, add --end-sessions",
        desk.folder.path().display(),
        database.display()
    )
    .into())
}
