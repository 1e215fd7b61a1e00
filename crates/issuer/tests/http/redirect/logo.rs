//! The picture of a client on the page that asks for consent.

use serde_json::json;

use super::browser::{Browser, register};
use super::client::Web;
use crate::support::TestApp;

#[tokio::test]
async fn the_page_loads_the_logo_of_the_client_and_nothing_else_from_elsewhere() {
    let app = TestApp::start().await;
    register(&app, "ada@example.com").await;
    let logo = "https://cdn.example/a&b/logo.svg";
    let wiki = Web::register(&app, "wiki", &json!({"logo_uri": logo})).await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(!policy.contains("img-src"), "{policy}");
    let page = browser.sign_in(&app, &page, "ada@example.com").await;
    assert_eq!(page.heading(), "Allow access?");
    let source = "src=\"https://cdn.example/a&amp;b/logo.svg\"";
    assert!(page.text.contains(source), "{}", page.text);
    let policy = page.header("content-security-policy").unwrap();
    assert_eq!(
        policy,
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         img-src https://cdn.example; form-action 'self' https://wiki.example"
    );
}
