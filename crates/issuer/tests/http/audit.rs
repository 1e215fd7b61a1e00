//! The audit trail of requests.

use serde_json::Value;
use signet_core::audit::{AuditLine, ChainCheck, ChainEnd};
use signet_store::audit_file_lines;
use tempfile::TempDir;

use crate::support::{JSON, TestApp, request};

async fn audited() -> (TestApp, TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log").display().to_string();
    let app = TestApp::with(&[("SIGNET_AUDIT_FILE", &path)]).await;
    (app, folder, path)
}

/// Every line, after a check of the chain.
fn lines(path: &str) -> Vec<Value> {
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
