//! `signet migrate`: checks the schema of the database, and applies missing steps.

use clap::Args;
use signet_store::{SchemaSteps, migrate, schema_steps};

use super::missing_database::missing_database;
use super::{CommandResult, Common, background_runtime, say};
use crate::app::store_urls;

/// The options of `signet migrate`.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct Flags {
    /// Change nothing; exit with 3 if the schema has missing steps
    #[arg(long)]
    check: bool,
    /// Apply the missing steps, also while servers run
    #[arg(long)]
    apply: bool,
}

/// The schema has missing steps.
#[derive(Debug, thiserror::Error)]
#[error("{}; run `signet migrate --apply`", counted(*.0, "missing"))]
pub(super) struct Pending(SchemaSteps);

/// Checks the schema of the database, or applies its missing steps.
pub(super) fn run(common: &Common, flags: &Flags) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    let urls = store_urls(&settings);
    let runtime = background_runtime()?;
    let steps = if flags.apply {
        runtime.block_on(migrate(&urls, missing_database(&settings)))?
    } else {
        runtime.block_on(schema_steps(&urls))?
    };
    match steps.pending() {
        0 => say(format_args!("the schema {} is up to date", steps.known)),
        _ if flags.apply => say(format_args!(
            "{}: the schema is {} now",
            counted(steps, "applied"),
            steps.known
        )),
        _ => return Err(Pending(steps).into()),
    }
    Ok(())
}

/// "1 step of the schema is missing", for example.
fn counted(steps: SchemaSteps, what: &str) -> String {
    match steps.pending() {
        1 => format!("1 step of the schema is {what}"),
        several => format!("{several} steps of the schema are {what}"),
    }
}
