//! `signet keys encrypt` and `decrypt`: how private keys lie in their files.

use serde::Serialize;
use signet_core::keys::AtRest;
use signet_flows::random::system_rng;

use super::Desk;
use crate::cli::CommandResult;

#[derive(Serialize)]
struct Answer {
    files_written: usize,
    keys_dir: String,
}

/// Writes every private key the other way, unless it is as it should be.
pub(super) fn rewrite(desk: &Desk, to: AtRest) -> CommandResult {
    let written = desk.folder.rewrite(to, desk.now, &mut system_rng())?;
    let answer = Answer {
        files_written: written,
        keys_dir: desk.folder.path().display().to_string(),
    };
    let path = &answer.keys_dir;
    match (to, written) {
        (_, 0) => desk.answer(&answer, "every private key is so already, nothing to do"),
        (AtRest::Encrypted, _) => desk.answer(
            &answer,
            format_args!("encrypted {written} files in {path}: servers need the passphrase now"),
        ),
        (AtRest::Plain, _) => desk.answer(
            &answer,
            format_args!("{written} files in {path} are in the clear: keep others out of it"),
        ),
    }
}
