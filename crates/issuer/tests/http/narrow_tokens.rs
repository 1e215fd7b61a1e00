//! Access tokens that say less than their session may: what they open, and what they do not.

use std::time::Duration;

use serde_json::{Value, json};
use signet_core::client::SignInRules;

use crate::admin::Admin;
use crate::oauth::{Program, sign_in};
use crate::support::{Answer, JSON, TestApp, request};

async fn refresh(app: &TestApp, token: &str, asked: Value) -> Answer {
    let mut body = asked;
    body["refresh_token"] = token.into();
    app.post("/auth/refresh", &body.to_string()).await
}

async fn ask(app: &TestApp, answer: &Answer, method: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", answer.member("access_token"));
    let headers = [JSON, ("authorization", bearer.as_str())];
    app.send(request(method, path, &headers, body)).await
}

#[tokio::test]
async fn a_refresh_gives_the_scopes_and_audiences_that_it_names() {
    let app = TestApp::start().await;
    Program::public(&app, "app").await;
    let signed_in = sign_in(&app, "app").await;
    assert_eq!(signed_in.claims()["scope"], "account orders:read");
    let token = signed_in.member("refresh_token");
    for audience in [json!("orders"), json!(["orders"])] {
        let asked = json!({"scope": "orders:read", "audience": audience});
        let narrow = refresh(&app, &token, asked).await;
        assert_eq!(narrow.status, 200, "{}", narrow.text);
        assert_eq!(narrow.claims()["scope"], "orders:read");
        assert_eq!(narrow.claims()["aud"], "orders");
        assert_eq!(narrow.claims()["sid"], signed_in.json()["session_id"]);
    }
    let whole = refresh(&app, &token, json!({})).await;
    assert_eq!(whole.claims()["scope"], "account orders:read");
    assert_eq!(whole.claims()["aud"], json!(["api", "orders"]));
}

#[tokio::test]
async fn more_than_the_session_has_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    Program::public(&app, "app").await;
    let token = sign_in(&app, "app").await.member("refresh_token");
    for (asked, field, code) in [
        (json!({"scope": "orders:write"}), "scope", "invalid"),
        (json!({"scope": 1}), "scope", "wrong_type"),
        (json!({"audience": "billing"}), "audience", "invalid"),
        (json!({"audience": {"a": 1}}), "audience", "wrong_type"),
    ] {
        let refused = refresh(&app, &token, asked).await;
        assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
        assert_eq!(refused.json()["errors"][0]["field"], field);
        assert_eq!(refused.json()["errors"][0]["code"], code);
    }
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(refresh(&app, &token, json!({})).await.status, 200);
}

#[tokio::test]
async fn without_the_scope_account_a_token_opens_nothing_under_auth() {
    let app = TestApp::start().await;
    Program::public(&app, "app").await;
    let signed_in = sign_in(&app, "app").await;
    let token = signed_in.member("refresh_token");
    let narrow = refresh(&app, &token, json!({"scope": "orders:read"})).await;
    let session = format!("/auth/sessions/{}", signed_in.member("session_id"));
    let passwords = r#"{"current_password":"engine no. 9 steams","new_password":"engine no. 10"}"#;
    for (method, path, body) in [
        ("GET", "/auth/me", ""),
        ("GET", "/auth/sessions", ""),
        ("DELETE", &session, ""),
        ("POST", "/auth/logout-all", ""),
        ("POST", "/auth/password", passwords),
        (
            "DELETE",
            "/auth/account",
            r#"{"password":"engine no. 9 steams"}"#,
        ),
    ] {
        let refused = ask(&app, &narrow, method, path, body).await;
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{path}");
    }
    // A sign-out says 204 whatever the token, and this one ends nothing.
    assert_eq!(
        ask(&app, &narrow, "POST", "/auth/logout", "").await.status,
        204
    );
    assert_eq!(refresh(&app, &token, json!({})).await.status, 200);
}

