//! What a person has allowed clients: seeing it, and withdrawing it.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join;
use serde_json::{Value, json};

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
        ask_as(&self.app, &self.own, method, path).await
    }
}

/// Asks with the access token of an answer.
async fn ask_as(app: &TestApp, own: &Answer, method: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {}", own.member("access_token"));
    let headers = [("authorization", bearer.as_str())];
    app.send(request(method, path, &headers, "")).await
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

#[tokio::test]
async fn a_code_from_before_the_withdrawal_is_not_covered_by_a_smaller_consent_after_it() {
    let mut allowed = Allowed::new().await;
    let code = allowed.code().await;
    allowed.ask("DELETE", "/auth/consents/wiki").await;
    let address = allowed.wiki.authorize(&[("scope", "openid")]);
    let page = allowed.browser.visit(&allowed.app, &address).await;
    let smaller = allowed
        .browser
        .submit(&allowed.app, &page, &[("decision", "allow")]);
    let smaller = smaller.await.to_client(CALLBACK)["code"].clone();
    let refused = allowed.wiki.redeem(&allowed.app, &code).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    let tokens = allowed.wiki.redeem(&allowed.app, &smaller).await;
    assert_eq!(tokens.json()["scope"], "openid");
}

const READ_MAIL: [(&str, &str); 2] = [("scope", "read"), ("resource", "https://mail.example")];
const WRITE_FILES: [(&str, &str); 2] = [("scope", "write"), ("resource", "https://files.example")];
const WRITE_MAIL: [(&str, &str); 2] = [("scope", "write"), ("resource", "https://mail.example")];

/// Ada, signed in at a browser, and another company's client with two scopes and two audiences.
struct Office {
    app: TestApp,
    client: Web,
    browser: Browser,
    own: Answer,
}

impl Office {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let own = register(&app, ADA).await;
        let fields = json!({
            "scopes": ["read", "write"],
            "audiences": ["https://mail.example", "https://files.example"],
        });
        let (client, browser) = (
            Web::register(&app, "office", &fields).await,
            Browser::default(),
        );
        Self {
            app,
            client,
            browser,
            own,
        }
    }

    /// What Ada has allowed the client.
    async fn consent(&self) -> Value {
        let listed = ask_as(&self.app, &self.own, "GET", "/auth/consents");
        listed.await.json()["consents"][0].clone()
    }

    /// Asks, and signs in if that is asked for.
    async fn ask(&mut self, asked: &[(&str, &str)]) -> Answer {
        let address = self.client.authorize(asked);
        let page = self.browser.visit(&self.app, &address).await;
        if page.status == 200 && page.heading() == "Sign in" {
            return self.browser.sign_in(&self.app, &page, ADA).await;
        }
        page
    }

    async fn is_asked(&mut self, asked: &[(&str, &str)]) -> Answer {
        let page = self.ask(asked).await;
        assert_eq!(page.heading(), "Allow access?", "{asked:?}");
        page
    }

    async fn allow(&mut self, asked: &[(&str, &str)]) {
        let page = self.is_asked(asked).await;
        let sent = self
            .browser
            .submit(&self.app, &page, &[("decision", "allow")]);
        assert!(sent.await.to_client(CALLBACK).contains_key("code"));
    }

    async fn is_not_asked(&mut self, asked: &[(&str, &str)]) {
        let sent = self.ask(asked).await.to_client(CALLBACK);
        assert!(sent.contains_key("code"), "{asked:?}: {sent:?}");
    }
}

#[tokio::test]
async fn what_was_allowed_for_one_service_is_not_allowed_for_another() {
    let mut office = Office::new().await;
    office.allow(&READ_MAIL).await;
    office.allow(&WRITE_FILES).await;
    office.is_asked(&WRITE_MAIL).await;
    let quiet = [&WRITE_MAIL[..], &[("prompt", "none")]].concat();
    let told = office.ask(&quiet).await.to_client(CALLBACK);
    assert_eq!(told["error"], "consent_required");
    // All audiences of the client.
    office.is_asked(&[("scope", "read")]).await;
    office.is_not_asked(&READ_MAIL).await;
    office.is_not_asked(&WRITE_FILES).await;

    let page = office
        .browser
        .visit(&office.app, "/account/applications")
        .await;
    let text = page.text.replace('\n', "");
    for grant in ["<li>read</li></ul>", "<li>write</li></ul>"] {
        assert!(text.contains(grant), "{text}");
    }
    office.allow(&WRITE_MAIL).await;
    office.is_not_asked(&WRITE_MAIL).await;
}

#[tokio::test]
async fn the_grants_of_a_consent_show_which_scopes_are_for_which_services() {
    let mut office = Office::new().await;
    office.allow(&READ_MAIL).await;
    let first = office.consent().await;
    office.app.clock.advance(Duration::from_mins(1));
    office.allow(&WRITE_FILES).await;
    let both = office.consent().await;
    assert_ne!(both["given_at"], first["given_at"]);
    assert_eq!(both["scopes"], json!(["write", "read"]));
    let services = json!(["https://files.example", "https://mail.example"]);
    assert_eq!(both["audiences"], services);
    let grants = json!([
        {
            "scopes": ["write"],
            "audiences": ["https://files.example"],
            "given_at": both["given_at"],
            "expires_at": both["expires_at"],
        },
        {
            "scopes": ["read"],
            "audiences": ["https://mail.example"],
            "given_at": first["given_at"],
            "expires_at": first["expires_at"],
        },
    ]);
    assert_eq!(both["grants"], grants);
    assert_eq!(first["grants"], json!([grants[1]]));
}

#[tokio::test]
async fn a_later_consent_prolongs_no_earlier_one() {
    let mut office = Office::new().await;
    office.allow(&READ_MAIL).await;
    office.app.clock.advance(Duration::from_hours(24 * 100));
    office.allow(&WRITE_FILES).await;
    office.is_not_asked(&READ_MAIL).await;
    office.app.clock.advance(Duration::from_hours(24 * 80));
    office.is_asked(&READ_MAIL).await;
    office.is_not_asked(&WRITE_FILES).await;
    let page = office
        .browser
        .visit(&office.app, "/account/applications")
        .await;
    assert!(page.text.contains("<li>write</li>"), "{}", page.text);
    assert!(!page.text.contains("<li>read</li>"), "{}", page.text);
}

#[tokio::test]
async fn two_answers_at_once_are_both_remembered() {
    let mut office = Office::new().await;
    let (first, mut other) = (office.is_asked(&READ_MAIL).await, Browser::default());
    let address = office.client.authorize(&WRITE_FILES);
    let page = other.visit(&office.app, &address).await;
    let second = other.sign_in(&office.app, &page, ADA).await;
    let (app, allow) = (&office.app, [("decision", "allow")]);
    let answers = join(
        office.browser.submit(app, &first, &allow),
        other.submit(app, &second, &allow),
    );
    let (first, second) = answers.await;
    for sent in [first, second] {
        assert!(sent.to_client(CALLBACK).contains_key("code"));
    }
    office.is_not_asked(&READ_MAIL).await;
    office.is_not_asked(&WRITE_FILES).await;
}
