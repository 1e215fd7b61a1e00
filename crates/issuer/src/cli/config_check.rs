//! `signet config check`: every setting and where it comes from, or everything that is wrong.

use clap::Args;

use super::{CommandResult, Common, complain, say};

/// How much is printed.
#[derive(Args, Debug)]
pub(super) struct CheckFlags {
    /// Print warnings and errors only
    #[arg(long)]
    quiet: bool,
}

/// Shows the configuration: of secrets only that they are set, of URLs of stores no password.
pub(super) fn check(common: &Common, flags: &CheckFlags) -> CommandResult {
    let loaded = common.load(Vec::new())?;
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
    for warning in &loaded.warnings {
        complain(&format_args!("warning: {warning}"));
    }
    Ok(())
}
