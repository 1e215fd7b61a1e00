//! The page about metrics names what a server shows, no more and no less.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;
use signet_test_servers::{MailSink, Redis};
use signet_tests::{Account, Api, PATIENCE, Server, read_token, within};

use crate::exposition::Exposition;

#[tokio::test]
async fn the_page_names_every_metric_that_a_driven_server_shows() {
    let mut redis = Redis::start();
    let mail = MailSink::start();
    let server = Server::with(&[
        ("SIGNET_REDIS_URL", &redis.url()),
        ("SIGNET_SMTP_URL", &mail.url()),
        ("SIGNET_SMTP_FROM", "Signet <no-reply@example.com>"),
        ("SIGNET_STATUS_LIST_ENABLED", "true"),
    ]);
    let operations = server.operations();
    let begun = Exposition::of(&operations).await;
    let account = used(&server).await;
    mailed(&operations).await;
    redis.kill();
    server
        .api()
        .refresh(&account.refresh_token)
        .await
        .expect(503);
    let driven = Exposition::of(&operations).await;

    let page = documented();
    let shown: BTreeMap<_, _> = driven
        .types
        .iter()
        .map(|(name, kind)| (name.as_str(), kind.as_str()))
        .collect();
    let named = page
        .iter()
        .map(|row| (row.name.as_str(), row.kind.as_str()));
    assert_eq!(shown, named.collect::<BTreeMap<_, _>>());
    for row in &page {
        let shown = driven.labels(&row.name);
        let names: BTreeSet<_> = shown.keys().collect();
        assert_eq!(names, row.labels.keys().collect(), "{}", row.name);
        let known = row.labels.iter().filter(|(_, values)| !values.is_empty());
        for (label, values) in known {
            assert_eq!(&shown[label], values, "{} {label}", row.name);
            assert_eq!(&begun.labels(&row.name)[label], values, "{}", row.name);
        }
    }
}

#[tokio::test]
async fn what_happens_is_counted_once() {
    let server = Server::start();
    let operations = server.operations();
    used(&server).await;
    let shown = Exposition::of(&operations).await;
    for (series, value) in [
        (
            r#"signet_sign_ins_total{method="password",outcome="succeeded"}"#,
            1.0,
        ),
        (
            r#"signet_sign_ins_total{method="password",outcome="failed"}"#,
            1.0,
        ),
        (r#"signet_tokens_issued_total{grant="sign_in"}"#, 2.0),
        (r#"signet_tokens_issued_total{grant="refresh_token"}"#, 1.0),
        (
            r#"signet_tokens_issued_total{grant="client_credentials"}"#,
            1.0,
        ),
        (r#"signet_refresh_total{decision="rotate"}"#, 1.0),
        (r#"signet_refresh_total{decision="garbage"}"#, 1.0),
        (
            r#"signet_deny_list_checks_total{outcome="not_denied"}"#,
            1.0,
        ),
        (r#"signet_password_jobs_total{class="sign_in"}"#, 2.0),
        (r#"signet_password_jobs_total{class="registration"}"#, 1.0),
        (
            r#"signet_password_wait_seconds_count{class="sign_in"}"#,
            2.0,
        ),
        (
            r#"signet_http_refusals_total{route="/auth/login",code="invalid_credentials"}"#,
            1.0,
        ),
        (r#"signet_keys{purpose="signing",state="active"}"#, 1.0),
        (r#"signet_keys{purpose="signing",state="next"}"#, 1.0),
        (r#"signet_keys{purpose="signing",state="compromised"}"#, 0.0),
        (r#"signet_connections{listener="operations"}"#, 1.0),
        ("signet_outbox_entries", 0.0),
    ] {
        assert_eq!(shown.value(series), Some(value), "{series}");
    }
    let failures = shown.labels("signet_http_failures_total");
    assert_eq!(failures, BTreeMap::new());
}

/// Uses what a server has for people and programs, rightly and wrongly.
pub async fn used(server: &Server) -> Account {
    let api = server.api();
    let account = api.register().await;
    let signed_in = api.login(&account.email).await;
    let wrong = json!({"email": account.email, "password": "engine no. 8 stands"});
    api.post("/auth/login", &wrong).await.expect(401);
    api.next_token(&account.refresh_token).await;
    api.refresh("sgr_garbage").await.expect(401);
    api.me(&signed_in.access_token).await.expect(200);
    let name = format!("reports-{}", &account.id[..8]);
    let client = server.add_client(&[
        &name,
        "--grants",
        "client_credentials",
        "--audiences",
        "api",
    ]);
    let secret = client["client_secret"].as_str().expect("a secret");
    let form = "grant_type=client_credentials";
    let issued = api.post_form_as("/oauth/token", (&name, secret), form);
    issued.await.expect(200);
    fetch_status_list(api, &signed_in.access_token).await;
    signed_in
}

/// Fetches the revocation list that a token names, if it names one.
async fn fetch_status_list(api: &Api, token: &str) {
    let (_, claims) = read_token(token);
    if let Some(uri) = claims["status"]["status_list"]["uri"].as_str() {
        let path = uri.splitn(4, '/').nth(3).expect("a path");
        api.get(&format!("/{path}")).await.expect(200);
    }
}

/// Waits until a mail was sent, and until what is counted periodically was counted.
async fn mailed(operations: &Api) {
    let counted = async {
        let is_complete = |shown: &Exposition| {
            [
                "signet_mails_total",
                "signet_outbox_entries",
                "signet_status_list_bytes",
            ]
            .iter()
            .all(|name| shown.types.contains_key(*name))
        };
        while !is_complete(&Exposition::of(operations).await) {
            tokio::task::yield_now().await;
        }
    };
    within(PATIENCE, "a mail is sent and counted", counted).await;
}

/// A row of the page.
#[derive(Debug)]
pub struct Row {
    pub name: String,
    kind: String,
    /// The values that the page promises from the start; none if it does not.
    labels: BTreeMap<String, BTreeSet<String>>,
}

pub fn documented() -> Vec<Row> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| `signet_") || line.starts_with("| `process_"));
    rows.map(|line| {
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        Row {
            name: columns[1].trim_matches('`').to_owned(),
            kind: columns[2].to_owned(),
            labels: labels(columns[3]),
        }
    })
    .collect()
}

/// Reads `` `a`, `b` `` or `` `a`: `x` `y`; `b`: `z` ``.
fn labels(column: &str) -> BTreeMap<String, BTreeSet<String>> {
    let word = |text: &str| text.trim().trim_matches('`').to_owned();
    let mut labels = BTreeMap::new();
    for part in column.split([',', ';']).filter(|part| !part.is_empty()) {
        let (name, values) = part.split_once(':').unwrap_or((part, ""));
        let values = values.split_whitespace().map(word).collect();
        labels.insert(word(name), values);
    }
    labels
}
