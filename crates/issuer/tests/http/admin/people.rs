//! Adding, changing and deleting accounts.

use serde_json::{Value, json};
use signet_issuer::config::LogFormat;

use super::Admin;
use crate::logs::capture;
use crate::support::{Answer, JSON, TestApp, request};

const PASSWORD: &str = "engine no. 9 steams";

async fn sign_in(app: &TestApp) -> Answer {
    let body = json!({"email": ADA, "password": PASSWORD, "token_delivery": "body"});
    app.post("/auth/login", &body.to_string()).await
}

async fn refresh(app: &TestApp, signed_in: &Answer) -> Answer {
    let body = json!({"refresh_token": signed_in.member("refresh_token")});
    app.post("/auth/refresh", &body.to_string()).await
}

async fn me(app: &TestApp, tokens: &Answer) -> Answer {
    let bearer = format!("Bearer {}", tokens.member("access_token"));
    let headers = [("authorization", bearer.as_str()), JSON];
    app.send(request("GET", "/auth/me", &headers, "")).await
}

async fn add(admin: &Admin<'_>, body: Value) -> Answer {
    admin
        .ask("POST", "/admin/accounts", &body.to_string())
        .await
}

/// Adds Ada with a password and these roles; the path of her account.
async fn add_ada(admin: &Admin<'_>, roles: &[&str]) -> String {
    let added = add(
        admin,
        json!({"email": ADA, "password": PASSWORD, "roles": roles}),
    )
    .await;
    assert_eq!(added.status, 201, "{}", added.text);
    format!("/admin/accounts/{}", added.member("id"))
}

async fn patch(admin: &Admin<'_>, path: &str, change: Value) -> Answer {
    admin.ask("PATCH", path, &change.to_string()).await
}

fn roles(tokens: &Answer) -> Value {
    tokens.json()["account"]["roles"].clone()
}

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn an_account_that_was_added_with_a_password_signs_in_with_its_roles() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let added = add(
        &admin,
        json!({
            "email": ADA, "name": "Ada", "password": PASSWORD,
            "roles": ["editor", "admin"], "claims": {"tenant": "acme"},
        }),
    )
    .await;
    assert_eq!(added.status, 201);
    let account = added.json();
    assert_eq!(account["status"], "active");
    assert_eq!(account["name"], "Ada");
    assert_eq!(account["claims"], json!({"tenant": "acme"}));
    assert_eq!(account["email_verified"], false);
    assert_eq!(roles(&sign_in(&app).await), json!(["editor", "admin"]));
    let again = add(&admin, json!({"email": "ADA@example.com"})).await;
    assert_eq!(again.problem(), (409, "email_taken".to_owned()));
}

#[tokio::test]
async fn an_account_without_a_password_is_invited_and_cannot_become_active() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let added = add(&admin, json!({"email": ADA})).await;
    assert_eq!(added.member("status"), "invited");
    let path = format!("/admin/accounts/{}", added.member("id"));
    let enabled = admin.ask("POST", &format!("{path}/enable"), "").await;
    assert_eq!(enabled.problem(), (409, "conflict".to_owned()));
    let active = patch(&admin, &path, json!({"status": "active"})).await;
    assert_eq!(active.problem(), (409, "conflict".to_owned()));
    let disabled = patch(&admin, &path, json!({"status": "disabled"})).await;
    assert_eq!(disabled.member("status"), "disabled");
    let invited = patch(&admin, &path, json!({"status": "invited"})).await;
    assert_eq!(invited.problem(), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn a_role_that_is_added_reaches_tokens_at_the_next_refresh() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let path = add_ada(&admin, &["editor"]).await;
    let signed_in = sign_in(&app).await;
    let changed = patch(&admin, &path, json!({"roles": ["editor", "admin"]})).await;
    assert_eq!(changed.json()["roles"], json!(["editor", "admin"]));
    assert_eq!(me(&app, &signed_in).await.status, 200);
    let refreshed = refresh(&app, &signed_in).await;
    assert_eq!(roles(&refreshed), json!(["editor", "admin"]));
}

#[tokio::test]
async fn a_role_that_is_removed_takes_the_access_tokens_and_not_the_session() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let path = add_ada(&admin, &["editor", "admin"]).await;
    let signed_in = sign_in(&app).await;
    let changed = patch(&admin, &path, json!({"roles": ["editor"]})).await;
    assert_eq!(changed.status, 200);
    assert_eq!(
        me(&app, &signed_in).await.problem(),
        (401, "session_ended".to_owned())
    );
    let refreshed = refresh(&app, &signed_in).await;
    assert_eq!(roles(&refreshed), json!(["editor"]));
    assert_eq!(me(&app, &refreshed).await.status, 200);
}

