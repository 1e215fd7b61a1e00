//! Every line of the audit trail has the form that the JSON Schema describes, as fastjsonschema says.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use signet_tests::{Api, PASSWORD, Server, run_signet};

use crate::program;

const FILE: [(&str, &str); 1] = [("SIGNET_AUDIT_FILE", "audit.log")];

#[tokio::test]
async fn every_line_of_the_trail_has_the_form_of_the_schema() {
    let server = Server::with(&FILE);
    people(server.api()).await;
    operators(&server);
    let file = |name| fs::read_to_string(server.folder().path().join(name)).expect("a trail");
    let text = [file("audit.log"), file("audit.log.commands")].concat();
    let lines: Vec<&str> = text.lines().collect();

    has_the_form_of_the_schema(&lines);
    let read = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let types: BTreeSet<String> = read
        .map(|event| event["type"].as_str().expect("a type").to_owned())
        .collect();
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    assert_eq!(types, SEEN);
}

#[test]
fn an_example_of_every_event_has_the_form_of_the_schema() {
    let examples = program::in_the_repository("docs/events.examples.jsonl");
    let text = fs::read_to_string(examples).expect("the examples");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() > 70, "{}", lines.len());
    has_the_form_of_the_schema(&lines);
    // The judge does refuse lines.
    let others = [
        ("\"version\":1", "\"version\":\"1\""),
        (
            "\"details\":{",
            "\"details\":{\"email\":\"ada@example.com\"",
        ),
        ("\"reason\":null", "\"reason\":\"because\""),
        ("\"actor\":{", "\"actor\":{\"name\":\"Ada\","),
    ];
    for (part, other) in others {
        let line = lines.iter().find(|line| line.contains(part));
        let other = line.expect("such a line").replace(part, other);
        assert_ne!(judge(&[&other]), [Value::Null], "{other}");
    }
}

#[track_caller]
fn has_the_form_of_the_schema(lines: &[&str]) {
    for (line, fault) in lines.iter().zip(judge(lines)) {
        assert_eq!(fault, Value::Null, "{line}");
    }
}

/// What the judge finds wrong with each line.
fn judge(lines: &[&str]) -> Vec<Value> {
    let schema = program::in_the_repository("docs/events.schema.json");
    let schema = fs::read_to_string(schema).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let task = json!({"schema": schema, "lines": lines});
    let faults = program::run("judge_events.py", &task);
    assert_eq!(faults.as_array().map(Vec::len), Some(lines.len()));
    faults.as_array().expect("a list").clone()
}

/// What people do.
async fn people(api: &Api) {
    let ada = api.register().await;
    let again = api.login(&ada.email).await;
    let wrong = json!({"email": ada.email, "password": "wrong horse battery"});
    api.post("/auth/login", &wrong)
        .await
        .problem(401, "invalid_credentials");
    let unknown = json!({"email": "nobody@example.com", "password": PASSWORD});
    api.post("/auth/login", &unknown)
        .await
        .problem(401, "invalid_credentials");
    let name = json!({"name": "Ada"});
    api.patch_as("/auth/me", &ada.access_token, &name)
        .await
        .expect(200);
    let out = json!({"refresh_token": ada.refresh_token});
    api.post("/auth/logout", &out).await.expect(204);
    let new = json!({"current_password": PASSWORD, "new_password": "engine no. 10 steams"});
    api.post_as("/auth/password", &again.access_token, &new)
        .await
        .expect(204);
    let bob = api.register().await;
    api.post_as("/auth/logout-all", &bob.access_token, &json!({}))
        .await
        .expect(204);
}

/// What operators do at the command line, with the server and without it.
fn operators(server: &Server) {
    let operations = server.operations().address().to_string();
    let settings = [FILE[0], ("SIGNET_OPS_LISTEN", operations.as_str())];
    for arguments in [
        "client add billing --grants client_credentials --scopes orders:read --audiences orders",
        "client rotate-secret billing",
        "client disable billing",
        "client enable billing",
        "client delete billing",
        "account list",
        "client add billing --grants client_credentials --audiences orders --offline",
        "keys revoke --mac",
        "admin token --name ada --scope signet:admin:read",
        "backup copy.db",
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let ran = run_signet(server.folder(), &arguments, &settings);
        assert!(ran.success, "{arguments:?}: {}", ran.stderr);
    }
}

/// The types of events in the trail.
const SEEN: [&str; 17] = [
    "account.changed",
    "account.logged_out_everywhere",
    "account.password_changed",
    "account.registered",
    "accounts.listed",
    "admin.token_minted",
    "client.deleted",
    "client.disabled",
    "client.enabled",
    "client.registered",
    "client.secret_rotated",
    "database.backed_up",
    "database.created",
    "keys.revoked",
    "session.begun",
    "session.ended",
    "sign_in.failed",
];
