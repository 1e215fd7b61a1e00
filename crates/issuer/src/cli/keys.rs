//! `signet keys`: makes the first ring, and shows what is in it.

use clap::Subcommand;
use serde::Serialize;
use signet_core::keys::{KeyRing, KeyState, Lifetimes, SigningEntry};
use signet_store::{InitOptions, Initialized, KeysFolder};
use signet_verifier::{Clock as _, SystemClock, Timestamp};

use super::{CommandResult, Common, say};
use crate::config::Settings;
use crate::random::system_rng;
use crate::rfc3339::Rfc3339;

/// What can be done with keys.
#[derive(Subcommand, Debug)]
pub(super) enum KeysCommand {
    /// Make the keys folder and its first keys, unless they are there
    Init,
    /// Show every signing key
    List {
        /// For programs
        #[arg(long)]
        json: bool,
    },
}

/// Runs one of them in the configured folder.
pub(super) fn run(common: &Common, command: &KeysCommand) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    let folder = KeysFolder::at(&settings.keys_dir);
    let now = SystemClock::new().now();
    match command {
        KeysCommand::Init => init(&folder, &settings, now),
        KeysCommand::List { json } => list(&folder.ring()?, *json, now),
    }
}

fn init(folder: &KeysFolder, settings: &Settings, now: Timestamp) -> CommandResult {
    let options = InitOptions {
        longest: Lifetimes {
            access_token: settings.access_token_ttl,
            session: settings.session.absolute_ttl,
        },
        ..InitOptions::default()
    };
    let path = folder.path().display();
    match folder.init(&options, now, &mut system_rng())? {
        Initialized::Made => say(format_args!("made new keys in {path}")),
        Initialized::AlreadyThere => say(format_args!("there are keys in {path} already")),
    }
    Ok(())
}

/// A key as `keys list` shows it.
#[derive(Serialize)]
struct Row<'a> {
    kid: &'a str,
    state: KeyState,
    bits: u16,
    since: Rfc3339,
}

impl<'a> Row<'a> {
    fn of(entry: &'a SigningEntry, now: Timestamp) -> Self {
        Self {
            kid: entry.kid().as_str(),
            state: entry.state_at(now),
            bits: entry.public.size().bits(),
            since: Rfc3339(entry.times.since(now)),
        }
    }
}

fn list(ring: &KeyRing, json: bool, now: Timestamp) -> CommandResult {
    let rows: Vec<Row<'_>> = ring
        .signing()
        .iter()
        .map(|entry| Row::of(entry, now))
        .collect();
    if json {
        say(serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    say(format_args!(
        "{:<43}  {:<11}  {:<4}  SINCE",
        "KID", "STATE", "BITS"
    ));
    for Row {
        kid,
        state,
        bits,
        since,
    } in rows
    {
        say(format_args!(
            "{kid:<43}  {:<11}  {bits:<4}  {since}",
            state.as_str()
        ));
    }
    Ok(())
}
