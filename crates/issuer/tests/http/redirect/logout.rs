//! Signing out here, for people and for the clients that send them.

use std::time::Duration;

use super::browser::{Browser, PASSWORD, register};
use super::client::{CALLBACK, Web, userinfo};
use crate::support::TestApp;

const ADA: &str = "ada@example.com";
const BYE: &str = "https://wiki.example/bye";

struct SignedIn {
    browser: Browser,
    access: String,
    refresh: String,
    id_token: String,
}

async fn signed_in(app: &TestApp, wiki: &Web) -> SignedIn {
    register(app, ADA).await;
    in_a_new_browser(app, wiki).await
}

async fn in_a_new_browser(app: &TestApp, wiki: &Web) -> SignedIn {
    let mut browser = Browser::default();
    let page = browser.visit(app, &wiki.authorize(&[])).await;
    let sent = browser.sign_in(app, &page, ADA).await.to_client(CALLBACK);
    let tokens = wiki.redeem(app, &sent["code"]).await;
    SignedIn {
        browser,
        access: tokens.member("access_token"),
        refresh: tokens.member("refresh_token"),
        id_token: tokens.member("id_token"),
    }
}

async fn is_over(app: &TestApp, wiki: &Web, one: &mut SignedIn) {
    assert_eq!(userinfo(app, &one.access).await.status, 401);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", one.refresh.as_str()),
    ];
    let refused = wiki.ask(app, "/oauth/token", &form).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));
    let page = one.browser.visit(app, &wiki.authorize(&[])).await;
    assert_eq!(page.heading(), "Sign in");
}

#[tokio::test]
async fn signing_out_here_ends_the_sessions_of_clients() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut one = signed_in(&app, &wiki).await;
    let mut other = in_a_new_browser(&app, &wiki).await;
    let page = one.browser.visit(&app, "/oauth/logout").await;
    assert_eq!(page.heading(), "Sign out?");
    assert_eq!(userinfo(&app, &one.access).await.status, 200);
    let done = one.browser.submit(&app, &page, &[]).await;
    assert_eq!(done.heading(), "You are signed out");
    assert!(!one.browser.cookies.contains_key("signet_sso"));
    is_over(&app, &wiki, &mut one).await;
    assert_eq!(userinfo(&app, &other.access).await.status, 200);
    let page = other.browser.visit(&app, "/signin").await;
    assert_eq!(page.heading(), "You are signed in");
}

#[tokio::test]
async fn a_client_with_an_id_token_of_the_person_signs_out_without_a_question() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut one = signed_in(&app, &wiki).await;
    app.clock.advance(Duration::from_hours(1));
    let path = format!(
        "/oauth/logout?id_token_hint={}&post_logout_redirect_uri={BYE}&state=s1",
        one.id_token
    );
    let done = one.browser.visit(&app, &path).await;
    assert_eq!(done.location(), format!("{BYE}?state=s1"));
    is_over(&app, &wiki, &mut one).await;
}

#[tokio::test]
async fn the_id_token_of_somebody_else_signs_nobody_out() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut ada = signed_in(&app, &wiki).await;
    let mut eve = Browser::default();
    let page = eve.visit(&app, "/signin/register").await;
    let filled = [("email", "eve@example.com"), ("password", PASSWORD)];
    eve.submit(&app, &page, &filled).await;
    let sent = eve
        .visit(&app, &wiki.authorize(&[]))
        .await
        .to_client(CALLBACK);
    let hers = wiki.redeem(&app, &sent["code"]).await.member("id_token");
    let (signed, _) = ada.id_token.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", "A".repeat(342));
    for hint in [hers.as_str(), &ada.access, &forged, "x"] {
        let page = ada
            .browser
            .visit(&app, &format!("/oauth/logout?id_token_hint={hint}"))
            .await;
        assert_eq!(page.heading(), "Sign out?", "{hint}");
        assert_eq!(userinfo(&app, &ada.access).await.status, 200);
    }
}

#[tokio::test]
async fn a_browser_is_sent_only_to_addresses_that_are_registered_for_it() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut one = signed_in(&app, &wiki).await;
    let path = |client: &str, uri: &str| {
        format!("/oauth/logout?client_id={client}&post_logout_redirect_uri={uri}&state=s%22")
    };
    for (client, uri) in [
        ("wiki", "https://evil.test"),
        ("wiki", CALLBACK),
        ("nobody", BYE),
        ("", BYE),
    ] {
        let page = one.browser.visit(&app, &path(client, uri)).await;
        assert_eq!(
            (page.status.as_u16(), page.header("location")),
            (400, None),
            "{client} {uri}"
        );
    }
    let page = one.browser.visit(&app, &path("wiki", BYE)).await;
    assert_eq!(page.heading(), "Sign out?");
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.ends_with("form-action 'self' https://wiki.example"),
        "{policy}"
    );
    let done = one.browser.submit(&app, &page, &[]).await;
    assert_eq!(done.location(), format!("{BYE}?state=s%22"));
    is_over(&app, &wiki, &mut one).await;
}
