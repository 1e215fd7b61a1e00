//! `signet keys encrypt` and `decrypt`: encrypt private keys in their files, or undo that.

use serde::Serialize;
use signet_core::keys::AtRest;
use signet_flows::events::OperatorEvent;
use signet_flows::random::system_rng;

use super::Desk;
use crate::cli::CommandResult;
use crate::config::Settings;

#[derive(Serialize)]
struct Answer {
    files_written: usize,
    keys_dir: String,
}

/// Rewrites every private key that is not yet in the wanted form.
pub(super) fn rewrite(desk: &Desk, to: AtRest) -> CommandResult {
    let written = desk.folder.rewrite(to, desk.now, &mut system_rng())?;
    let answer = Answer {
        files_written: written,
        keys_dir: desk.folder.path().display().to_string(),
    };
    let path = &answer.keys_dir;
    let (text, event) = match to {
        AtRest::Encrypted => (
            format!("encrypted {written} files in {path}: servers need the passphrase now"),
            OperatorEvent::KeysEncrypted,
        ),
        AtRest::Plain => (
            format!("{written} private keys in {path} are not encrypted: protect the folder"),
            OperatorEvent::KeysDecrypted,
        ),
    };
    if written == 0 {
        let text = "every private key has this form already, nothing to do";
        return desk.answer(&answer, text);
    }
    desk.answer(&answer, text)?;
    desk.record(event)
}

/// Warns if a passphrase is set and private keys are not encrypted. A folder that cannot be read is
/// an error elsewhere: of the start, and of `signet keys check`.
pub(in crate::cli) fn unencrypted_warning(settings: &Settings) -> Option<String> {
    let folder = settings.keys.folder();
    let count = folder.count_unencrypted().ok().filter(|count| *count > 0)?;
    Some(format!(
        "a passphrase is set, but {count} private keys in {} are not encrypted; run `signet keys \
         encrypt`",
        folder.path().display()
    ))
}
