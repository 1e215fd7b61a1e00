//! `signet keys`: makes, shows, rotates, retires, revokes, exports and checks keys.
//!
//! Every command can be run twice and at the same time as others. What is allowed when is decided
//! by [`signet_core::keys`]; here it is only said.

mod change;
mod check;
mod encrypt;
mod export;
mod init;
mod list;
mod restore;

use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use signet_core::keys::{AtRest, Refusal};
use signet_store::{KeysFolder, KeysFolderError};
use signet_verifier::{Clock as _, SystemClock, Timestamp};

use super::{CommandResult, Common, say};
use crate::config::Settings;
use crate::rfc3339::Rfc3339;

/// What can be done with keys, and how it is answered.
#[derive(Args, Debug)]
pub(super) struct KeysCommand {
    #[command(subcommand)]
    action: Action,
    /// Answer in JSON, for programs
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Make the keys folder and its first keys, unless they are there
    Init,
    /// Show every key: its state, since when and until when
    List,
    /// Let the next key take over, and publish a new next one
    Rotate(change::RotateFlags),
    /// Take keys out of the published set that no living token was signed by
    Retire,
    /// Take a key that has leaked out of the published set at once
    Revoke(change::RevokeFlags),
    /// Let an older folder, put back from a backup, count as the newest
    Restore,
    /// Encrypt every private key with the passphrase that is set
    Encrypt,
    /// Write every private key in the clear again; the passphrase is still needed for that
    Decrypt,
    /// Print public keys
    Export(export::Flags),
    /// Read every key and say whether all is well
    Check,
}

/// Runs one of them in the configured folder.
pub(super) fn run(common: &Common, command: &KeysCommand) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    let desk = Desk {
        folder: settings.keys.folder(),
        settings,
        now: SystemClock::new().now(),
        json: command.json,
    };
    let outcome = match &command.action {
        Action::Init => init::init(&desk),
        Action::List => list::list(&desk),
        Action::Rotate(flags) => change::rotate(&desk, flags),
        Action::Retire => change::retire(&desk),
        Action::Revoke(flags) => change::revoke(&desk, flags),
        Action::Restore => restore::restore(&desk),
        Action::Encrypt => encrypt::rewrite(&desk, AtRest::Encrypted),
        Action::Decrypt => encrypt::rewrite(&desk, AtRest::Plain),
        Action::Export(flags) => export::export(&desk, flags),
        Action::Check => check::check(&desk),
    };
    outcome.or_else(|problem| desk.explain(problem))
}

/// What every command works with.
struct Desk {
    folder: KeysFolder,
    settings: Settings,
    now: Timestamp,
    json: bool,
}

impl Desk {
    /// Answers with `document` in JSON, or with `text` for people.
    fn answer(&self, document: &impl Serialize, text: impl fmt::Display) -> CommandResult {
        if self.json {
            say(serde_json::to_string_pretty(document)?);
        } else {
            say(text);
        }
        Ok(())
    }

    /// A moment for people: when it is, and how far away.
    fn when(&self, at: Timestamp) -> When {
        When { at, now: self.now }
    }

    /// Adds to a refusal when it ends; in JSON, the whole of it.
    fn explain(&self, problem: Box<dyn std::error::Error>) -> CommandResult {
        let refusal = match problem.downcast_ref::<KeysFolderError>() {
            Some(KeysFolderError::Refused(refusal)) => Some(refusal),
            _ => None,
        };
        let possible_at = refusal.and_then(Refusal::possible_at);
        if self.json {
            let document = Problem {
                sentence: problem.to_string(),
                refused: refusal.is_some(),
                possible_at: possible_at.map(Rfc3339),
            };
            say(serde_json::to_string_pretty(&document)?);
        }
        match possible_at {
            Some(at) => Err(format!("{problem}; possible from {}", self.when(at)).into()),
            None => Err(problem),
        }
    }
}

/// Why nothing was done, for programs.
#[derive(Serialize)]
struct Problem {
    sentence: String,
    refused: bool,
    possible_at: Option<Rfc3339>,
}

/// A moment and its distance from now.
struct When {
    at: Timestamp,
    now: Timestamp,
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |duration: std::time::Duration| {
            humantime::format_duration(std::time::Duration::from_secs(duration.as_secs()))
        };
        write!(f, "{}", Rfc3339(self.at))?;
        if self.at > self.now {
            write!(f, " (in {})", seconds(self.at.saturating_since(self.now)))
        } else {
            write!(f, " ({} ago)", seconds(self.now.saturating_since(self.at)))
        }
    }
}
