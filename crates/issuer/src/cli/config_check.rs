//! `signet config check`: prints every setting with its source, or every error.

use clap::Args;

use super::keys::unencrypted_warning;
use super::{CommandResult, Common, complain, say};
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
    let shown = loaded.effective.iter().filter(|_| !flags.quiet);
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
    let unencrypted = unencrypted_warning(&loaded.settings);
    for warning in loaded.warnings.iter().chain(&unencrypted) {
        complain(&format_args!("warning: {warning}"));
    }
    Ok(())
}
