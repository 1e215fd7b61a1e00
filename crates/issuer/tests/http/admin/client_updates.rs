//! Changing clients.

use serde_json::{Value, json};
use signet_core::client::SignInRules;

use super::Admin;
use crate::mfa::refused;
use crate::oauth::{Program, sign_in};
use crate::redirect::{Browser, Web, register};
use crate::support::{Answer, TestApp, request};

async fn add(admin: &Admin<'_>, client: &Value) {
    let added = admin
        .ask("POST", "/admin/clients", &client.to_string())
        .await;
    assert_eq!(added.status, 201, "{}", added.text);
}

async fn update(admin: &Admin<'_>, id: &str, change: Value) -> Answer {
    let path = format!("/admin/clients/{id}");
    admin.ask("PATCH", &path, &change.to_string()).await
}

async fn updated(admin: &Admin<'_>, id: &str, change: Value) -> Value {
    let answer = update(admin, id, change).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// Asks for tokens of a program by its secret.
async fn token(app: &TestApp, program: &Program) -> Answer {
    let form = "grant_type=client_credentials";
    program.ask(app, "/oauth/token", form).await
}

async fn me(app: &TestApp, access_token: &str) -> Answer {
    let bearer = format!("Bearer {access_token}");
    let headers = [("authorization", bearer.as_str())];
    app.send(request("GET", "/auth/me", &headers, "")).await
}

async fn refresh(app: &TestApp, signed_in: &Answer) -> Answer {
    let body = json!({"refresh_token": signed_in.member("refresh_token")});
    app.post("/auth/refresh", &body.to_string()).await
}

#[tokio::test]
async fn every_field_of_a_registration_changes_and_what_is_left_out_stays() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    add(
        &admin,
        &json!({
            "client_id": "web", "name": "Web", "authentication": "none", "audiences": ["api"],
            "token_ttl": 120,
        }),
    )
    .await;
    let before = admin.get("/admin/clients/web").await;
    assert_eq!(before["version"], 1);
    let mut expected = before.clone();
    let change = json!({
        "name": null,
        "grants": ["refresh_token"],
        "scopes": ["read", "write"],
        "audiences": ["api", "orders"],
        "owns": ["web"],
        "account_claims": ["tenant"],
        "required_roles": ["staff"],
        "mfa_policy": "required",
        "redirect_uris": ["https://web.example/cb"],
        "post_logout_redirect_uris": ["https://web.example"],
        "backchannel_logout_uri": "https://web.example/out",
        "first_party": true,
        "logo_uri": "https://cdn.example/logo.svg",
        "token_ttl": null,
    });
    for (name, value) in change.as_object().unwrap() {
        expected[name] = value.clone();
    }
    expected["version"] = json!(3);
    assert_eq!(updated(&admin, "web", change).await, expected);
    assert_eq!(admin.get("/admin/clients/web").await, expected);

    let back = json!({"redirect_uris": [], "post_logout_redirect_uris": [], "first_party": false,
        "backchannel_logout_uri": null, "logo_uri": null, "sign_in_scopes": ["read"]});
    let shown = updated(&admin, "web", back).await;
    assert_eq!(shown["logo_uri"], Value::Null);
    assert_eq!(shown["sign_in_scopes"], json!(["read"]));
    assert_eq!(shown["scopes"], expected["scopes"]);
    let all = updated(&admin, "web", json!({"sign_in_scopes": null})).await;
    assert_eq!(all["sign_in_scopes"], Value::Null);
}

