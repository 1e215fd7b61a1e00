//! What a person has allowed clients: seeing it, and withdrawing it.

use std::collections::BTreeSet;

use serde_json::json;

use super::browser::{Browser, register};
use super::client::{CALLBACK, Web, userinfo};
use crate::support::{Answer, TestApp, request};

const ADA: &str = "ada@example.com";
const OFFLINE: [(&str, &str); 1] = [("scope", "openid offline_access pages:read")];

/// Ada with a session of her own, and a browser whose wiki is allowed something.
struct Allowed {
    app: TestApp,
    wiki: Web,
    browser: Browser,
    own: Answer,
}

impl Allowed {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let own = register(&app, ADA).await;
        let (wiki, mut browser) = (Web::foreign(&app).await, Browser::default());
        let page = browser.visit(&app, &wiki.authorize(&OFFLINE)).await;
        let consent = browser.sign_in(&app, &page, ADA).await;
        let allowed = browser.submit(&app, &consent, &[("decision", "allow")]);
        assert!(allowed.await.location().starts_with(CALLBACK));
        Self {
            app,
            wiki,
            browser,
            own,
        }
    }

    async fn code(&mut self) -> String {
        let address = self.wiki.authorize(&OFFLINE);
        let sent = self.browser.visit(&self.app, &address).await;
        sent.to_client(CALLBACK)["code"].clone()
    }

    async fn ask(&self, method: &str, path: &str) -> Answer {
        let bearer = format!("Bearer {}", self.own.member("access_token"));
        let headers = [("authorization", bearer.as_str())];
        self.app.send(request(method, path, &headers, "")).await
    }
}

#[tokio::test]
async fn consents_are_listed_and_exported() {
    let allowed = Allowed::new().await;
    let listed = allowed.ask("GET", "/auth/consents").await.json();
    let consent = &listed["consents"][0];
    assert_eq!(listed["consents"].as_array().unwrap().len(), 1);
    assert_eq!(consent["client_id"], "wiki");
    assert_eq!(consent["client_name"], "The <Wiki>");
    let scopes = json!(["openid", "offline_access", "pages:read"]);
    assert_eq!(consent["scopes"], scopes);
    assert_eq!(
        consent["audiences"],
        json!(["wiki", "https://files.example"])
    );
    let exported = allowed.ask("GET", "/auth/export").await.json();
    assert_eq!(exported["consents"], listed["consents"]);
}

#[tokio::test]
async fn withdrawing_a_consent_ends_the_sessions_of_the_client() {
    let mut allowed = Allowed::new().await;
    let code = allowed.code().await;
    let tokens = allowed.wiki.redeem(&allowed.app, &code).await;
    let (access, refresh) = (
        tokens.member("access_token"),
        tokens.member("refresh_token"),
    );
    let gone = allowed.ask("DELETE", "/auth/consents/wiki").await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    assert_eq!(userinfo(&allowed.app, &access).await.status, 401);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    let refused = allowed.wiki.ask(&allowed.app, "/oauth/token", &form).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    // The person stays signed in, and is asked again.
    let address = allowed.wiki.authorize(&OFFLINE);
    let asked = allowed.browser.visit(&allowed.app, &address).await;
    assert_eq!(asked.heading(), "Allow access?");
    for client in ["wiki", "nobody", "signet"] {
        let path = format!("/auth/consents/{client}");
        let unknown = allowed.ask("DELETE", &path).await;
        assert_eq!(unknown.problem(), (404, "not_found".to_owned()), "{client}");
    }
}

#[tokio::test]
async fn a_code_from_before_the_withdrawal_is_refused() {
    let mut allowed = Allowed::new().await;
    let code = allowed.code().await;
    allowed.ask("DELETE", "/auth/consents/wiki").await;
    let refused = allowed.wiki.redeem(&allowed.app, &code).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    let sessions = allowed.ask("GET", "/auth/sessions").await.json();
    let clients = sessions["sessions"].as_array().unwrap().iter();
    let clients = clients.map(|session| session["client_id"].as_str().unwrap());
    let clients: BTreeSet<_> = clients.collect();
    assert_eq!(clients, BTreeSet::from(["signet", "signet:browser"]));
}
