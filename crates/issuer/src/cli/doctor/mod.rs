//! `signet doctor`: checks an installation, and says what is wrong and what to type.
//!
//! It changes nothing: it makes no database and no keys, brings no schema up to date, and writes
//! nothing to a store.

mod finding;
mod installation;
mod running;
mod settings;
mod stores;

use std::path::Path;

use clap::Args;
use signet_verifier::{Clock as _, SystemClock};

use self::finding::{Findings, Verdict};
pub(super) use self::settings::public_url_warning;
use super::{AlreadySaid, CommandResult, Common, VERSION, answer, foreground_runtime};
use crate::config::Loaded;

/// The options of the command.
#[derive(Args, Debug)]
pub(super) struct DoctorFlags {
    /// Print warnings and problems only
    #[arg(long)]
    quiet: bool,
}

/// Prints a line for each check, and fails if one has found a problem.
pub(super) fn examine(common: &Common, flags: &DoctorFlags) -> CommandResult {
    let mut findings = Findings::default();
    findings.ok("version", format!("signet {VERSION}"));
    let file = common.sources().file_to_read().map(|(path, _)| path);
    settings::note_file(file.as_deref(), &mut findings);
    match common.load(Vec::new()) {
        Ok(loaded) => examine_loaded(&loaded, file.as_deref(), &mut findings)?,
        Err(problems) => problems
            .0
            .iter()
            .for_each(|problem| findings.problem("settings", problem)),
    }
    if flags.quiet {
        findings.leave_out_good_ones();
    }
    answer(common.json, &findings, &findings)?;
    match findings.worst() {
        Verdict::Problem => Err(AlreadySaid.into()),
        Verdict::Ok | Verdict::Warning => Ok(()),
    }
}

fn examine_loaded(loaded: &Loaded, file: Option<&Path>, findings: &mut Findings) -> CommandResult {
    let clock = SystemClock::new();
    settings::check(loaded, file, findings);
    let is_elsewhere = file.is_none() && loaded.is_default("keys.dir");
    installation::check_keys(&loaded.settings, is_elsewhere, clock.now(), findings);
    installation::check_certificates(&loaded.settings, clock.now(), findings);
    let runtime = foreground_runtime()?;
    runtime.block_on(async {
        stores::check(&loaded.settings, &clock, findings).await;
        running::check(&loaded.settings, findings).await;
    });
    Ok(())
}
