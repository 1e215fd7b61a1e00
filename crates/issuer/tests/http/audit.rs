//! The audit trail of requests.

use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use signet_core::audit::{AuditLine, ChainCheck, ChainEnd};
use signet_flows::background;
use signet_store::{AuditFilter, audit_file_lines};
use tempfile::TempDir;

use crate::support::{JSON, TestApp, request};

/// A server that keeps an audit trail, its folder, and the path of the trail.
pub(crate) async fn audited() -> (TestApp, TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log").display().to_string();
    let app = TestApp::with(&[("SIGNET_AUDIT_FILE", &path)]).await;
    (app, folder, path)
}

/// Every line, after a check of the chain.
pub(crate) fn lines(path: &str) -> Vec<Value> {
    let mut check = ChainCheck::default();
    let lines = audit_file_lines(path.as_ref()).unwrap();
    let read = lines.map(|line| {
        let text = line.unwrap().text;
        check.accept(&AuditLine::read(&text).unwrap()).unwrap();
        serde_json::from_str(&text).unwrap()
    });
    read.collect()
}

const ADA: &str = r#"{"email": "ada@example.com", "password": "correct horse battery"}"#;

#[tokio::test]
async fn events_are_on_the_disk_when_the_response_is_there() {
    let (app, _folder, path) = audited().await;
    let headers = [JSON, ("user-agent", "curl/8"), ("x-request-id", "r-1")];
    let registered = app
        .send(request("POST", "/auth/register", &headers, ADA))
        .await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    let lines = lines(&path);
    let types: Vec<_> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["account.registered", "session.begun"]);
    for (line, seq) in lines.iter().zip(1..) {
        assert_eq!(line["seq"], seq);
        assert_eq!(line["actor"]["kind"], "account");
        assert_eq!(line["actor"]["id"], line["account"]);
        assert_eq!(line["request_id"], "r-1");
        assert_eq!(line["user_agent"], "curl/8");
        assert_eq!(line["outcome"], "success");
    }
    assert_eq!(lines[0]["client"], Value::Null);
    assert_eq!(lines[1]["client"], "signet");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("ada@example.com") && !text.contains("correct horse"));
}

#[tokio::test]
async fn failures_and_their_callers_are_in_it_too() {
    let (app, _folder, path) = audited().await;
    let refused = app.post("/auth/login", ADA).await;
    assert_eq!(refused.status, 401, "{}", refused.text);
    let lines = lines(&path);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["type"], "sign_in.failed");
    assert_eq!(lines[0]["outcome"], "failure");
    assert_eq!(lines[0]["account"], Value::Null);
    assert_eq!(lines[0]["actor"]["kind"], "anonymous");
}

#[tokio::test]
async fn an_administrator_has_its_name_there() {
    let (app, _folder, path) = audited().await;
    let admin = crate::admin::Admin::of(&app);
    let body =
        r#"{"client_id": "billing", "grants": ["client_credentials"], "audiences": ["orders"]}"#;
    let added = admin.ask("POST", "/admin/clients", body).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let lines = lines(&path);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["type"], "client.registered");
    assert_eq!(lines[0]["client"], "billing");
    assert_eq!(lines[0]["actor"]["kind"], "administrator");
    assert_eq!(lines[0]["actor"]["id"], "signet:command-line");
}

#[tokio::test]
async fn a_change_is_not_acknowledged_if_its_event_cannot_be_written() {
    let (app, _folder, path) = audited().await;
    app.post("/auth/login", ADA).await;
    let mut event = AuditLine::read(std::fs::read_to_string(&path).unwrap().trim_end())
        .unwrap()
        .event;
    // With this line the file is full.
    event
        .details
        .insert("long".to_owned(), "x".repeat(999_000).into());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    let (line, _) = ChainEnd::START.line(&event).unwrap();
    std::fs::write(&path, line + "\n").unwrap();
    let settings = [
        ("SIGNET_AUDIT_FILE", path.to_str().unwrap()),
        ("SIGNET_AUDIT_ROTATE_AT", "1MB"),
    ];
    let app = TestApp::with(&settings).await;
    // Without the folder, the next file cannot be made.
    drop(folder);
    let refused = app.post("/auth/register", ADA).await;
    assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    let health = app.get("/healthz").await;
    assert_eq!(health.status, 200, "it has no event");
}

