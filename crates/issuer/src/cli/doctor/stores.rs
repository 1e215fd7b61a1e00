//! The stores: whether they answer, which schema they have, and whether their clocks agree.

use signet_core::keys::MAX_REPLICA_CLOCK_DIFFERENCE;
use signet_flows::clock_is_behind;
use signet_store::{Inspection, SchemaSteps, inspect_database, inspect_redis};
use signet_verifier::{Clock, Timestamp};

use super::finding::Findings;
use crate::app::store_urls;
use crate::cli::missing_database::missing_database;
use crate::config::Settings;

/// Asks each store.
pub(super) async fn check(settings: &Settings, clock: &dyn Clock, findings: &mut Findings) {
    let urls = store_urls(settings);
    match inspect_database(&urls, missing_database(settings)).await {
        Ok(found) => note_database(&found, clock.now(), findings),
        Err(error) => findings.problem("database", error),
    }
    match inspect_redis(&urls).await {
        Ok(None) => {}
        Ok(Some(found)) => {
            findings.ok("redis", format_args!("{} answers", found.name));
            check_clock(&found, clock.now(), findings);
        }
        Err(error) => findings.problem("redis", error),
    }
}

fn note_database(found: &Inspection, now: Timestamp, findings: &mut Findings) {
    if let Some(schema) = found.schema {
        note_schema(&found.name, schema, findings);
    }
    check_clock(found, now, findings);
}

fn note_schema(name: &str, schema: SchemaSteps, findings: &mut Findings) {
    let (applied, known) = (schema.applied, schema.known);
    if applied == 0 {
        let text =
            format!("{name} has no tables yet; the first start of `signet serve` makes them");
        findings.ok("database", text);
    } else if applied < known {
        let text = format!(
            "{name} has schema {applied}, and this version needs {known}: make a backup, then run \
             `signet migrate --apply`"
        );
        findings.warning("database", text);
    } else {
        findings.ok("database", format_args!("{name} has schema {applied}"));
    }
}

fn check_clock(found: &Inspection, now: Timestamp, findings: &mut Findings) {
    let name = &found.name;
    if let Some(problem) = clock_is_behind(found.latest, now) {
        return findings.problem("clock", format_args!("{name}: {problem}"));
    }
    let Some(apart) = found.health().clock_difference(now) else {
        return findings.ok(
            "clock",
            format_args!("{name} uses the clock of this machine"),
        );
    };
    let millis = apart.as_millis();
    if apart > MAX_REPLICA_CLOCK_DIFFERENCE {
        let text = format!(
            "the clock of {name} and the clock of this machine differ by {millis} ms: set both \
             right, for example with NTP"
        );
        findings.problem("clock", text);
    } else {
        findings.ok("clock", format_args!("{name} differs by {millis} ms"));
    }
}
