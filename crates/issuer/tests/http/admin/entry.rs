//! Who gets in.

use std::time::Duration;

use serde_json::json;

use super::{Admin, token};
use crate::oauth::{FORM, Program, sign_in};
use crate::support::{Answer, TestApp, request};

async fn list(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    let asked = request("GET", "/admin/clients", headers, "");
    app.send_to_operations(asked).await
}

async fn list_as(app: &TestApp, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    list(app, &[("host", "127.0.0.1"), ("authorization", &bearer)]).await
}

#[tokio::test]
async fn a_token_with_audience_and_scope_opens_and_no_other_does() {
    let app = TestApp::start().await;
    let good = token(&app, "signet:admin", "signet:admin");
    assert_eq!(list_as(&app, &good).await.status, 200);

    let missing = list(&app, &[("host", "127.0.0.1")]).await;
    assert_eq!(missing.problem(), (401, "token_missing".to_owned()));
    assert_eq!(
        missing.header("www-authenticate"),
        Some("Bearer realm=\"signet\"")
    );
    let narrow = list_as(&app, &token(&app, "signet:admin", "orders:read")).await;
    assert_eq!(narrow.problem(), (403, "forbidden".to_owned()));
    let challenge = narrow.header("www-authenticate").unwrap();
    assert!(challenge.contains("insufficient_scope"), "{challenge}");
    let person = list_as(&app, &token(&app, "api", "account")).await;
    assert_eq!(person.problem(), (403, "forbidden".to_owned()));
    let foreign = list_as(&app, &token(&app, "api", "signet:admin")).await;
    assert_eq!(foreign.problem(), (401, "token_invalid".to_owned()));
    app.clock.advance(Duration::from_mins(11));
    let late = list_as(&app, &good).await;
    assert_eq!(late.problem(), (401, "token_expired".to_owned()));
}

#[tokio::test]
async fn a_client_that_is_registered_for_it_asks_for_its_own_token() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let body = json!({
        "client_id": "deployer", "grants": ["client_credentials"],
        "scopes": ["signet:admin"], "audiences": ["signet:admin"],
    });
    let added = admin.ask("POST", "/admin/clients", &body.to_string()).await;
    let deployer = Program {
        id: "deployer",
        secret: Some(added.member("client_secret")),
    };
    let form = "grant_type=client_credentials";
    let answer = deployer.ask(&app, "/oauth/token", form).await;
    let token = answer.member("access_token");
    assert_eq!(list_as(&app, &token).await.status, 200);

    let disabled = admin
        .ask("POST", "/admin/clients/deployer/disable", "")
        .await;
    assert_eq!(disabled.json()["status"], "disabled");
    let denied = list_as(&app, &token).await;
    assert_eq!(denied.problem(), (401, "session_ended".to_owned()));
}

#[tokio::test]
async fn tokens_of_the_command_line_are_taken_back_by_its_client_id() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let path = "/admin/clients/signet:command-line";
    assert_eq!(admin.ask("DELETE", path, "").await.status, 204);
    let denied = admin.ask("GET", "/admin/clients", "").await;
    assert_eq!(denied.problem(), (401, "session_ended".to_owned()));
    // Another host whose clock is ahead may have signed one just before.
    app.clock.advance(Duration::from_secs(3));
    let later = Admin::of(&app);
    assert_eq!(
        later.get("/admin/clients").await["clients"],
        json!([]),
        "one that was signed afterwards"
    );
}

#[tokio::test]
async fn a_person_never_administers_whatever_the_client_may() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let body = json!({
        "client_id": "app", "authentication": "none", "grants": ["refresh_token"],
        "scopes": ["account", "signet:admin"], "audiences": ["api", "signet:admin"],
    });
    let added = admin.ask("POST", "/admin/clients", &body.to_string()).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let token = sign_in(&app, "app").await.member("access_token");
    let refused = list_as(&app, &token).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn another_host_is_refused_before_anything_else() {
    let app = TestApp::with(&[("SIGNET_OPS_HOSTS", "signet.internal")]).await;
    let bearer = format!("Bearer {}", token(&app, "signet:admin", "signet:admin"));
    for (host, status) in [
        ("signet.internal:9090", 200),
        ("localhost", 200),
        ("evil.example:9090", 403),
    ] {
        let answer = list(&app, &[("host", host), ("authorization", &bearer)]).await;
        assert_eq!(answer.status, status, "{host}");
    }
    let nameless = list(&app, &[("authorization", &bearer)]).await;
    assert_eq!(nameless.problem(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn the_public_listener_knows_nothing_of_it() {
    let app = TestApp::start().await;
    let bearer = format!("Bearer {}", token(&app, "signet:admin", "signet:admin"));
    let headers = [FORM, ("host", "localhost"), ("authorization", &*bearer)];
    for path in ["/admin/clients", "/admin/keys", "/admin"] {
        let answer = app.send(request("GET", path, &headers, "")).await;
        assert_eq!(answer.problem(), (404, "not_found".to_owned()), "{path}");
    }
    let me = request("GET", "/auth/me", &[("authorization", &bearer)], "");
    assert_eq!(app.send(me).await.problem(), (403, "forbidden".to_owned()));
}
