//! The sessions that clients get: where they are seen from, and how many there are.

use serde_json::{Value, json};

use super::browser::{Browser, register};
use super::client::{CALLBACK, Web};
use crate::support::{Answer, TestApp, request};

const ADA: &str = "ada@example.com";
const FIREFOX: &str = "(X11; Linux x86_64) Firefox/145.0";

/// A browser in which Ada is signed in, and her tokens of another session.
async fn signed_in(app: &TestApp) -> (Browser, Answer) {
    let tokens = register(app, ADA).await;
    let mut browser = Browser {
        user_agent: format!("Mozilla/5.0 {FIREFOX}"),
        ..Browser::default()
    };
    let page = browser.visit(app, "/signin").await;
    browser.sign_in(app, &page, ADA).await;
    (browser, tokens)
}

async fn redeemed(app: &TestApp, client: &Web, browser: &mut Browser) -> Answer {
    let sent = browser.visit(app, &client.authorize(&[])).await;
    client.redeem(app, &sent.to_client(CALLBACK)["code"]).await
}

/// The sessions of a client, as Ada sees them.
async fn sessions(app: &TestApp, tokens: &Answer, client_id: &str) -> Vec<Value> {
    let bearer = format!("Bearer {}", tokens.member("access_token"));
    let headers = [("authorization", bearer.as_str())];
    let listed = app
        .send(request("GET", "/auth/sessions", &headers, ""))
        .await;
    let mut sessions = listed.json()["sessions"].as_array().unwrap().clone();
    sessions.retain(|session| session["client_id"] == client_id);
    sessions
}

#[tokio::test]
async fn a_session_of_a_web_app_shows_the_browser_of_the_person_and_not_the_server() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let (mut browser, own) = signed_in(&app).await;
    let tokens = redeemed(&app, &wiki, &mut browser).await;
    let refresh = tokens.member("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    assert_eq!(wiki.ask(&app, "/oauth/token", &form).await.status, 200);
    let shown = sessions(&app, &own, "wiki").await;
    assert_eq!(shown[0]["user_agent"], FIREFOX);
    assert_eq!(shown[0]["last_used_user_agent"], FIREFOX);
}

#[tokio::test]
async fn an_app_without_a_server_shows_where_it_refreshes() {
    let app = TestApp::start().await;
    let fields = json!({"first_party": true, "authentication": "none"});
    let mobile = Web::register(&app, "mobile", &fields).await;
    let (mut browser, own) = signed_in(&app).await;
    let tokens = redeemed(&app, &mobile, &mut browser).await;
    let refresh = tokens.member("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    assert_eq!(mobile.ask(&app, "/oauth/token", &form).await.status, 200);
    let shown = sessions(&app, &own, "mobile").await;
    assert_eq!(shown[0]["user_agent"], FIREFOX);
    assert_eq!(shown[0]["last_used_user_agent"], "");
}

#[tokio::test]
async fn a_client_that_sends_the_browser_here_again_and_again_signs_nothing_else_out() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let blog = Web::register(&app, "blog", &json!({"first_party": true})).await;
    let (mut browser, own) = signed_in(&app).await;
    redeemed(&app, &blog, &mut browser).await;
    for _ in 0..105 {
        assert_eq!(redeemed(&app, &wiki, &mut browser).await.status, 200);
    }
    assert_eq!(sessions(&app, &own, "wiki").await.len(), 10);
    assert_eq!(sessions(&app, &own, "blog").await.len(), 1);
    assert_eq!(sessions(&app, &own, "signet:browser").await.len(), 1);
    assert_eq!(browser.visit(&app, "/account").await.status, 200);
}
