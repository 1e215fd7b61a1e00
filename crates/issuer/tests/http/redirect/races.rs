//! A code that is redeemed while its sign-in ends, or more than once: whichever comes first, no
//! session lives on.

use futures::future::join_all;
use serde_json::json;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_verifier::Clock as _;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_uses_of_a_code_at_once_at_two_replicas_one_gets_tokens_and_they_are_dead() {
    let app = TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await;
    let replica = app.replica().await;
    let wiki = Web::own(&app).await;
    register(&app, ADA).await;
    for uses in [2, 3, 10, 20] {
        let (_, code) = signed_in(&app, &wiki, PASSWORD).await;
        let used = (0..uses).map(|turn| wiki.redeem([&app, &replica][turn % 2], &code));
        let answers = join_all(used).await;
        let won = answers.iter().filter(|answer| answer.status == 200);
        assert_eq!(won.count(), 1, "of {uses}");
        for answer in &answers {
            nothing_is_left(&app, &wiki, answer).await;
            nothing_is_left(&replica, &wiki, answer).await;
        }
    }
}

/// The other use may look for the session before it is there.
#[tokio::test]
async fn a_first_use_that_is_counted_after_another_gets_tokens_and_ends_its_session() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    register(&app, ADA).await;
    let (_, code) = signed_in(&app, &wiki, PASSWORD).await;
    let token = OneTimeToken::read(OneTimePurpose::AuthorizationCode, &code).unwrap();
    let (challenges, now) = (&app.app.flows.stores.challenges, app.clock.now());
    let purpose = OneTimePurpose::AuthorizationCodeUses;
    let other = challenges.attempt(purpose, token.digest(), now).await;
    assert_eq!(other.unwrap().unwrap().number, 1);
    let redeemed = wiki.redeem(&app, &code).await;
    assert_eq!(redeemed.status, 200, "{}", redeemed.text);
    nothing_is_left(&app, &wiki, &redeemed).await;
}
