//! Access tokens for a code or a device that say less than the person allowed (RFC 8707 section 2.2).

use serde_json::{Value, json};

use super::browser::{Browser, register};
use super::client::{CALLBACK, VERIFIER, Web};
use super::device::Device;
use super::pushed::{push, start};
use crate::support::{Answer, TestApp};

const ADA: &str = "ada@example.com";
const FILES: &str = "https://files.example";

/// Ada, signed in for a client of the operator with two audiences.
struct Scene {
    app: TestApp,
    wiki: Web,
    browser: Browser,
}

impl Scene {
    async fn new() -> Self {
        let app = TestApp::start().await;
        register(&app, ADA).await;
        let (wiki, mut browser) = (Web::own(&app).await, Browser::default());
        let page = browser.visit(&app, "/signin").await;
        browser.sign_in(&app, &page, ADA).await;
        Self { app, wiki, browser }
    }

    async fn code(&mut self, changes: &[(&str, &str)]) -> String {
        self.code_at(&self.wiki.authorize(changes)).await
    }

    async fn code_at(&mut self, address: &str) -> String {
        let sent = self.browser.get(&self.app, address).await;
        sent.to_client(CALLBACK)["code"].clone()
    }

    async fn redeem(&self, code: &str, asked: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let form = [&usual[..], asked].concat();
        self.wiki.ask(&self.app, "/oauth/token", &form).await
    }

    async fn refresh(&self, tokens: &Answer) -> Value {
        self.wiki.refresh(&self.app, tokens).await.claims()
    }
}

#[tokio::test]
async fn a_session_is_for_the_services_that_the_request_names_in_the_browser_or_pushed() {
    let mut scene = Scene::new().await;
    for (asked, audience) in [
        (&[("resource", FILES)][..], json!(FILES)),
        (&[("audience", FILES)], json!(FILES)),
        (&[("audience", "wiki")], json!("wiki")),
        (
            &[("audience", FILES), ("audience", "wiki")],
            json!([FILES, "wiki"]),
        ),
        (
            &[("audience", "wiki"), ("resource", FILES)],
            json!([FILES, "wiki"]),
        ),
    ] {
        let pushed = push(&scene.app, &scene.wiki, asked).await;
        for address in [scene.wiki.authorize(asked), start("wiki", &pushed)] {
            let code = scene.code_at(&address).await;
            let tokens = scene.redeem(&code, &[]).await;
            assert_eq!(tokens.claims()["aud"], audience, "{address}");
            assert_eq!(scene.refresh(&tokens).await["aud"], audience, "{address}");
        }
    }
}

#[tokio::test]
async fn the_first_access_token_of_a_code_says_what_the_request_names() {
    let mut scene = Scene::new().await;
    let all = json!(["wiki", FILES]);
    for (asked, audience, scope) in [
        (&[("resource", FILES)][..], json!(FILES), None),
        (&[("audience", "wiki")], json!("wiki"), None),
        (
            &[("audience", "wiki"), ("resource", FILES)],
            json!([FILES, "wiki"]),
            None,
        ),
        (&[("scope", "pages:read")], all.clone(), Some("pages:read")),
        (&[], all.clone(), None),
    ] {
        let code = scene.code(&[]).await;
        let tokens = scene.redeem(&code, asked).await;
        let whole = "openid profile email pages:read";
        assert_eq!(tokens.claims()["aud"], audience, "{asked:?}");
        assert_eq!(tokens.claims()["scope"], scope.unwrap_or(whole));
        assert_eq!(tokens.json()["scope"], scope.unwrap_or(whole));
        assert!(tokens.json()["id_token"].is_string());
        // The session has everything.
        let refreshed = scene.refresh(&tokens).await;
        assert_eq!(refreshed["aud"], all);
        assert_eq!(refreshed["scope"], whole);
    }
}

#[tokio::test]
async fn a_code_can_be_used_after_a_request_for_more_than_it_allows() {
    let mut scene = Scene::new().await;
    let wanted = [("resource", FILES), ("scope", "openid")];
    let code = scene.code(&wanted).await;
    for (asked, error) in [
        (("resource", "urn:nope"), "invalid_target"),
        (("resource", "relative"), "invalid_target"),
        (("audience", "wiki"), "invalid_target"),
        (("audience", "nope"), "invalid_target"),
        (("scope", "pages:read"), "invalid_scope"),
    ] {
        let refused = scene.redeem(&code, &[asked]).await;
        assert_eq!(refused.oauth_error(), (400, error.to_owned()), "{asked:?}");
    }
    let tokens = scene.redeem(&code, &wanted).await;
    assert_eq!(tokens.claims()["aud"], FILES);
}

#[tokio::test]
async fn who_cannot_redeem_a_code_does_not_learn_what_it_allows() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    let wrong = "X".repeat(43);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", wrong.as_str()),
        ("audience", "nope"),
    ];
    let refused = scene.wiki.ask(&scene.app, "/oauth/token", &form).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn the_first_access_token_of_a_device_says_what_the_request_names() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    device.decide(&mut Browser::default(), "allow").await;
    for (asked, error) in [
        (("resource", "urn:nope"), "invalid_target"),
        (("scope", "account"), "invalid_scope"),
    ] {
        let refused = device.poll_for(&[asked]).await;
        assert_eq!(refused.oauth_error(), (400, error.to_owned()), "{asked:?}");
    }
    let tokens = device.poll_for(&[("resource", FILES)]).await;
    assert_eq!(tokens.claims()["aud"], FILES);
    let token = tokens.member("refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", &token)];
    let refreshed = device.client.ask(&app, "/oauth/token", &form).await;
    assert_eq!(refreshed.claims()["aud"], json!(["wiki", FILES]));
}
