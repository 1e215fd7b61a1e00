//! The alert rules and the dashboard of `deploy/observability`: valid, tested, explained, and about
//! metrics that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use signet_test_servers::Prometheus;
use signet_tests::{Api, PATIENCE, Server, within};

use crate::metrics::{documented, used};

#[test]
fn promtool_accepts_the_rules_and_their_tests() {
    for arguments in [
        &["check", "config", "prometheus.yaml"][..],
        &["test", "rules", "alerts-test.yaml"],
    ] {
        if let Err(said) = Prometheus::promtool(&folder(), arguments) {
            panic!("{said}");
        }
    }
}

#[test]
fn every_alert_has_a_line_of_the_runbook_and_is_tested_both_ways() {
    let alerts = words_after(&read("alerts.yaml"), "- alert: ");
    assert!(alerts.len() > 20, "{alerts:?}");
    let page = fs::read_to_string(folder().join("../../docs/runbook.md")).expect("the runbook");
    let lines = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let explained = lines.filter_map(|line| line.split('`').next());
    assert_eq!(
        explained.map(str::to_owned).collect::<BTreeSet<_>>(),
        alerts
    );
    let tests = read("alerts-test.yaml");
    for alert in &alerts {
        for outcome in ["is raised", "is not raised"] {
            let name = format!("- name: {alert} {outcome}\n");
            assert!(tests.contains(&name), "{alert} {outcome}: not tested");
        }
    }
}

#[test]
fn rules_and_dashboard_use_only_metrics_that_exist_and_the_dashboard_shows_all() {
    let page = documented();
    let exist: BTreeSet<_> = page.iter().map(|row| row.name.clone()).collect();
    let in_rules = metrics_in(&read("alerts.yaml"));
    assert_eq!(in_rules.difference(&exist).next(), None);
    let shown: BTreeSet<_> = queries()
        .iter()
        .flat_map(|query| metrics_in(query))
        .collect();
    assert_eq!(shown, exist);
}

#[tokio::test]
async fn every_query_of_the_dashboard_answers_from_a_running_server() {
    let server = Server::with(&[("SIGNET_STATUS_LIST_ENABLED", "true")]);
    let operations = server.operations();
    let prometheus = Prometheus::scraping("signet", operations.address());
    let api = Api::at(prometheus.address());
    let queries: Vec<_> = queries().iter().map(|query| filled_in(query)).collect();
    assert!(queries.len() > 30, "{}", queries.len());
    let driven = async {
        let mut empty = queries.len();
        while empty > 0 {
            used(&server).await;
            empty = without_data(&api, &queries).await;
        }
    };
    within(PATIENCE, "every query has data", driven).await;
}

/// How many of the queries give no rows.
async fn without_data(prometheus: &Api, queries: &[String]) -> usize {
    let mut empty = Vec::new();
    for query in queries {
        if rows(prometheus, query).await == 0 {
            empty.push(query);
        }
    }
    println!("no data yet: {empty:?}");
    empty.len()
}

/// How many rows a query gives; it must be valid.
async fn rows(prometheus: &Api, query: &str) -> usize {
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let form = format!("query={encoded}");
    let answer = prometheus.post_form("/api/v1/query", &form).await.json();
    assert_eq!(answer["status"], json!("success"), "{query}: {answer}");
    answer["data"]["result"].as_array().map_or(0, Vec::len)
}

/// A query as Grafana sends it.
fn filled_in(query: &str) -> String {
    query
        .replace("$job", ".*")
        .replace("$instance", ".*")
        .replace("$__rate_interval", "1m")
}

fn queries() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&read("dashboard.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels
        .iter()
        .filter_map(|panel| panel["targets"].as_array());
    let queries = targets.flatten().map(|target| target["expr"].as_str());
    queries
        .map(|query| query.expect("a query").to_owned())
        .collect()
}

/// The metrics that a text names, without the parts of histograms.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_word(c));
    let names = words.filter(|word| word.starts_with("signet_") || word.starts_with("process_"));
    names
        .map(|name| {
            let parts = ["_bucket", "_count", "_sum"];
            let whole = parts.iter().find_map(|part| name.strip_suffix(part));
            whole.unwrap_or(name).to_owned()
        })
        .collect()
}

fn words_after(text: &str, mark: &str) -> BTreeSet<String> {
    let words = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(mark));
    words.map(str::to_owned).collect()
}

fn read(file: &str) -> String {
    fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/observability")
}