#[tokio::test]
async fn an_expired_token_ends_its_session_if_it_opened_auth_and_opens_nothing_else() {
    let app = TestApp::start().await;
    Program::public(&app, "app").await;
    let signed_in = sign_in(&app, "app").await;
    let token = signed_in.member("refresh_token");
    let narrow = refresh(&app, &token, json!({"scope": "orders:read"})).await;
    app.clock.advance(Duration::from_mins(30));
    for (answer, then) in [(&narrow, 200), (&signed_in, 401)] {
        let me = ask(&app, answer, "GET", "/auth/me", "").await;
        assert_eq!(me.problem(), (401, "token_expired".to_owned()));
        let everywhere = ask(&app, answer, "POST", "/auth/logout-all", "").await;
        assert_eq!(everywhere.problem(), (401, "token_expired".to_owned()));
        let ended = ask(&app, answer, "POST", "/auth/logout", "").await;
        assert_eq!(ended.status, 204);
        assert_eq!(refresh(&app, &token, json!({})).await.status, then);
    }
}

#[tokio::test]
async fn a_client_can_be_registered_so_that_only_its_refresh_token_reaches_auth() {
    let app = TestApp::start().await;
    let rules = SignInRules {
        scopes: Some(vec!["orders:read".parse().unwrap()]),
        ..SignInRules::default()
    };
    Program::public_with(&app, "app", rules).await;
    let signed_in = sign_in(&app, "app").await;
    assert_eq!(signed_in.claims()["scope"], "orders:read");
    assert_eq!(
        ask(&app, &signed_in, "GET", "/auth/me", "").await.status,
        403
    );
    let token = signed_in.member("refresh_token");
    let usual = refresh(&app, &token, json!({})).await;
    assert_eq!(usual.claims()["scope"], "orders:read");
    let for_auth = refresh(&app, &token, json!({"scope": "account"})).await;
    assert_eq!(for_auth.claims()["scope"], "account");
    assert_eq!(
        ask(&app, &for_auth, "GET", "/auth/me", "").await.status,
        200
    );
}

/// Gives the client `app` other audiences.
async fn address(app: &TestApp, audiences: &[&str]) {
    let fields = json!({"audiences": audiences}).to_string();
    let admin = Admin::of(app);
    let changed = admin.ask("PATCH", "/admin/clients/app", &fields).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

#[tokio::test]
async fn a_session_goes_on_with_the_audiences_that_are_left_and_is_over_without_any() {
    let app = TestApp::start().await;
    let public = Program::public(&app, "app").await;
    let token = sign_in(&app, "app").await.member("refresh_token");
    let body = json!({
        "email": "ada@example.com", "password": "engine no. 9 steams", "client_id": "app",
    });
    let in_cookie = app.post("/auth/register", &body.to_string()).await;
    let cookies = in_cookie.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap());
    let cookie = cookies.find(|cookie| cookie.starts_with("signet_refresh="));
    let cookie = cookie.unwrap().split(';').next().unwrap();
    let refresh_by_cookie = async || {
        let headers = [("cookie", cookie)];
        app.send(request("POST", "/auth/refresh", &headers, ""))
            .await
    };
    let form = format!("grant_type=refresh_token&refresh_token={token}");

    address(&app, &["orders", "stock"]).await;
    for answer in [
        refresh_by_cookie().await,
        refresh(&app, &token, json!({})).await,
        public.ask(&app, "/oauth/token", &form).await,
    ] {
        assert_eq!(answer.claims()["aud"], "orders");
    }

    address(&app, &["stock"]).await;
    let over = refresh_by_cookie().await;
    assert_eq!(over.problem(), (401, "session_ended".to_owned()));
    let mut cookies = over.headers.get_all("set-cookie").iter();
    assert!(cookies.all(|cookie| cookie.to_str().unwrap().contains("Max-Age=0")));
    assert!(over.headers.contains_key("set-cookie"));
    let over = refresh(&app, &token, json!({"audience": "orders"})).await;
    assert_eq!(over.problem(), (401, "session_ended".to_owned()));
    let over = public.ask(&app, "/oauth/token", &form).await;
    assert_eq!(over.oauth_error(), (400, "invalid_grant".to_owned()));

    // Nothing of the session has changed.
    address(&app, &["api"]).await;
    let again = refresh(&app, &token, json!({})).await;
    assert_eq!(again.claims()["aud"], "api");
}