/// A page of the trail with the bytes of its lines.
#[derive(serde::Deserialize)]
struct Listed {
    events: Vec<Box<RawValue>>,
}

const TABLE: (&str, &str) = ("SIGNET_AUDIT_TABLE", "true");

#[tokio::test]
async fn events_of_every_replica_are_one_chain_in_the_database() {
    let app = TestApp::with(&[TABLE]).await;
    let replica = app.replica().await;
    app.post("/auth/register", ADA).await;
    assert_eq!(replica.post("/auth/login", ADA).await.status, 200);
    let admin = crate::admin::Admin::of(&app);
    let listed = admin.ask("GET", "/admin/events", "").await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    // The bytes are those that the hashes are of.
    let listed: Listed = serde_json::from_str(&listed.text).unwrap();
    let mut check = ChainCheck::default();
    let events = listed.events.iter();
    let types: Vec<_> = events
        .map(|line| {
            let line = AuditLine::read(line.get()).unwrap();
            check.accept(&line).unwrap();
            line.event.kind
        })
        .collect();
    assert_eq!(
        types,
        ["account.registered", "session.begun", "session.begun"]
    );
}

#[tokio::test]
async fn events_are_listed_by_type_by_account_and_by_page() {
    let app = TestApp::with(&[TABLE]).await;
    let registered = app.post("/auth/register", ADA).await.json();
    app.post("/auth/login", ADA).await;
    app.post("/auth/login", NOBODY).await;
    let admin = crate::admin::Admin::of(&app);
    let seqs = async |query: &str| {
        let page = admin.get(&format!("/admin/events?{query}")).await;
        let events = page["events"].as_array().unwrap().iter();
        let seqs: Vec<_> = events.map(|event| event["seq"].as_u64().unwrap()).collect();
        (seqs, page["next"].as_u64())
    };
    let id = registered["account"]["id"].as_str().unwrap();
    assert_eq!(seqs("type=session.begun").await, (vec![2, 3], None));
    assert_eq!(
        seqs(&format!("account={id}&limit=2")).await,
        (vec![1, 2], Some(2))
    );
    assert_eq!(
        seqs(&format!("account={id}&after=2")).await,
        (vec![3], None)
    );
    assert_eq!(seqs("type=events.listed").await, (vec![5, 6, 7], None));
    assert_eq!(seqs("after=18446744073709551615").await, (vec![], None));
    for query in ["after=-1", "account=ada", "limit=101", "type=a&type=b"] {
        admin.refuses_list(&format!("/admin/events?{query}")).await;
    }
}

#[tokio::test]
async fn events_that_are_not_in_the_database_are_not_listed() {
    let app = TestApp::start().await;
    let refused = crate::admin::Admin::of(&app);
    let refused = refused.ask("GET", "/admin/events", "").await;
    assert_eq!(refused.problem(), (404, "not_found".to_owned()));
    assert!(refused.text.contains("set audit.table"), "{}", refused.text);
}

#[tokio::test]
async fn lines_are_deleted_after_their_retention_by_any_replica() {
    let app = TestApp::with(&[TABLE, ("SIGNET_AUDIT_RETENTION", "30d")]).await;
    app.post("/auth/register", ADA).await;
    app.clock
        .advance(Duration::from_hours(24 * 30) + Duration::from_millis(1));
    app.post("/auth/login", NOBODY).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let flows = app.app.flows.clone();
    let background = tokio::spawn(async move { background::run(&flows, stopped).await });
    let table = &app.app.flows.stores.audit;
    let numbers = async || {
        let lines = table.lines(&AuditFilter::default(), 0, 10).await.unwrap();
        lines.iter().map(|line| line.seq).collect::<Vec<_>>()
    };
    while numbers().await != [3] {
        tokio::task::yield_now().await;
    }
    stop.send(true).unwrap();
    background.await.unwrap();
    let ends = table.ends().await.unwrap();
    assert_eq!((ends.purged.seq, ends.newest.seq), (2, 3));
}

const NOBODY: &str = r#"{"email": "bob@example.com", "password": "correct horse battery"}"#;
