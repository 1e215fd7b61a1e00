//! `signet keys init`: creates the keys folder and its first keys.

use serde::Serialize;
use signet_flows::events::OperatorEvent;
use signet_flows::random::system_rng;
use signet_store::{InitOptions, Initialized};

use super::Desk;
use crate::cli::CommandResult;

#[derive(Serialize)]
struct Answer {
    made: bool,
    keys_dir: String,
}

/// Creates the first ring, unless one exists.
pub(super) fn init(desk: &Desk) -> CommandResult {
    let options = InitOptions {
        size: desk.settings.keys.size,
        longest: desk.settings.keys.lifetimes,
    };
    let outcome = desk.folder.init(&options, desk.now, &mut system_rng())?;
    let path = desk.folder.path().display();
    let answer = Answer {
        made: outcome == Initialized::Made,
        keys_dir: path.to_string(),
    };
    match outcome {
        Initialized::Made => {
            desk.answer(&answer, format_args!("created new keys in {path}"))?;
            desk.record(true, OperatorEvent::KeysCreated)
        }
        Initialized::AlreadyThere => desk.answer(
            &answer,
            format_args!("{path} has keys already, nothing to do"),
        ),
    }
}
