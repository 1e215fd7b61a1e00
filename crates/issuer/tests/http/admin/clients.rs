//! Clients and keys.

use serde_json::{Value, json};

use super::Admin;
use crate::oauth::{Program, sign_in};
use crate::support::{TestApp, request};

const CLIENTS: &str = "/admin/clients";

fn billing() -> Value {
    json!({
        "client_id": "https://billing.example/v1",
        "name": "Billing",
        "grants": ["client_credentials"],
        "scopes": ["orders:read", "orders:read"],
        "audiences": ["orders"],
        "owns": ["billing"],
        "account_claims": ["tenant"],
        "token_ttl": 120,
    })
}

#[tokio::test]
async fn a_client_is_registered_shown_and_removed() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let added = admin.ask("POST", CLIENTS, &billing().to_string()).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let mut shown = added.json();
    let secret = shown.as_object_mut().unwrap().remove("client_secret");
    assert!(secret.unwrap().as_str().unwrap().len() >= 40);
    let expected = json!({
        "client_id": "https://billing.example/v1",
        "name": "Billing",
        "status": "active",
        "grants": ["client_credentials"],
        "scopes": ["orders:read"],
        "audiences": ["orders"],
        "owns": ["billing"],
        "account_claims": ["tenant"],
        "authentication": "client_secret",
        "secrets": 1,
        "required_roles": [],
        "sign_in_scopes": null,
        "mfa_policy": "optional",
        "redirect_uris": [],
        "post_logout_redirect_uris": [],
        "backchannel_logout_uri": null,
        "first_party": false,
        "logo_uri": null,
        "token_ttl": 120,
        "created_at": "2027-01-15T08:00:00Z",
        "version": 1,
    });
    assert_eq!(shown, expected);
    let path = "/admin/clients/https:%2F%2Fbilling.example%2Fv1";
    assert_eq!(admin.get(path).await, expected);
    assert_eq!(
        admin.get(CLIENTS).await,
        json!({"clients": [expected], "next": null})
    );

    assert_eq!(admin.ask("DELETE", path, "").await.status, 204);
    for (method, path) in [("GET", path), ("DELETE", path), ("GET", "/admin/clients/-")] {
        let gone = admin.ask(method, path, "").await;
        assert_eq!(
            gone.problem(),
            (404, "not_found".to_owned()),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_client_that_redeems_codes_says_where_they_are_sent() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let mut wiki = json!({
        "client_id": "wiki", "audiences": ["wiki"], "grants": ["authorization_code"],
    });
    let refused = admin.ask("POST", CLIENTS, &wiki.to_string()).await;
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    assert_eq!(refused.json()["errors"][0]["field"], "redirect_uris");
    wiki["redirect_uris"] = json!(["https://wiki.example/cb"]);
    let added = admin.ask("POST", CLIENTS, &wiki.to_string()).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let none = json!({"redirect_uris": []}).to_string();
    let refused = admin.ask("PATCH", "/admin/clients/wiki", &none).await;
    assert_eq!(refused.json()["errors"][0]["field"], "redirect_uris");
}

#[tokio::test]
async fn a_client_learns_where_browsers_may_be_sent() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let mut wiki = json!({
        "client_id": "wiki",
        "audiences": ["wiki"],
        "redirect_uris": ["https://wiki.example/cb", "http://127.0.0.1/cb"],
        "post_logout_redirect_uris": ["https://wiki.example"],
        "backchannel_logout_uri": "https://wiki.example/logout",
        "first_party": true,
        "logo_uri": "https://cdn.example/logo.svg",
    });
    let added = admin.ask("POST", CLIENTS, &wiki.to_string()).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let shown = admin.get("/admin/clients/wiki").await;
    for field in [
        "redirect_uris",
        "post_logout_redirect_uris",
        "backchannel_logout_uri",
        "first_party",
        "logo_uri",
    ] {
        assert_eq!(shown[field], wiki[field], "{field}");
    }
    for (field, value) in [
        ("redirect_uris", json!(["https://wiki.example/../cb"])),
        ("redirect_uris", json!(["https://me@wiki.example/cb"])),
        ("redirect_uris", json!(["javascript:alert(1)"])),
        ("redirect_uris", json!([])),
        ("backchannel_logout_uri", json!("com.example.app:/out")),
        ("logo_uri", json!("data:image/png;base64,AA")),
        ("sign_in_scopes", json!([])),
    ] {
        let kept = wiki[field].take();
        wiki[field] = value;
        let refused = admin.ask("POST", CLIENTS, &wiki.to_string()).await;
        assert_eq!(refused.status, 400, "{field}: {}", refused.text);
        assert_eq!(
            refused.json()["errors"][0]["field"],
            *field,
            "{}",
            refused.text
        );
        wiki[field] = kept;
    }
}

