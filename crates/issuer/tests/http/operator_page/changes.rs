//! Changes: each needs a fresh proof and the right role, and has its event.

use std::time::Duration;

use serde_json::json;

use super::{ADA, EVE, administrator, browser, id_of, sign_in, signed_in};
use crate::admin::Admin;
use crate::audit::{audited, lines};
use crate::redirect::{PASSWORD, register};
use crate::support::{Answer, TestApp};

const STALE: Duration = Duration::from_secs(301);
const CHANGE: &str = "/console/account/change";

async fn refreshes(app: &TestApp, tokens: &Answer) -> bool {
    let body = json!({"refresh_token": tokens.member("refresh_token")});
    app.post("/auth/refresh", &body.to_string()).await.status == 200
}

#[tokio::test]
async fn an_operator_disables_and_enables_an_account_and_the_event_names_the_operator() {
    let (app, _folder, trail) = audited().await;
    let mut browser = signed_in(&app, "signet:admin:accounts").await;
    let tokens = register(&app, EVE).await;
    let path = format!("/console/account?id={}", id_of(&app, EVE).await);
    let page = browser.visit(&app, &path).await;
    let disabled = browser.submit_to(&app, (&page, CHANGE), &[]).await;
    assert!(disabled.text.contains("disabled"), "{}", disabled.text);
    assert!(!refreshes(&app, &tokens).await);
    let enabled = browser.submit_to(&app, (&disabled, CHANGE), &[]).await;
    assert!(enabled.text.contains("Disable the account"));
    let operator = id_of(&app, ADA).await;
    let events = lines(&trail);
    let event = events
        .iter()
        .find(|event| event["type"] == "account.disabled");
    assert_eq!(
        event.unwrap()["actor"],
        json!({"kind": "administrator", "id": operator})
    );
}

#[tokio::test]
async fn five_minutes_after_the_sign_in_a_change_asks_for_the_password_first() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "signet:admin").await;
    let tokens = register(&app, EVE).await;
    let path = format!("/console/account?id={}", id_of(&app, EVE).await);
    let page = browser.visit(&app, &path).await;
    app.clock.advance(STALE);
    let end = [("action", "end-sessions")];
    let asked = browser.submit_to(&app, (&page, CHANGE), &end).await;
    assert_eq!(asked.heading(), "Confirm that it is you");
    assert!(refreshes(&app, &tokens).await, "nothing has changed");
    let wrong = [("password", "not the password")];
    let refused = browser.submit(&app, &asked, &wrong).await;
    assert_eq!(
        (refused.status.as_u16(), refused.heading()),
        (400, asked.heading())
    );
    let page = browser
        .submit(&app, &asked, &[("password", PASSWORD)])
        .await;
    assert_eq!(page.heading(), EVE);
    let page = browser.submit_to(&app, (&page, CHANGE), &end).await;
    assert!(page.text.contains("None."), "{}", page.text);
    assert!(!refreshes(&app, &tokens).await);
}

#[tokio::test]
async fn an_operator_ends_one_session_and_lifts_a_lockout() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "signet:admin").await;
    let tokens = register(&app, EVE).await;
    let path = format!("/console/account?id={}", id_of(&app, EVE).await);
    let page = browser.visit(&app, &path).await;
    let page = browser
        .submit_to(&app, (&page, "/console/account/end-session"), &[])
        .await;
    assert_eq!(page.heading(), EVE);
    assert!(!refreshes(&app, &tokens).await);
    let lift = [("action", "lift-lockout")];
    let page = browser.submit_to(&app, (&page, CHANGE), &lift).await;
    assert_eq!(page.heading(), EVE);
    let unknown = browser.submit_to(&app, (&page, CHANGE), &[("action", "delete")]);
    assert_eq!(unknown.await.status, 400);
}

#[tokio::test]
async fn an_operator_disables_a_client_but_an_administrator_only_with_the_widest_role() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "signet:admin:clients").await;
    for (id, scope) in [("billing", "orders:read"), ("deployer", "signet:admin")] {
        let client = json!({
            "client_id": id, "grants": ["client_credentials"],
            "scopes": [scope], "audiences": ["signet:admin"],
        });
        let admin = Admin::of(&app);
        let added = admin
            .ask("POST", "/admin/clients", &client.to_string())
            .await;
        assert_eq!(added.status, 201, "{}", added.text);
    }
    let status = async |id: &str| {
        Admin::of(&app).get(&format!("/admin/clients/{id}")).await["status"].clone()
    };
    let page = browser.visit(&app, "/console/clients").await;
    let action = (&page, "/console/clients");
    let page_after = browser
        .submit_to(&app, action, &[("client", "billing")])
        .await;
    assert_eq!(page_after.heading(), "Clients");
    assert_eq!(status("billing").await, "disabled");
    let refused = browser
        .submit_to(&app, action, &[("client", "deployer")])
        .await;
    assert_eq!(refused.status, 403);
    assert_eq!(status("deployer").await, "active");
}

#[tokio::test]
async fn no_operator_takes_over_one_with_a_wider_role() {
    let app = TestApp::start().await;
    administrator(&app, EVE, "signet:admin").await;
    let mut browser = signed_in(&app, "signet:admin:accounts").await;
    let path = format!("/console/account?id={}", id_of(&app, EVE).await);
    let page = browser.visit(&app, &path).await;
    let refused = browser.submit_to(&app, (&page, CHANGE), &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("This is an administrator."));
    assert_eq!(
        sign_in(&app, &mut super::browser(), EVE).await.heading(),
        "Overview"
    );
    let mut reading = browser_with(&app, "c@example.com", "signet:admin:read").await;
    let own = page.form_to(CHANGE, &[]);
    let form = reading.cookies["signet_operator_form"].clone();
    let body = own.replacen(&browser.cookies["signet_operator_form"], &form, 1);
    assert_eq!(reading.post(&app, CHANGE, &body).await.status, 403);
}

async fn browser_with(app: &TestApp, email: &str, role: &str) -> crate::redirect::Browser {
    administrator(app, email, role).await;
    let mut browser = browser();
    assert_eq!(
        sign_in(app, &mut browser, email).await.heading(),
        "Overview"
    );
    browser
}
