//! How a command says that it has failed: a sentence for people, an object for programs.
//!
//! With `--json` standard output gets the object and standard error nothing.

use std::borrow::Cow;
use std::env::args_os;
use std::error::Error;
use std::process::ExitCode;

use clap::error::ErrorKind;
use serde::Serialize;
use signet_flows::clients::ManageError;
use signet_verifier::Timestamp;

use super::migrate::Pending;
use super::output::{complain, say};
use super::server::Refused;
use crate::config::{SettingProblem, SettingProblems};
use crate::error::ApiError;
use crate::rfc3339::Rfc3339;

/// A command has failed and has printed the reason.
#[derive(Debug, thiserror::Error)]
#[error("the command failed")]
pub(super) struct AlreadySaid;

/// A change of the keys that is not possible, or not yet.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub(super) struct RefusedChange {
    /// The reason, and the time from which it is possible.
    pub(super) sentence: String,
    /// That time, if there is one.
    pub(super) possible_at: Option<Timestamp>,
}

/// What a program reads.
#[derive(Default, Serialize)]
struct Failure {
    /// The sentence that people read.
    error: String,
    /// The stable name of the reason.
    code: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_at: Option<Rfc3339>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<SettingProblem>,
}

/// Says why the command has failed.
pub(super) fn report(error: Box<dyn Error>, json: bool) {
    if error.is::<AlreadySaid>() {
        return;
    }
    if !json {
        complain(&error);
        return;
    }
    say_as_json(&describe(error));
}

/// An error in the arguments that shows only when several are compared. It ends the process as any
/// other wrong usage does.
pub(super) fn wrong_usage(sentence: &str) -> Box<dyn Error> {
    clap::Error::raw(ErrorKind::ArgumentConflict, format!("{sentence}\n")).into()
}

/// Says what is wrong with the arguments, and returns the exit code; or prints the help or the
/// version that they ask for, and ends the process.
pub(super) fn report_usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || !args_os().any(|argument| argument == "--json") {
        error.exit();
    }
    say_as_json(&Failure {
        error: usage_sentence(error),
        code: "usage".into(),
        ..Failure::default()
    });
    ExitCode::from(WRONG_USAGE)
}

fn say_as_json(failure: &Failure) {
    match serde_json::to_string(failure) {
        Ok(document) => say(document),
        Err(error) => complain(&error),
    }
}

fn describe(error: Box<dyn Error>) -> Failure {
    let failure = Failure {
        error: error.to_string(),
        code: "failed".into(),
        ..Failure::default()
    };
    if let Some(refused) = error.downcast_ref::<Refused>() {
        let code = refused.code.clone().map_or(failure.code, Cow::Owned);
        return Failure { code, ..failure };
    }
    if let Some(refused) = error.downcast_ref::<RefusedChange>() {
        return Failure {
            code: "refused".into(),
            possible_at: refused.possible_at.map(Rfc3339),
            ..failure
        };
    }
    if error.is::<Pending>() {
        let code = "schema_pending".into();
        return Failure { code, ..failure };
    }
    if let Some(SettingProblems(problems)) = error.downcast_ref::<SettingProblems>() {
        return Failure {
            code: "invalid_configuration".into(),
            problems: problems.clone(),
            ..failure
        };
    }
    match error.downcast::<ManageError>() {
        // The code that the administration API answers with.
        Ok(error) => Failure {
            code: ApiError::from(*error).code().name().into(),
            ..failure
        },
        Err(_) => failure,
    }
}

/// What is wrong, on one line and without the usage of the command.
fn usage_sentence(error: &clap::Error) -> String {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
    ) {
        return "a command is missing; --help lists the commands".to_owned();
    }
    let text = error.render().to_string();
    let text = text.trim_start_matches("error: ");
    let ends = ["\n\nUsage:", "\n\nFor more information"];
    let end = ends.iter().filter_map(|end| text.find(end)).min();
    let sentence = text.get(..end.unwrap_or(text.len())).unwrap_or(text);
    let words: Vec<_> = sentence.split_whitespace().collect();
    words.join(" ")
}

const WRONG_USAGE: u8 = 2;

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    fn refused(arguments: &[&str]) -> String {
        let command = Command::new("signet")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Command::new("serve"));
        usage_sentence(&command.try_get_matches_from(arguments).unwrap_err())
    }

    #[test]
    fn wrong_usage_is_one_sentence_on_one_line() {
        assert_eq!(
            refused(&["signet", "serf"]),
            "unrecognized subcommand 'serf' tip: a similar subcommand exists: 'serve'"
        );
        assert_eq!(
            refused(&["signet", "serve", "--fast"]),
            "unexpected argument '--fast' found"
        );
        assert_eq!(
            refused(&["signet"]),
            "a command is missing; --help lists the commands"
        );
    }

    #[test]
    fn a_refusal_without_a_server_has_the_code_of_the_administration_api() {
        let code = |error| describe(Box::new(error)).code;
        assert_eq!(code(ManageError::Unknown), "not_found");
        assert_eq!(code(ManageError::IdTaken), "conflict");
    }
}
