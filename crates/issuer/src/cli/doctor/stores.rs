//! The stores: whether they answer, which version and schema they have, and whether their clocks agree.

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
            check_version("redis", &found, findings);
            check_clock(&found, clock.now(), findings);
        }
        Err(error) => findings.problem("redis", error),
    }
}

fn note_database(found: &Inspection, now: Timestamp, findings: &mut Findings) {
    if let Some(schema) = found.schema {
        note_schema(&found.name, schema, findings);
    }
    check_version("database", found, findings);
    let is_made = found.schema.is_none_or(|schema| schema.applied > 0);
    // A file that does not exist has no time.
    if is_made || found.clock.is_some() {
        check_clock(found, now, findings);
    }
}

fn check_version(check: &'static str, found: &Inspection, findings: &mut Findings) {
    let Some(version) = &found.version else {
        return;
    };
    let (name, number) = (&found.name, &version.found);
    if version.is_too_old() {
        let oldest = version.oldest;
        let text = format!(
            "{name} has version {number}, and Signet is tested with {oldest} and newer ones: \
             upgrade it"
        );
        findings.warning(check, text);
    } else {
        findings.ok(check, format_args!("{name} has version {number}"));
    }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};
    use signet_store::ServerVersion;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn inspected(name: &str) -> Inspection {
        Inspection {
            name: name.to_owned(),
            clock: Some(NOW),
            latest: None,
            schema: None,
            version: None,
        }
    }

    /// What a check finds, as the command prints it.
    fn found(check: impl FnOnce(&mut Findings)) -> Value {
        let mut findings = Findings::default();
        check(&mut findings);
        let document = serde_json::to_value(&findings).unwrap();
        document["findings"].clone()
    }

    #[test]
    fn a_store_whose_clock_is_wrong_is_a_problem_whatever_it_is() {
        for name in ["Redis at cache:6379", "signet at db:5432"] {
            let mut store = inspected(name);
            let said = |store: &Inspection| found(|findings| check_clock(store, NOW, findings));
            let agrees = format!("{name} differs by 0 ms");
            assert_eq!(
                said(&store),
                json!([{"verdict": "ok", "check": "clock", "detail": agrees}])
            );
            let wrong = NOW.saturating_add(MAX_REPLICA_CLOCK_DIFFERENCE + Duration::from_secs(1));
            store.clock = Some(wrong);
            let said = said(&store);
            assert_eq!(said[0]["verdict"], "problem", "{said}");
            let detail = said[0]["detail"].as_str().unwrap();
            let begin = format!("the clock of {name} and the clock of this machine differ by ");
            assert!(detail.starts_with(&begin), "{detail}");
            assert!(
                detail.ends_with("set both right, for example with NTP"),
                "{detail}"
            );
        }
    }

    #[test]
    fn a_server_that_is_too_old_is_a_warning() {
        let mut store = inspected("Redis at cache:6379");
        let version = |found: &str| ServerVersion {
            found: found.to_owned(),
            oldest: 6,
        };
        let said = |store: &Inspection| found(|findings| check_version("redis", store, findings));
        assert_eq!(said(&store), json!([]), "it keeps its version to itself");
        store.version = Some(version("5.0.14"));
        let detail = "Redis at cache:6379 has version 5.0.14, and Signet is tested with 6 and newer \
                      ones: upgrade it";
        assert_eq!(
            said(&store),
            json!([{"verdict": "warning", "check": "redis", "detail": detail}])
        );
        store.version = Some(version("7.0.15"));
        let detail = "Redis at cache:6379 has version 7.0.15";
        assert_eq!(
            said(&store),
            json!([{"verdict": "ok", "check": "redis", "detail": detail}])
        );
    }

    #[test]
    fn a_file_that_does_not_exist_has_no_clock() {
        let file = |applied| Inspection {
            clock: None,
            schema: Some(SchemaSteps { applied, known: 3 }),
            ..inspected("data/signet.db")
        };
        let checks = |applied| found(|findings| note_database(&file(applied), NOW, findings));
        assert_eq!(checks(0).as_array().unwrap().len(), 1);
        assert_eq!(
            checks(3)[1]["detail"],
            "data/signet.db uses the clock of this machine"
        );
    }
}