#[tokio::test]
async fn only_what_a_change_names_is_changed() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let path = add_ada(&admin, &["editor"]).await;
    let signed_in = sign_in(&app).await;
    let change = json!({"name": "Ada", "claims": {"tenant": "acme"}, "email_verified": true});
    let changed = patch(&admin, &path, change).await.json();
    assert_eq!(changed["name"], "Ada");
    assert_eq!(changed["email_verified"], true);
    assert_eq!(changed["claims"], json!({"tenant": "acme"}));
    assert_eq!(changed["roles"], json!(["editor"]));
    assert_eq!(me(&app, &signed_in).await.status, 200);
    let change = json!({"name": null, "claims": {}, "email_verified": false});
    let changed = patch(&admin, &path, change).await.json();
    assert_eq!(changed["name"], Value::Null);
    assert_eq!(changed["claims"], json!({}));
    assert_eq!(changed["email_verified"], false);
    let unchanged = patch(&admin, &path, json!({})).await.json();
    assert_eq!(unchanged, changed);
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_address_is_free() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let path = add_ada(&admin, &[]).await;
    let signed_in = sign_in(&app).await;
    assert_eq!(admin.ask("DELETE", &path, "").await.status, 204);
    assert_eq!(
        me(&app, &signed_in).await.problem(),
        (401, "session_ended".to_owned())
    );
    for method in ["GET", "DELETE"] {
        let gone = admin.ask(method, &path, "").await;
        assert_eq!(gone.problem(), (404, "not_found".to_owned()));
    }
    assert_eq!(patch(&admin, &path, json!({})).await.status, 404);
    add_ada(&admin, &[]).await;
}

#[tokio::test]
async fn accounts_are_listed_by_role_and_status() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    for (name, roles) in [
        ("ada", json!(["admin"])),
        ("grace", json!(["administrator"])),
    ] {
        let email = format!("{name}@example.com");
        add(
            &admin,
            json!({"email": email, "password": PASSWORD, "roles": roles}),
        )
        .await;
    }
    add(
        &admin,
        json!({"email": "mary@example.com", "roles": ["admin"]}),
    )
    .await;
    for (query, expected) in [
        ("role=admin", vec!["ada@example.com", "mary@example.com"]),
        ("status=invited", vec!["mary@example.com"]),
        ("role=admin&status=active", vec!["ada@example.com"]),
        ("email=ada@example.com&role=administrator", vec![]),
    ] {
        let page = admin.get(&format!("/admin/accounts?{query}")).await;
        let accounts = page["accounts"].as_array().unwrap().iter();
        let mut found: Vec<_> = accounts.map(|account| account["email"].clone()).collect();
        found.sort_by_key(Value::to_string);
        assert_eq!(found, expected, "{query}");
    }
    for query in ["role=a%20b", "status=off"] {
        let path = format!("/admin/accounts?{query}");
        let refused = admin.ask("GET", &path, "").await;
        assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    }
}

#[tokio::test]
async fn every_field_that_breaks_a_rule_is_named() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let roles: Vec<_> = (0..17).map(|number| format!("{number:063}")).collect();
    let refused = add(
        &admin,
        json!({
            "email": "ada", "name": "", "password": "short",
            "roles": roles, "claims": {"sub": "me"},
        }),
    )
    .await;
    let named = |answer: &Answer| -> Vec<String> {
        let errors = answer.json()["errors"].as_array().unwrap().clone();
        let fields = errors
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned());
        fields.collect()
    };
    assert_eq!(refused.problem().1, "validation_failed");
    assert_eq!(
        named(&refused),
        ["email", "name", "roles", "claims", "password"]
    );
    let path = add_ada(&admin, &[]).await;
    let change = json!({
        "name": 7, "roles": "admin", "claims": [], "status": "gone", "email_verified": "yes",
    });
    let refused = patch(&admin, &path, change).await;
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    assert_eq!(
        named(&refused),
        ["name", "roles", "claims", "status", "email_verified"]
    );
}

#[tokio::test]
async fn what_an_administrator_reads_is_in_the_log() {
    let (captured, guard) = capture(LogFormat::Json);
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let path = add_ada(&admin, &[]).await;
    admin.get("/admin/accounts").await;
    admin.get(&path).await;
    admin.get(&format!("{path}/sessions")).await;
    drop(guard);
    let log = captured.text();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let read: Vec<Value> = lines
        .filter(|line: &Value| line["message"] == "an administrator read personal data")
        .collect();
    let names: Vec<_> = read.iter().map(|line| &line["event.name"]).collect();
    assert_eq!(
        names,
        ["accounts.listed", "account.read", "account.sessions_read"]
    );
    let id = path.rsplit('/').next().unwrap();
    for line in &read {
        assert_eq!(line["admin.subject"], "signet:command-line");
        let is_listing = line["event.name"] == "accounts.listed";
        let target = if is_listing { Value::Null } else { json!(id) };
        assert_eq!(line["admin.target"], target);
    }
}
