//! Which scope opens which request, and that no scope leads to a wider one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Admin;
use crate::oauth::Program;
use crate::support::TestApp;

/// Every operation under `/admin`, with the scopes below `signet:admin` that open it.
const OPENED_BY: [(&str, &[&str]); 28] = [
    ("GET /admin/clients", &["read", "clients"]),
    ("POST /admin/clients", &["clients"]),
    ("GET /admin/clients/{client_id}", &["read", "clients"]),
    ("PATCH /admin/clients/{client_id}", &["clients"]),
    ("DELETE /admin/clients/{client_id}", &["clients"]),
    (
        "POST /admin/clients/{client_id}/rotate-secret",
        &["clients"],
    ),
    ("POST /admin/clients/{client_id}/disable", &["clients"]),
    ("POST /admin/clients/{client_id}/enable", &["clients"]),
    ("GET /admin/accounts", &["read", "accounts"]),
    ("POST /admin/accounts", &["accounts"]),
    ("GET /admin/accounts/{account_id}", &["read", "accounts"]),
    ("PATCH /admin/accounts/{account_id}", &["accounts"]),
    ("DELETE /admin/accounts/{account_id}", &["accounts"]),
    ("POST /admin/accounts/{account_id}/disable", &["accounts"]),
    ("POST /admin/accounts/{account_id}/enable", &["accounts"]),
    (
        "POST /admin/accounts/{account_id}/password-reset",
        &["accounts"],
    ),
    (
        "DELETE /admin/accounts/{account_id}/authenticators/{kind}",
        &["accounts"],
    ),
    ("DELETE /admin/accounts/{account_id}/lockout", &["accounts"]),
    (
        "GET /admin/accounts/{account_id}/sessions",
        &["read", "accounts"],
    ),
    (
        "DELETE /admin/accounts/{account_id}/sessions",
        &["accounts"],
    ),
    (
        "DELETE /admin/accounts/{account_id}/sessions/{sid}",
        &["accounts"],
    ),
    ("GET /admin/accounts/export", &["accounts"]),
    ("POST /admin/accounts/import", &["accounts"]),
    ("GET /admin/invitations", &["read", "accounts"]),
    ("POST /admin/invitations", &["accounts"]),
    ("DELETE /admin/invitations/{invitation_id}", &["accounts"]),
    ("GET /admin/keys", &["read", "keys"]),
    ("GET /admin/events", &["read"]),
];

/// Every operation under `/admin` with the scopes that its description names.
async fn described(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let document = app.operate("/openapi.json").await.json();
    let mut found = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/admin") {
            continue;
        }
        for (method, operation) in operations.as_object().unwrap() {
            let ways = operation["security"].as_array().unwrap();
            let scopes = ways.iter().map(scope_of).collect();
            found.insert(format!("{} {path}", method.to_uppercase()), scopes);
        }
    }
    found
}

fn scope_of(way: &Value) -> String {
    let scopes = way["bearer"].as_array().unwrap();
    assert_eq!(scopes.len(), 1, "{way}");
    scopes[0].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_operation_names_the_scopes_that_open_it() {
    let app = TestApp::start().await;
    let expected = OPENED_BY.map(|(operation, below)| {
        let below = below.iter().map(|scope| format!("signet:admin:{scope}"));
        let all = below.chain(["signet:admin".to_owned()]).collect();
        (operation.to_owned(), all)
    });
    assert_eq!(described(&app).await, BTreeMap::from(expected));
}

#[tokio::test]
async fn every_operation_is_opened_by_these_scopes_and_by_no_other() {
    let app = TestApp::start().await;
    for (operation, below) in OPENED_BY {
        let (method, path) = operation.split_once(' ').unwrap();
        let path = path
            .replace("{client_id}", "unknown")
            .replace("{account_id}", UNKNOWN)
            .replace("{sid}", UNKNOWN);
        for scope in ["read", "accounts", "clients", "keys"] {
            let admin = Admin::with_scope(&app, &format!("signet:admin:{scope}"));
            let answer = admin.ask(method, &path, "{}").await;
            let opened = below.contains(&scope);
            assert_eq!(answer.status != 403, opened, "{operation} {scope}");
        }
        let everything = Admin::of(&app).ask(method, &path, "{}").await;
        assert_ne!(everything.status, 403, "{operation}");
        let none = Admin::with_scope(&app, "signet:administrators");
        let none = none.ask(method, &path, "{}").await;
        assert_eq!(none.problem(), (403, "forbidden".to_owned()), "{operation}");
        let challenge = none.header("www-authenticate").unwrap();
        let narrowest = format!("scope=\"signet:admin:{}\"", below[0]);
        assert!(challenge.contains(&narrowest), "{challenge}");
    }
}

#[tokio::test]
async fn a_token_with_several_scopes_does_what_each_of_them_opens() {
    let app = TestApp::start().await;
    let admin = Admin::with_scope(&app, "signet:admin:read signet:admin:accounts");
    admin.get("/admin/clients").await;
    let body = json!({"email": "ada@example.com"}).to_string();
    let added = admin.ask("POST", "/admin/accounts", &body).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let refused = admin
        .ask("POST", "/admin/clients", &client("billing", &[]))
        .await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn who_may_change_clients_makes_and_takes_over_no_administrator() {
    let app = TestApp::start().await;
    let all = Admin::of(&app);
    let limited = Admin::with_scope(&app, "signet:admin:clients");
    for scope in ["signet:admin", "signet:admin:read", "signet:admin:clients"] {
        let body = client("mine", &[scope]);
        let refused = limited.ask("POST", "/admin/clients", &body).await;
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{scope}");
    }
    let deployer = client("deployer", &["signet:admin"]);
    let added = all.ask("POST", "/admin/clients", &deployer).await;
    assert_eq!(added.status, 201, "{}", added.text);
    for (method, path) in [
        ("POST", "/admin/clients/deployer/rotate-secret"),
        ("POST", "/admin/clients/deployer/disable"),
        ("POST", "/admin/clients/deployer/enable"),
        ("DELETE", "/admin/clients/deployer"),
        ("DELETE", "/admin/clients/signet:command-line"),
        ("DELETE", "/admin/clients/signet:command-line:ada"),
    ] {
        let refused = limited.ask(method, path, "{}").await;
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{path}");
    }
    let secret = added.member("client_secret");
    let program = Program {
        id: "deployer",
        secret: Some(secret),
    };
    let answer = program.ask(&app, "/oauth/token", "grant_type=client_credentials");
    assert_eq!(answer.await.status, 200, "it is as it was");
    let billing = client("billing", &["orders:read"]);
    let added = limited.ask("POST", "/admin/clients", &billing).await;
    assert_eq!(added.status, 201, "{}", added.text);
}

fn client(id: &str, scopes: &[&str]) -> String {
    let body = json!({
        "client_id": id, "grants": ["client_credentials"],
        "scopes": scopes, "audiences": ["signet:admin"],
    });
    body.to_string()
}

const UNKNOWN: &str = "0198a3e0-0000-7000-8000-000000000000";
