//! `signet keys check`: reads the whole folder as the server does and makes test signatures.

use serde::Serialize;

use super::Desk;
use crate::cli::CommandResult;
use crate::key_listing::clock_warning;

#[derive(Serialize)]
struct Answer<'a> {
    sound: bool,
    keys_dir: String,
    generation: u64,
    active: &'a str,
    published: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// Loads every key, or fails with what is wrong.
pub(super) fn check(desk: &Desk) -> CommandResult {
    let keys = desk.folder.load_and_sign(desk.now)?;
    let path = desk.folder.path().display();
    let active = keys.signing.active_at(desk.now).kid();
    let answer = Answer {
        sound: true,
        keys_dir: path.to_string(),
        generation: keys.ring.generation(),
        active: active.as_str(),
        published: keys.ring.published_at(desk.now).count(),
        warning: clock_warning(&keys.ring, desk.now),
    };
    let warning = answer
        .warning
        .iter()
        .map(|text| format!("\nwarning: {text}"));
    let text = format_args!(
        "{path} is sound: {active} signs, {} keys are published, generation {}{}",
        answer.published,
        answer.generation,
        warning.collect::<String>()
    );
    desk.answer(&answer, text)
}