#[tokio::test]
async fn removing_the_servers_own_client_signs_nobody_out() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let token = sign_in(&app, "signet").await.member("access_token");
    let refused = admin.ask("DELETE", "/admin/clients/signet", "").await;
    assert_eq!(refused.problem(), (404, "not_found".to_owned()));
    let bearer = format!("Bearer {token}");
    let me = request("GET", "/auth/me", &[("authorization", &bearer)], "");
    assert_eq!(app.send(me).await.status, 200);
}

#[tokio::test]
async fn clients_are_listed_page_by_page() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    for id in ["a", "b", "c"] {
        Program::register(&app, id, "orders", "").await;
    }
    let ids = |page: &Value| -> Vec<String> {
        let clients = page["clients"].as_array().unwrap().iter();
        clients
            .map(|client| client["client_id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = admin.get("/admin/clients?limit=2").await;
    assert_eq!(
        (ids(&first), &first["next"]),
        (vec!["a".to_owned(), "b".to_owned()], &json!("b"))
    );
    let second = admin.get("/admin/clients?limit=2&after=b").await;
    assert_eq!(
        (ids(&second), &second["next"]),
        (vec!["c".to_owned()], &Value::Null)
    );
    for (query, field, code) in [
        ("limit=0", "limit", "invalid"),
        ("limit=101", "limit", "invalid"),
        ("limit=1&limit=2", "limit", "repeated"),
        ("after=-", "after", "invalid"),
    ] {
        let refused = admin
            .ask("GET", &format!("/admin/clients?{query}"), "")
            .await;
        assert_eq!(
            refused.problem(),
            (400, "validation_failed".to_owned()),
            "{query}"
        );
        let error = &refused.json()["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!(field), &json!(code))
        );
    }
}

#[tokio::test]
async fn what_cannot_be_registered_is_said_by_field() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    for (field, value) in [
        ("client_id", json!("signet")),
        ("client_id", json!("signet:command-line")),
        ("client_id", json!(null)),
        ("grants", json!(["password"])),
        ("grants", json!("client_credentials")),
        ("scopes", json!(["a b"])),
        ("audiences", json!([])),
        ("owns", json!(["-"])),
        ("authentication", json!("tls")),
        ("jwks", json!({"keys": []})),
        ("token_ttl", json!(59)),
        ("token_ttl", json!(-1)),
        ("token_ttl", json!("120")),
    ] {
        let mut body = billing();
        body[field] = value.clone();
        let refused = admin.ask("POST", CLIENTS, &body.to_string()).await;
        assert_eq!(
            refused.problem(),
            (400, "validation_failed".to_owned()),
            "{field} {value}"
        );
        assert_eq!(refused.json()["errors"][0]["field"], field, "{value}");
    }
    let added = admin.ask("POST", CLIENTS, &billing().to_string()).await;
    assert_eq!(added.status, 201);
    let again = admin.ask("POST", CLIENTS, &billing().to_string()).await;
    assert_eq!(again.problem(), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn a_secret_is_rotated_in_two_steps_or_at_once() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let first = Program::register(&app, "billing", "orders", "").await;
    let rotate = async |mode: &str| {
        let path = "/admin/clients/billing/rotate-secret";
        let answer = admin
            .ask("POST", path, &json!({"mode": mode}).to_string())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let secret = answer.json()["client_secret"].as_str().map(str::to_owned);
        (
            answer.json()["secrets"].clone(),
            Program {
                id: "billing",
                secret,
            },
        )
    };
    let is_good = async |program: &Program| {
        let answer = program.ask(&app, "/oauth/token", "grant_type=client_credentials");
        answer.await.status == 200
    };
    let (secrets, second) = rotate("begin").await;
    assert_eq!(secrets, 2);
    assert!(is_good(&first).await && is_good(&second).await);
    let (secrets, none) = rotate("finish").await;
    assert_eq!((secrets, none.secret), (json!(1), None));
    assert!(!is_good(&first).await && is_good(&second).await);
    let (_, third) = rotate("at_once").await;
    assert!(!is_good(&second).await && is_good(&third).await);

    Program::public(&app, "app").await;
    let refused = admin
        .ask("POST", "/admin/clients/app/rotate-secret", "{}")
        .await;
    assert_eq!(refused.problem(), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn a_secret_that_is_replaced_can_take_the_tokens_issued_so_far_with_it() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let first = Program::register(&app, "billing", "orders", "").await;
    let orders = Program::register(&app, "orders", "orders", "orders").await;
    let own = "grant_type=client_credentials";
    let token = async |program: &Program| {
        let answer = program.ask(&app, "/oauth/token", own).await;
        answer.member("access_token")
    };
    let is_active = async |token: &str| {
        let form = format!("token={token}");
        let answer = orders.ask(&app, "/oauth/introspect", &form).await;
        answer.json()["active"].clone()
    };
    let rotate = async |body: Value| {
        let path = "/admin/clients/billing/rotate-secret";
        admin.ask("POST", path, &body.to_string()).await
    };
    let before = token(&first).await;
    for (body, code) in [
        (json!({"mode": "begin", "deny_tokens": true}), "invalid"),
        (json!({"mode": "finish", "deny_tokens": true}), "invalid"),
        (json!({"deny_tokens": "true"}), "wrong_type"),
    ] {
        let refused = rotate(body.clone()).await;
        assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
        let error = &refused.json()["errors"][0];
        let named = (&error["field"], &error["code"]);
        assert_eq!(named, (&json!("deny_tokens"), &json!(code)), "{body}");
    }
    assert_eq!(rotate(json!({"mode": "finish"})).await.status, 200);
    assert_eq!(is_active(&before).await, true);

    let mut tokens = vec![before];
    for body in [
        json!({"deny_tokens": true}),
        json!({"mode": "at_once", "deny_tokens": true}),
    ] {
        let rotated = rotate(body).await;
        assert_eq!(rotated.status, 200);
        assert_eq!(rotated.json()["secrets"], 1);
        let program = Program {
            id: "billing",
            secret: Some(rotated.member("client_secret")),
        };
        for old in &tokens {
            assert_eq!(is_active(old).await, false);
        }
        tokens.push(token(&program).await);
        assert_eq!(is_active(&tokens[tokens.len() - 1]).await, true);
    }
    let refused = first.ask(&app, "/oauth/token", own).await;
    assert_eq!(refused.oauth_error(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_client_that_is_switched_off_gets_nothing_until_it_is_on_again() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let billing = Program::register(&app, "billing", "orders", "").await;
    let ask = async || {
        billing
            .ask(&app, "/oauth/token", "grant_type=client_credentials")
            .await
    };
    for (action, status, answer) in [("disable", "disabled", 401), ("enable", "active", 200)] {
        let switched = admin
            .ask("POST", &format!("/admin/clients/billing/{action}"), "")
            .await;
        assert_eq!(switched.json()["status"], status);
        assert_eq!(ask().await.status, answer);
        let nobody = admin
            .ask("POST", &format!("/admin/clients/nobody/{action}"), "")
            .await;
        assert_eq!(nobody.problem(), (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn keys_are_listed_with_their_states_and_without_their_secrets() {
    let app = TestApp::start().await;
    let listed = Admin::of(&app).get("/admin/keys").await;
    let states: Vec<_> = listed["signing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["state"])
        .collect();
    assert_eq!(states, ["active", "next"]);
    assert_eq!(listed["signing"][0]["signs"], true);
    assert_eq!(listed["signing"][0]["bits"], 2048);
    let members: Vec<_> = listed["signing"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        ["bits", "kid", "reason", "signs", "since", "state", "until"]
    );
}
