//! `signet keys`: creates, lists, rotates, retires, revokes, exports and checks keys.
//!
//! Every command can be repeated, and can run at the same time as others. [`signet_core::keys`]
//! decides what is allowed when; this module prints the decision.

mod change;
mod check;
mod encrypt;
mod export;
mod init;
mod restore;

pub(super) use encrypt::unencrypted_warning;

use std::fmt;

use clap::Subcommand;
use serde::Serialize;
use signet_core::keys::{AtRest, Kid};
use signet_flows::events::OperatorEvent;
use signet_store::{KeysFolder, KeysFolderError};
use signet_verifier::{Clock as _, SystemClock, Timestamp};

use super::failure::RefusedChange;
use super::recorder::Recorder;
use super::{CommandResult, Common, answer, complain};
use crate::config::Settings;
use crate::key_listing::Listing;
use crate::rfc3339::Rfc3339;

/// The commands.
#[derive(Subcommand, Debug)]
pub(super) enum KeysCommand {
    /// Create the keys folder and its first keys, unless they exist
    Init(init::Flags),
    /// List every key with its state and times
    List,
    /// Make the next key active and publish a new next one
    Rotate(change::RotateFlags),
    /// Retire keys whose tokens have all expired
    Retire,
    /// Revoke a leaked key immediately
    Revoke(change::RevokeFlags),
    /// Make a folder from a backup count as the newest
    Restore,
    /// Encrypt every private key with the passphrase that is set
    Encrypt,
    /// Write every private key without encryption; this needs the passphrase
    Decrypt,
    /// Print public keys
    Export(export::Flags),
    /// Read and check every key
    Check,
}

/// Runs the command on the configured folder.
pub(super) fn run(common: &Common, command: &KeysCommand) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    let desk = Desk {
        folder: settings.keys.folder(),
        recorder: command.recorder(&settings)?,
        settings,
        now: SystemClock::new().now(),
        json: common.json,
    };
    let outcome = match command {
        KeysCommand::Init(flags) => init::init(&desk, flags),
        KeysCommand::List => list(&desk),
        KeysCommand::Rotate(flags) => change::rotate(&desk, flags),
        KeysCommand::Retire => change::retire(&desk),
        KeysCommand::Revoke(flags) => change::revoke(&desk, flags),
        KeysCommand::Restore => restore::restore(&desk),
        KeysCommand::Encrypt => encrypt::rewrite(&desk, AtRest::Encrypted),
        KeysCommand::Decrypt => encrypt::rewrite(&desk, AtRest::Plain),
        KeysCommand::Export(flags) => export::export(&desk, flags),
        KeysCommand::Check => check::check(&desk),
    };
    outcome.or_else(|problem| desk.explain(problem))
}

impl KeysCommand {
    /// Opens the audit trail of a command that changes keys. A trail that cannot be used does not
    /// keep a leaked key from being revoked.
    fn recorder(
        &self,
        settings: &Settings,
    ) -> Result<Option<Recorder>, Box<dyn std::error::Error>> {
        if matches!(self, Self::List | Self::Export(_) | Self::Check) {
            return Ok(None);
        }
        match (self, Recorder::open(settings)) {
            (Self::Revoke(_), Err(error)) => {
                complain(&format_args!(
                    "the audit trail has no event of this: {error}"
                ));
                Ok(None)
            }
            (_, opened) => opened.map(Some),
        }
    }
}

/// Prints every key of the ring.
fn list(desk: &Desk) -> CommandResult {
    let ring = desk.folder.ring()?;
    let document = Listing::of(&ring, desk.now);
    desk.answer(&document, &document)
}

/// Parses the name of a key, for an argument.
fn kid(text: &str) -> Result<Kid, &'static str> {
    text.parse().map_err(|_| NO_KID)
}

const NO_KID: &str = "this is not a kid; `signet keys list` shows them";

/// The context of every command.
struct Desk {
    folder: KeysFolder,
    /// None for a command that changes nothing.
    recorder: Option<Recorder>,
    settings: Settings,
    now: Timestamp,
    json: bool,
}

impl Desk {
    /// Prints `document` as JSON, or `text` for people.
    fn answer(&self, document: &impl Serialize, text: impl fmt::Display) -> CommandResult {
        answer(self.json, document, text)
    }

    /// Records what has been done.
    fn record(&self, event: OperatorEvent<'_>) -> CommandResult {
        match &self.recorder {
            Some(recorder) => recorder.record(event),
            None => Ok(()),
        }
    }

    /// A time for people: when it is, and how far away.
    fn when(&self, at: Timestamp) -> When {
        When { at, now: self.now }
    }

    /// Adds to a refusal the time from which the command is possible.
    fn explain(&self, problem: Box<dyn std::error::Error>) -> CommandResult {
        let Some(KeysFolderError::Refused(refusal)) = problem.downcast_ref() else {
            return Err(problem);
        };
        let possible_at = refusal.possible_at();
        let sentence = match possible_at {
            Some(at) => format!("{problem}; possible from {}", self.when(at)),
            None => problem.to_string(),
        };
        let refused = RefusedChange {
            sentence,
            possible_at,
        };
        Err(refused.into())
    }
}

/// A time and its distance from now.
pub(super) struct When {
    pub(super) at: Timestamp,
    pub(super) now: Timestamp,
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
