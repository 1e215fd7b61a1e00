//! `signet config check`: every setting and where it comes from, or everything that is wrong.

use super::{CommandResult, Common, complain, say};

/// Shows the configuration; passwords in it are hidden.
pub(super) fn check(common: &Common) -> CommandResult {
    let loaded = common.load(Vec::new())?;
    for setting in &loaded.effective {
        let value = if setting.value.is_empty() {
            "(not set)"
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
