//! `signet config check`: prints every setting with its source, or every error.

use clap::Args;
use serde::Serialize;

use super::doctor::public_url_warning;
use super::keys::unencrypted_warning;
use super::{CommandResult, Common, complain, say};
use crate::config::{Effective, Settings};
use crate::tls::Tls;

/// The options of the command.
#[derive(Args, Debug)]
pub(super) struct CheckFlags {
    /// Print warnings and errors only
    #[arg(long)]
    quiet: bool,
}

/// Prints the configuration without secrets: URLs without their passwords, other secrets as `set`.
pub(super) fn check(common: &Common, flags: &CheckFlags) -> CommandResult {
    let loaded = common.load(Vec::new())?;
    for files in loaded.settings.tls.iter().chain(&loaded.settings.ops_tls) {
        Tls::load(files)?;
    }
    let warnings = all_warnings(&loaded.settings, loaded.warnings);
    let shown = loaded.effective.iter().filter(|_| !flags.quiet);
    if common.json {
        let settings = shown.map(Shown::from).collect();
        say(serde_json::to_string_pretty(&Checked {
            settings,
            warnings,
        })?);
        return Ok(());
    }
    for setting in shown {
        let value = if setting.value.is_empty() {
            "not set"
        } else {
            &setting.value
        };
        say(format_args!(
            "{:<28} {:<32} {}",
            setting.key, value, setting.source
        ));
    }
    for warning in warnings {
        complain(&format_args!("warning: {warning}"));
    }
    Ok(())
}

/// What an operator should know of a valid configuration: what was `found` as it was read, and what
/// its values say together.
pub(super) fn all_warnings(settings: &Settings, found: Vec<String>) -> Vec<String> {
    let more = [public_url_warning(settings), unencrypted_warning(settings)];
    found
        .into_iter()
        .chain(more.into_iter().flatten())
        .collect()
}

/// A valid configuration, for programs.
#[derive(Serialize)]
struct Checked<'a> {
    settings: Vec<Shown<'a>>,
    warnings: Vec<String>,
}

/// One setting.
#[derive(Serialize)]
struct Shown<'a> {
    key: &'a str,
    /// Null if it is not set.
    value: Option<&'a str>,
    source: &'a str,
}

impl<'a> From<&'a Effective> for Shown<'a> {
    fn from(setting: &'a Effective) -> Self {
        Self {
            key: &setting.key,
            value: Some(setting.value.as_str()).filter(|value| !value.is_empty()),
            source: &setting.source,
        }
    }
}
