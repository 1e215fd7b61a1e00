//! Names that people see: a name that disguises itself is refused wherever one is given.

use serde_json::{Value, json};

use crate::admin::Admin;
use crate::support::{Answer, TestApp, request};

/// Ends in a mark that turns the direction of what is shown after it.
const DISGUISED: &str = "Ada \u{202e}";
const JSON: (&str, &str) = ("content-type", "application/json");
/// An emoji and a word that are written with joiners.
const JOINED: &str = "Ada \u{1f469}\u{200d}\u{1f4bb} \u{915}\u{94d}\u{200d}\u{937}";

#[tokio::test]
async fn a_name_that_disguises_itself_is_refused_wherever_one_is_given() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let (id, token) = register(&app).await;
    let bearer = format!("Bearer {token}");
    let account = format!("/admin/accounts/{id}");
    let body = json!({"name": DISGUISED}).to_string();
    for (method, path) in [
        ("POST", "/auth/register"),
        ("PATCH", "/auth/me"),
        ("POST", "/auth/passkeys"),
        ("PATCH", "/auth/passkeys/AAAA"),
    ] {
        let headers = [("authorization", bearer.as_str()), JSON];
        let refused = app.send(request(method, path, &headers, &body)).await;
        assert_eq!(code_of(&refused, "name"), "invalid", "{method} {path}");
    }
    for (method, path) in [
        ("POST", "/admin/accounts"),
        ("PATCH", &account),
        ("POST", "/admin/clients"),
        ("PATCH", "/admin/clients/web"),
    ] {
        let refused = admin.ask(method, path, &body).await;
        assert_eq!(code_of(&refused, "name"), "invalid", "{method} {path}");
    }
    let roles = json!({"roles": ["staff\u{202e}"]}).to_string();
    let refused = admin.ask("PATCH", &account, &roles).await;
    assert_eq!(code_of(&refused, "roles"), "invalid");
}

#[tokio::test]
async fn joiners_of_emoji_and_scripts_belong_to_a_name() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let (id, _) = register(&app).await;
    let path = format!("/admin/accounts/{id}");
    let body = json!({"name": JOINED}).to_string();
    let changed = admin.ask("PATCH", &path, &body).await;
    assert_eq!(changed.json()["name"], JOINED, "{}", changed.text);
    let client = json!({
        "client_id": "web", "name": JOINED, "authentication": "none", "audiences": ["api"],
    })
    .to_string();
    let added = admin.ask("POST", "/admin/clients", &client).await;
    assert_eq!(added.json()["name"], JOINED, "{}", added.text);
}

/// Registers an account; returns its id and its access token.
async fn register(app: &TestApp) -> (String, String) {
    let body = r#"{"email":"ada@example.com","password":"analytical engine no. 7"}"#;
    let registered = app.post("/auth/register", body).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    let id = registered.json()["account"]["id"].clone();
    let token = registered.member("access_token");
    (id.as_str().unwrap().to_owned(), token)
}

/// The code that a refusal gives a field.
fn code_of(refused: &Answer, field: &str) -> Value {
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    let errors = refused.json()["errors"].clone();
    let mut errors = errors.as_array().unwrap().iter();
    let error = errors.find(|error| error["field"] == field);
    error.map_or(Value::Null, |error| error["code"].clone())
}
