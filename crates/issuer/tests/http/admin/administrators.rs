//! Accounts with roles that administer: a token with narrower scopes neither makes nor takes over one.

use serde_json::json;

use super::Admin;
use crate::redirect::register;
use crate::support::{LOCAL, TestApp, request};

const ROLES: [&str; 3] = ["signet:admin", "signet:admin:read", "signet:admin:accounts"];

fn forbidden() -> (u16, String) {
    (403, "forbidden".to_owned())
}

#[tokio::test]
async fn who_may_change_accounts_gives_nobody_a_role_that_administers() {
    let app = TestApp::with(&[("SIGNET_REGISTRATION", "invite")]).await;
    let limited = Admin::with_scope(&app, "signet:admin:accounts");
    let body = json!({"email": "ada@example.com"}).to_string();
    let ada = limited.ask("POST", "/admin/accounts", &body).await.json();
    let path = format!("/admin/accounts/{}", ada["id"].as_str().unwrap());
    for role in ROLES {
        let roles = json!({"roles": ["editor", role]}).to_string();
        let refused = limited.ask("PATCH", &path, &roles).await;
        assert_eq!(refused.problem(), forbidden(), "{role}");
        let with_role = json!({"email": "eve@example.com", "roles": [role]}).to_string();
        for path in ["/admin/accounts", "/admin/invitations"] {
            let refused = limited.ask("POST", path, &with_role).await;
            assert_eq!(refused.problem(), forbidden(), "{path} {role}");
        }
        let bearer = format!("Bearer {}", limited.token);
        let headers = [
            LOCAL,
            ("authorization", bearer.as_str()),
            ("content-type", "application/x-ndjson"),
        ];
        let imported = request("POST", "/admin/accounts/import", &headers, &with_role);
        let verdict = app.send_to_operations(imported).await.text;
        assert!(verdict.contains("\"field\":\"roles\""), "{verdict}");
    }
    let all = Admin::of(&app).get("/admin/accounts").await;
    assert_eq!(all["accounts"].as_array().unwrap().len(), 1);
    let roles = json!({"roles": ["signet:administrators"]}).to_string();
    assert_eq!(limited.ask("PATCH", &path, &roles).await.status, 200);
}

#[tokio::test]
async fn who_may_change_accounts_takes_over_no_account_that_administers() {
    let app = TestApp::start().await;
    let (all, limited) = (
        Admin::of(&app),
        Admin::with_scope(&app, "signet:admin:accounts"),
    );
    register(&app, "ada@example.com").await;
    let listed = all.get("/admin/accounts").await;
    let id = listed["accounts"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/accounts/{id}");
    let roles = json!({"roles": ["signet:admin:read"]}).to_string();
    assert_eq!(all.ask("PATCH", &path, &roles).await.status, 200);

    let link = json!({"deliver": "link"}).to_string();
    for (method, action, body) in [
        ("PATCH", "", r#"{"roles":[]}"#),
        ("PATCH", "", r#"{"name":"Eve"}"#),
        ("POST", "/password-reset", link.as_str()),
        ("POST", "/disable", ""),
        ("DELETE", "/authenticators/password", ""),
        ("DELETE", "", ""),
    ] {
        let refused = limited.ask(method, &format!("{path}{action}"), body).await;
        assert_eq!(refused.problem(), forbidden(), "{method} {action}");
    }
    let exported = limited.ask("GET", "/admin/accounts/export", "").await;
    assert_eq!(
        (exported.status.as_u16(), exported.text.as_str()),
        (200, "")
    );
    let exported = all.ask("GET", "/admin/accounts/export", "").await;
    assert!(exported.text.contains(&id));
    // Ending sessions is the safe direction.
    let ended = limited.ask("DELETE", &format!("{path}/sessions"), "").await;
    assert_eq!(ended.status, 204);
}
