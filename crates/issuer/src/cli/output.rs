//! What commands print: text for people, or JSON for programs.
//!
//! Answers go to standard output, notes and warnings to standard error.

use std::fmt::Display;
use std::io::{ErrorKind, Write as _, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use serde_json::{Value, json};

use super::CommandResult;

/// Prints a line to standard output. A closed pipe, as after `head`, is no error.
pub(super) fn say(line: impl Display) {
    print(format!("{line}\n").as_bytes());
}

/// Prints bytes to standard output, as [`say`] prints a line. Returns whether they were taken.
pub(super) fn print(bytes: &[u8]) -> bool {
    let mut output = stdout();
    let printed = output.write_all(bytes).and_then(|()| output.flush());
    if let Err(error) = &printed
        && error.kind() != ErrorKind::BrokenPipe
        && !IS_LOST.swap(true, Ordering::Relaxed)
    {
        complain(&format_args!("cannot write to standard output: {error}"));
    }
    printed.is_ok()
}

/// Whether standard output refused something, as on a full disk. The command has done its work, and
/// recorded it, but its exit code must tell.
pub(super) fn output_is_lost() -> bool {
    IS_LOST.load(Ordering::Relaxed)
}

/// Prints a line to standard error.
pub(super) fn complain(error: &impl Display) {
    let _gone = writeln!(stderr(), "signet: {error}");
}

/// Prints `document` as JSON, or `text` for people.
pub(super) fn answer(json: bool, document: &impl Serialize, text: impl Display) -> CommandResult {
    if json {
        say(serde_json::to_string_pretty(document)?);
    } else {
        say(text);
    }
    Ok(())
}

/// Prints a list as JSON; or for people each element by `line`, or `none` if the list is empty.
pub(super) fn answer_list(
    json: bool,
    list: &[Value],
    line: impl Fn(&Value) -> String,
    none: &str,
) -> CommandResult {
    if list.is_empty() {
        return answer(json, &list, none);
    }
    let shown: Vec<_> = list.iter().map(line).collect();
    answer(json, &list, shown.join("\n"))
}

/// Says what has been done.
pub(super) fn say_done(sentence: impl Display, json: bool) {
    if json {
        say(json!({ "done": sentence.to_string() }));
    } else {
        say(sentence);
    }
}

static IS_LOST: AtomicBool = AtomicBool::new(false);
