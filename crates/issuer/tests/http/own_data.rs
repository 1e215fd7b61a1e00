//! What people change and read of their own account.

use serde_json::{Value, json};

use crate::support::{Answer, JSON, TestApp, request};

async fn register(app: &TestApp) -> Answer {
    let body = json!({
        "email": "ada@example.com", "password": "engine no. 9 steams", "token_delivery": "body",
    });
    app.post("/auth/register", &body.to_string()).await
}

async fn ask(app: &TestApp, tokens: &Answer, method: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", tokens.member("access_token"));
    let headers = [("authorization", bearer.as_str()), JSON];
    app.send(request(method, path, &headers, body)).await
}

#[tokio::test]
async fn a_person_changes_and_removes_the_own_name() {
    let app = TestApp::start().await;
    let tokens = register(&app).await;
    for (body, name) in [
        (r#"{"name":"Ada"}"#, json!("Ada")),
        ("{}", json!("Ada")),
        (r#"{"name":null}"#, Value::Null),
    ] {
        let changed = ask(&app, &tokens, "PATCH", "/auth/me", body).await;
        assert_eq!(changed.status, 200, "{body}");
        assert_eq!(changed.json()["name"], name, "{body}");
        let shown = ask(&app, &tokens, "GET", "/auth/me", "").await;
        assert_eq!(shown.json(), changed.json());
    }
    let body = r#"{"name":"","roles":["admin"]}"#;
    let refused = ask(&app, &tokens, "PATCH", "/auth/me", body).await;
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    let body = r#"{"roles":["admin"],"status":"disabled"}"#;
    let ignored = ask(&app, &tokens, "PATCH", "/auth/me", body).await;
    assert_eq!(ignored.json()["roles"], json!([]));
}

#[tokio::test]
async fn an_export_holds_everything_that_is_stored_and_no_secret() {
    let app = TestApp::start().await;
    let tokens = register(&app).await;
    let exported = ask(&app, &tokens, "GET", "/auth/export", "").await;
    assert_eq!(exported.status, 200);
    assert_eq!(exported.header("cache-control"), Some("no-store"));
    let export = exported.json();
    assert_eq!(export["account"], tokens.json()["account"]);
    assert_eq!(export["email_verified_at"], Value::Null);
    assert_eq!(export["claims"], json!({}));
    let authenticators =
        json!({"password": true, "totp": false, "recovery_codes": 0, "passkeys": []});
    assert_eq!(export["authenticators"], authenticators);
    assert_eq!(export["sessions"][0]["id"], tokens.member("session_id"));
    assert_eq!(export["sessions"][0]["current"], true);
    assert!(!exported.text.contains("argon2"));
}
