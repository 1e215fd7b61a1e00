//! Two tabs of one browser in which a person answers requests.

use serde_json::json;

use super::browser::{Browser, register};
use super::client::{CALLBACK, Web};
use crate::support::{Answer, TestApp};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

/// A person who is signed in, and the page that asks for the consent to a third party's client.
async fn asked(app: &TestApp, wiki: &Web) -> (Browser, Answer) {
    register(app, ADA).await;
    let mut browser = Browser::default();
    let profile = [("scope", "openid profile"), ("state", "first tab")];
    let page = browser.visit(app, &wiki.authorize(&profile)).await;
    let page = browser.sign_in(app, &page, ADA).await;
    assert_eq!(page.heading(), "Allow access?");
    (browser, page)
}

#[tokio::test]
async fn of_two_tabs_each_decides_about_the_client_and_the_scopes_that_it_shows() {
    let app = TestApp::start().await;
    let wiki = Web::foreign(&app).await;
    let notes = Web::register(&app, "notes", &json!({})).await;
    let (mut browser, first) = asked(&app, &wiki).await;
    let wider = [
        ("scope", "openid profile email offline_access"),
        ("state", "second tab"),
    ];
    let second = browser.visit(&app, &notes.authorize(&wider)).await;
    let third = browser.visit(&app, &wiki.authorize(&wider)).await;

    let allowed = browser.submit(&app, &first, &[("decision", "allow")]);
    let sent = allowed.await.to_client(CALLBACK);
    assert_eq!(sent["state"], "first tab");
    let tokens = wiki.redeem(&app, &sent["code"]).await.json();
    assert_eq!(tokens["scope"], "openid profile");
    assert_eq!(tokens.get("refresh_token"), None);

    for tab in [&second, &third] {
        let denied = browser.submit(&app, tab, &[("decision", "deny")]);
        let sent = denied.await.to_client(CALLBACK);
        assert_eq!(
            (sent["error"].as_str(), sent["state"].as_str()),
            ("access_denied", "second tab")
        );
    }
    for client in [&wiki, &notes] {
        let page = browser.visit(&app, &client.authorize(&wider)).await;
        assert_eq!(page.heading(), "Allow access?");
    }
}

#[tokio::test]
async fn of_two_tabs_with_one_request_the_second_decides_nothing() {
    let app = TestApp::start().await;
    let wiki = Web::foreign(&app).await;
    let (mut browser, page) = asked(&app, &wiki).await;
    let denied = browser.submit(&app, &page, &[("decision", "deny")]).await;
    assert_eq!(denied.to_client(CALLBACK)["error"], "access_denied");
    let late = browser.submit(&app, &page, &[("decision", "allow")]).await;
    is_told_of_the_first_answer(&late);
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    assert_eq!(page.heading(), "Allow access?");

    let allowed = browser.submit(&app, &page, &[("decision", "allow")]).await;
    let code = allowed.to_client(CALLBACK)["code"].clone();
    let late = browser.submit(&app, &page, &[("decision", "deny")]).await;
    is_told_of_the_first_answer(&late);
    assert_eq!(wiki.redeem(&app, &code).await.status, 200);
}

/// The tabs answer one after the other, but the browser of the first one has not followed yet.
#[tokio::test]
async fn a_denial_comes_too_late_before_the_client_has_its_code() {
    let app = TestApp::start().await;
    let wiki = Web::foreign(&app).await;
    let (mut browser, page) = asked(&app, &wiki).await;
    let (action, allow) = page.form(&[("decision", "allow")]);
    let allowed = browser.post(&app, &action, &allow).await;
    let next = allowed.location().to_owned();
    let late = browser.submit(&app, &page, &[("decision", "deny")]).await;
    is_told_of_the_first_answer(&late);
    // A double click sends the same answer twice.
    let again = browser.post(&app, &action, &allow).await;
    assert_eq!(again.location(), next);
    let code = browser.visit(&app, &next).await.to_client(CALLBACK)["code"].clone();
    assert_eq!(wiki.redeem(&app, &code).await.status, 200);
    let late = browser.visit(&app, &next).await;
    is_told_of_the_first_answer(&late);
}

#[tokio::test]
async fn a_consent_counts_for_the_account_that_gave_it_only() {
    let app = TestApp::start().await;
    let wiki = Web::foreign(&app).await;
    let (mut browser, page) = asked(&app, &wiki).await;
    register(&app, BOB).await;
    let (action, allow) = page.form(&[("decision", "allow")]);
    let allowed = browser.post(&app, &action, &allow).await;
    let next = allowed.location().to_owned();
    let other = browser.visit(&app, "/signin?other=1").await;
    browser.sign_in(&app, &other, BOB).await;
    let page = browser.visit(&app, &next).await;
    assert_eq!(page.heading(), "Allow access?");
    assert!(page.text.contains(BOB), "{}", page.text);
    let denied = browser.submit(&app, &page, &[("decision", "deny")]).await;
    assert_eq!(denied.to_client(CALLBACK)["error"], "access_denied");
}

fn is_told_of_the_first_answer(late: &Answer) {
    assert_eq!(
        (late.status.as_u16(), late.heading()),
        (400, "This was answered before")
    );
    assert_eq!(late.header("location"), None);
}

#[tokio::test]
async fn a_tab_gives_no_consent_for_an_account_that_signed_in_in_another_tab() {
    let app = TestApp::start().await;
    let wiki = Web::foreign(&app).await;
    let (mut browser, page_of_ada) = asked(&app, &wiki).await;
    register(&app, BOB).await;
    let page = browser.visit(&app, "/signin?other=1").await;
    browser.sign_in(&app, &page, BOB).await;
    let answer = browser.submit(&app, &page_of_ada, &[("decision", "allow")]);
    let answer = answer.await;
    assert_eq!(answer.heading(), "Allow access?");
    assert!(answer.text.contains(BOB), "{}", answer.text);
    assert!(!answer.text.contains(ADA), "{}", answer.text);
}
