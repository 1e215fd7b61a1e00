//! `signet migrate`: checks the schema of the database, and applies missing steps.

use clap::Args;
use serde::Serialize;
use signet_store::{SchemaSteps, migrate, schema_steps};

use super::missing_database::missing_database;
use super::progress::Progress;
use super::{CommandResult, Common, answer, background_runtime};
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
        let _shown = Progress::of("changing the schema");
        runtime.block_on(migrate(&urls, missing_database(&settings)))?
    } else {
        runtime.block_on(schema_steps(&urls))?
    };
    let (known, pending) = (steps.known, steps.pending());
    let (applied, text) = match pending {
        0 => (0, format!("the schema {known} is up to date")),
        _ if flags.apply => {
            let applied = counted(steps, "applied");
            (pending, format!("{applied}: the schema is {known} now"))
        }
        _ => return Err(Pending(steps).into()),
    };
    let document = UpToDate {
        schema: known,
        applied,
    };
    answer(common.json, &document, text)
}

/// A schema without missing steps, for programs.
#[derive(Serialize)]
struct UpToDate {
    schema: usize,
    /// How many steps this command has applied.
    applied: usize,
}

/// "1 step of the schema is missing", for example.
fn counted(steps: SchemaSteps, what: &str) -> String {
    match steps.pending() {
        1 => format!("1 step of the schema is {what}"),
        several => format!("{several} steps of the schema are {what}"),
    }
}