#[tokio::test]
async fn a_change_that_breaks_a_rule_or_comes_second_changes_nothing() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    add(
        &admin,
        &json!({"client_id": "web", "authentication": "none", "audiences": ["api"]}),
    )
    .await;
    let before = admin.get("/admin/clients/web").await;
    for (change, status, code) in [
        (json!({"audiences": []}), 400, "validation_failed"),
        (
            json!({"grants": ["client_credentials"]}),
            400,
            "validation_failed",
        ),
        (json!({"mfa_policy": "always"}), 400, "validation_failed"),
        (
            json!({"authentication": "private_key_jwt"}),
            400,
            "validation_failed",
        ),
        (json!({"name": "Late", "version": 2}), 409, "conflict"),
    ] {
        let answer = update(&admin, "web", change.clone()).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{change}");
    }
    assert_eq!(admin.get("/admin/clients/web").await, before);
    let first = updated(&admin, "web", json!({"name": "Early", "version": 1})).await;
    assert_eq!(
        (&first["name"], &first["version"]),
        (&json!("Early"), &json!(2))
    );
    let unknown = update(&admin, "other", json!({"name": "Other"})).await;
    assert_eq!(unknown.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_client_that_loses_a_scope_loses_its_tokens_and_its_sessions_go_on_without_it() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    Program::public(&app, "web").await;
    let signed_in = sign_in(&app, "web").await;
    assert_eq!(signed_in.claims()["scope"], "account orders:read");
    updated(
        &admin,
        "web",
        json!({"scopes": ["account", "orders:read", "orders:write"]}),
    )
    .await;
    assert_eq!(
        me(&app, &signed_in.member("access_token")).await.status,
        200
    );

    updated(
        &admin,
        "web",
        json!({"scopes": ["account"], "audiences": ["api"]}),
    )
    .await;
    let denied = me(&app, &signed_in.member("access_token")).await;
    assert_eq!(denied.problem(), (401, "session_ended".to_owned()));
    let refreshed = refresh(&app, &signed_in).await;
    let claims = refreshed.claims();
    assert_eq!(
        (&claims["scope"], &claims["aud"]),
        (&json!("account"), &json!("api"))
    );
    assert_eq!(
        me(&app, &refreshed.member("access_token")).await.status,
        200
    );
}

#[tokio::test]
async fn another_way_to_authenticate_ends_the_old_one() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let public = json!({"client_id": "job", "authentication": "none", "audiences": ["api"]});
    add(&admin, &public).await;
    let change = json!({"authentication": "client_secret", "grants": ["client_credentials"]});
    let mut shown = updated(&admin, "job", change.clone()).await;
    let secret = shown["client_secret"].take().as_str().unwrap().to_owned();
    let job = Program {
        id: "job",
        secret: Some(secret),
    };
    assert_eq!(token(&app, &job).await.status, 200);
    let again = updated(&admin, "job", change).await;
    assert_eq!(again.get("client_secret"), None);
    assert_eq!(token(&app, &job).await.status, 200);
    updated(
        &admin,
        "job",
        json!({"authentication": "none", "grants": []}),
    )
    .await;
    assert_eq!(
        token(&app, &job).await.oauth_error(),
        (401, "invalid_client".to_owned())
    );
}

#[tokio::test]
async fn an_administrator_of_clients_makes_no_administrator() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let job = json!({"client_id": "job", "grants": ["client_credentials"], "audiences": ["api"]});
    add(&admin, &job).await;
    let narrow = Admin::with_scope(&app, "signet:admin:clients");
    let named = update(&narrow, "job", json!({"name": "Job"})).await;
    assert_eq!(named.status, 200, "{}", named.text);
    let raised = update(&narrow, "job", json!({"scopes": ["signet:admin"]})).await;
    assert_eq!(raised.status, 403, "{}", raised.text);
    updated(&admin, "job", json!({"scopes": ["signet:admin"]})).await;
    let lowered = update(&narrow, "job", json!({"scopes": []})).await;
    assert_eq!(lowered.status, 403, "{}", lowered.text);
}

#[tokio::test]
async fn a_client_that_requires_a_second_factor_enrols_people_who_have_none() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    Program::public_with(&app, "bank", SignInRules::default()).await;
    Program::public(&app, "shop").await;
    updated(&admin, "bank", json!({"mfa_policy": "required"})).await;
    let registered = sign_in(&app, "bank").await;
    refused(&registered, 401, "mfa_required");
    assert_eq!(
        registered.json()["methods"],
        json!(["enrol_totp", "enrol_passkey"])
    );
    let login = async |client: &str| {
        let body = json!({"email": "bank@example.com", "password": "engine no. 9 steams",
            "token_delivery": "body", "client_id": client});
        app.post("/auth/login", &body.to_string()).await
    };
    refused(&login("bank").await, 401, "mfa_required");
    assert_eq!(login("shop").await.status, 200);
}

#[tokio::test]
async fn a_redirect_to_a_client_that_requires_a_second_factor_sets_one_up() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    updated(&Admin::of(&app), "wiki", json!({"mfa_policy": "required"})).await;
    register(&app, "ada@example.com").await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let answer = browser.sign_in(&app, &page, "ada@example.com").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("Set up a second factor"));
}
