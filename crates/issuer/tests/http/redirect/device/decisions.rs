//! What a person decides about a device, and what the device learns.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;

use super::{ADA, Device, INTERVAL, deny_and_allow_together, enter, error, invalid};
use crate::redirect::browser::{Browser, PASSWORD};
use crate::redirect::client::{claims, userinfo};
use crate::support::{Answer, TestApp, request};

#[tokio::test]
async fn a_device_gets_tokens_once_after_the_person_allows_it() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let (user_code, device_code) = (device.code("user_code"), device.code("device_code"));
    assert_eq!(
        device.code("verification_uri"),
        "http://127.0.0.1:8080/device"
    );
    let complete = format!("http://127.0.0.1:8080/device?user_code={user_code}");
    assert_eq!(device.code("verification_uri_complete"), complete);
    assert_eq!(
        (&device.codes["expires_in"], &device.codes["interval"]),
        (&json!(600), &json!(5))
    );
    assert!(!device_code.contains(user_code));
    assert_eq!(device.error().await, error("authorization_pending"));

    let mut browser = Browser::default();
    let typed = user_code.to_lowercase().replace('-', " ");
    let page = enter(&app, &mut browser, &typed).await;
    assert_eq!(page.heading(), "Sign in");
    let page = browser.sign_in(&app, &page, ADA).await;
    assert_eq!(page.heading(), "Connect this device?");
    for text in [
        user_code,
        "The &lt;Wiki&gt;",
        "see your email address",
        "pages:read",
        ADA,
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    app.clock.advance(INTERVAL);
    assert_eq!(device.error().await, error("authorization_pending"));
    let done = browser.submit(&app, &page, &[("decision", "allow")]).await;
    assert_eq!(done.heading(), "Your device is connected");

    let tokens = device.poll().await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    let access = tokens.member("access_token");
    assert_eq!(claims(&access)["client_id"], "tool");
    assert_eq!(claims(&access)["scope"], "openid email pages:read");
    assert_eq!(claims(&tokens.member("id_token"))["email"], ADA);
    let refresh = tokens.member("refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
    assert_eq!(
        device.client.ask(&app, "/oauth/token", &form).await.status,
        200
    );
    assert_eq!(device.error().await, invalid());
    assert_eq!(userinfo(&app, &access).await.status, 200);
    let again = enter(&app, &mut browser, user_code).await;
    assert!(
        again.text.contains("This code is wrong or has expired"),
        "{}",
        again.text
    );
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_told_to_slow_down() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    for _ in 0..3 {
        assert_eq!(device.error().await, error("authorization_pending"));
        app.clock.advance(Duration::from_secs(3));
        assert_eq!(device.error().await, error("slow_down"));
        app.clock.advance(Duration::from_secs(2));
    }
    device.decide(&mut Browser::default(), "allow").await;
    assert_eq!(device.poll().await.status, 200);
}

#[tokio::test]
async fn a_person_who_denies_sends_the_device_away() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let done = device.decide(&mut Browser::default(), "deny").await;
    assert_eq!(done.heading(), "Your device is not connected");
    for _ in 0..2 {
        assert_eq!(device.error().await, error("access_denied"));
    }
}

#[tokio::test]
async fn codes_expire_after_ten_minutes() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let mut browser = Browser::default();
    let page = device.open(&mut browser).await;
    app.clock.advance(Duration::from_mins(10));
    assert_eq!(device.error().await, error("expired_token"));
    let late = browser.submit(&app, &page, &[("decision", "allow")]).await;
    assert_eq!(
        (late.status.as_u16(), late.heading()),
        (400, "That did not work")
    );
    assert_eq!(device.error().await, error("expired_token"));
    let wrong = enter(&app, &mut browser, device.code("user_code")).await;
    assert_eq!(wrong.status, 400);
    app.clock.advance(Duration::from_mins(10));
    assert_eq!(device.error().await, invalid());
}

#[tokio::test]
async fn a_device_that_was_allowed_in_time_gets_its_tokens_a_little_later() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    app.clock.advance(Duration::from_secs(599));
    device.decide(&mut Browser::default(), "allow").await;
    app.clock.advance(INTERVAL);
    assert_eq!(device.poll().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_requests_at_once_one_gets_the_tokens() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    device.decide(&mut Browser::default(), "allow").await;
    let answers = join_all((0..20).map(|_| device.poll())).await;
    let granted = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(granted.count(), 1);
    let refused = answers.iter().filter(|answer| answer.status != 200);
    assert!(
        refused
            .map(Answer::oauth_error)
            .all(|told| told == invalid())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn denial_and_approval_at_once_have_one_outcome_that_both_sides_see() {
    let app = TestApp::start().await;
    deny_and_allow_together(&app, &app).await;
}

#[tokio::test]
async fn a_sign_out_or_a_password_change_before_the_device_asks_leaves_it_without_tokens() {
    let app = TestApp::start().await;
    let mut device = Device::own(&app).await;
    let mut browser = Browser::default();
    device.decide(&mut browser, "allow").await;
    let page = browser.visit(&app, "/oauth/logout").await;
    browser.submit(&app, &page, &[]).await;
    assert_eq!(device.error().await, invalid());

    device.again().await;
    device.decide(&mut browser, "allow").await;
    let body = json!({"email": ADA, "password": PASSWORD, "token_delivery": "body"});
    let signed_in = app.post("/auth/login", &body.to_string()).await;
    let bearer = format!("Bearer {}", signed_in.member("access_token"));
    let headers = [("authorization", bearer.as_str())];
    let everywhere = app.send(request("POST", "/auth/logout-all", &headers, ""));
    assert_eq!(everywhere.await.status, 204);
    assert_eq!(device.error().await, invalid());
}

#[tokio::test]
async fn a_connected_device_goes_on_after_the_browser_has_signed_out() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let mut browser = Browser::default();
    device.decide(&mut browser, "allow").await;
    let access = device.poll().await.member("access_token");
    let page = browser.visit(&app, "/oauth/logout").await;
    browser.submit(&app, &page, &[]).await;
    assert_eq!(userinfo(&app, &access).await.status, 200);
}
