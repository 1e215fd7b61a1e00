//! A code that is redeemed while its sign-in ends: whichever comes first, no session lives on.

use serde_json::json;

use super::browser::{Browser, PASSWORD, register};
use super::client::{CALLBACK, Web, userinfo};
use crate::support::{Answer, TestApp, request};

const ADA: &str = "ada@example.com";
const OTHER_PASSWORD: &str = "engine no. 9 whistles";
const ROUNDS: usize = 8;

/// Signs in with a password; returns the browser and a code for the client.
async fn signed_in(app: &TestApp, wiki: &Web, password: &str) -> (Browser, String) {
    let mut browser = Browser::default();
    let page = browser.visit(app, &wiki.authorize(&[])).await;
    let filled = [("email", ADA), ("password", password)];
    let sent = browser.submit(app, &page, &filled).await;
    let code = sent.to_client(CALLBACK)["code"].clone();
    (browser, code)
}

/// The code was refused, or the tokens that it was redeemed for are worthless.
async fn nothing_is_left(app: &TestApp, wiki: &Web, redeemed: &Answer) {
    if redeemed.status != 200 {
        assert_eq!(redeemed.oauth_error(), (400, "invalid_grant".to_owned()));
        return;
    }
    let access = redeemed.member("access_token");
    assert_eq!(userinfo(app, &access).await.status, 401);
    let refresh = redeemed.member("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    let refused = wiki.ask(app, "/oauth/token", &form).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_that_is_redeemed_during_the_sign_out_leaves_no_session() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    register(&app, ADA).await;
    for _ in 0..ROUNDS {
        let (mut browser, code) = signed_in(&app, &wiki, PASSWORD).await;
        let page = browser.visit(&app, "/oauth/logout").await;
        let signs_out = browser.submit(&app, &page, &[]);
        let (redeemed, _) = tokio::join!(wiki.redeem(&app, &code), signs_out);
        nothing_is_left(&app, &wiki, &redeemed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_that_is_redeemed_during_a_password_change_leaves_no_session() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    register(&app, ADA).await;
    let mut passwords = [PASSWORD, OTHER_PASSWORD];
    for _ in 0..ROUNDS {
        let [current, next] = passwords;
        let (_, code) = signed_in(&app, &wiki, current).await;
        let login = json!({"email": ADA, "password": current, "token_delivery": "body"});
        let session = app.post("/auth/login", &login.to_string()).await;
        let bearer = format!("Bearer {}", session.member("access_token"));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let body = json!({"current_password": current, "new_password": next});
        let change = request("POST", "/auth/password", &headers, &body.to_string());
        let (redeemed, changed) = tokio::join!(wiki.redeem(&app, &code), app.send(change));
        assert_eq!(changed.status, 204, "{}", changed.text);
        nothing_is_left(&app, &wiki, &redeemed).await;
        passwords.reverse();
    }
}
