//! Accounts under attack: who has to wait, who does not, and who is told.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use signet_issuer::config::LogFormat;
use signet_test_servers::MailSink;

use crate::admin::Admin;
use crate::logs::capture;
use crate::support::{Answer, JSON, TestApp, from, request};

pub(crate) const ADA: &str = "ada@example.com";
/// The right password.
pub(crate) const RIGHT: &str = "engine no. 9 steams";

pub(crate) async fn register(app: &TestApp, email: &str) -> Answer {
    let body = format!(r#"{{"email":"{email}","password":"{RIGHT}","token_delivery":"body"}}"#);
    let registered = app.post("/auth/register", &body).await;
    assert_eq!(registered.status, 201);
    registered
}

/// The token that a program keeps for its next sign-in.
pub(crate) fn device_of(answer: &Answer) -> String {
    answer.header("signet-device").unwrap().to_owned()
}

pub(crate) fn sign_in(
    address: &str,
    device: Option<&str>,
    email: &str,
    password: &str,
) -> Request<Body> {
    let body = format!(r#"{{"email":"{email}","password":"{password}","token_delivery":"body"}}"#);
    let device = device.map(|token| ("signet-device", token));
    let headers: Vec<_> = [JSON].into_iter().chain(device).collect();
    from(address, request("POST", "/auth/login", &headers, &body))
}

pub(crate) async fn status(app: &TestApp, request: Request<Body>) -> u16 {
    app.send(request).await.status.as_u16()
}

/// One guess from each of `number` networks, a second apart; the statuses.
async fn attack(app: &TestApp, email: &str, number: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for network in 0..number {
        let address = format!("198.51.{}.{}", 100 + network / 250, network % 250);
        statuses.push(status(app, sign_in(&address, None, email, "guess no. 1 fails")).await);
        if network + 1 < number {
            app.clock.advance(Duration::from_secs(1));
        }
    }
    statuses
}

#[tokio::test]
async fn delays_grow_for_a_network_that_guesses() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let mut waits = Vec::new();
    for _ in 0..40 {
        let guess = sign_in("192.0.2.1", None, ADA, "guess no. 1 fails");
        let answer = app.send(guess).await;
        if answer.status == 401 {
            waits.push(0);
            continue;
        }
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        waits.push(wait);
        app.clock.advance(Duration::from_secs(wait));
    }
    let longest = |range: std::ops::Range<usize>| waits[range].iter().max().copied();
    assert_eq!(longest(0..5), Some(0));
    assert_eq!(longest(5..15), Some(3));
    assert!(longest(20..40) >= Some(100), "{waits:?}");
}

#[tokio::test]
async fn a_known_device_signs_in_while_many_networks_attack_the_account() {
    let app = TestApp::start().await;
    let device = device_of(&register(&app, ADA).await);
    let statuses = attack(&app, ADA, 60).await;
    assert_eq!(statuses.first(), Some(&401));
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    // A new device has to wait, and the known one does not, from the same address or another.
    let new = sign_in("192.0.2.1", None, ADA, RIGHT);
    assert_eq!(status(&app, new).await, 429);
    for address in ["192.0.2.1", "198.51.100.1"] {
        let known = sign_in(address, Some(&device), ADA, RIGHT);
        assert_eq!(status(&app, known).await, 200);
    }
}

#[tokio::test]
async fn a_known_device_has_a_budget_for_wrong_passwords_too() {
    let app = TestApp::start().await;
    let device = device_of(&register(&app, ADA).await);
    let mut statuses = Vec::new();
    for number in 0..6 {
        let address = format!("192.0.2.{number}");
        let guess = sign_in(&address, Some(&device), ADA, "guess no. 1 fails");
        statuses.push(status(&app, guess).await);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
    // It has used up nothing of the others.
    let elsewhere = sign_in("192.0.2.1", None, ADA, RIGHT);
    assert_eq!(status(&app, elsewhere).await, 200);
}

#[tokio::test]
async fn a_device_of_one_account_gives_nothing_at_another() {
    let app = TestApp::with(&[("SIGNET_LIMITS_LOGIN_PER_MINUTE", "3")]).await;
    register(&app, ADA).await;
    let device = device_of(&register(&app, "eve@example.com").await);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let guess = sign_in("192.0.2.1", Some(&device), ADA, "guess no. 1 fails");
        statuses.push(status(&app, guess).await);
        // The budget of the device itself comes back.
        app.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(statuses, [401, 401, 401, 429]);
    for forged in ["", "sgd_", "sgd_AAAA", &device.replace("sgd_", "sgd_B")] {
        let guess = sign_in("192.0.2.1", Some(forged), ADA, RIGHT);
        assert_eq!(status(&app, guess).await, 429, "{forged}");
    }
}

#[tokio::test]
async fn unknown_known_and_disabled_accounts_answer_an_attack_alike() {
    let mut seen = Vec::new();
    for email in ["nobody@example.com", ADA, "off@example.com"] {
        let app = TestApp::start().await;
        register(&app, ADA).await;
        register(&app, "off@example.com").await;
        let admin = Admin::of(&app);
        let found = admin.get("/admin/accounts?email=off@example.com").await;
        let path = format!(
            "/admin/accounts/{}",
            found["accounts"][0]["id"].as_str().unwrap()
        );
        admin.ask("POST", &format!("{path}/disable"), "").await;
        let mut answers = Vec::new();
        for number in 0..60_u8 {
            let guess = sign_in(
                &format!("192.0.2.{number}"),
                None,
                email,
                "guess no. 1 fails",
            );
            let answer = app.send(guess).await;
            let text = answer.text.replace(email, "");
            answers.push((
                answer.status,
                text,
                answer.header("retry-after").map(str::to_owned),
            ));
            app.clock.advance(Duration::from_secs(6));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}

#[tokio::test]
async fn an_administrator_lifts_the_lockout_at_every_replica() {
    let app = TestApp::start().await;
    let other = app.replica().await;
    register(&app, ADA).await;
    attack(&app, ADA, 60).await;
    assert_eq!(
        status(&app, sign_in("192.0.2.1", None, ADA, RIGHT)).await,
        429
    );
    let admin = Admin::of(&other);
    let found = admin.get("/admin/accounts").await;
    let path = format!(
        "/admin/accounts/{}",
        found["accounts"][0]["id"].as_str().unwrap()
    );
    let lifted = admin.ask("DELETE", &format!("{path}/lockout"), "").await;
    assert_eq!(lifted.status, 204);
    assert_eq!(
        status(&app, sign_in("192.0.2.1", None, ADA, RIGHT)).await,
        200
    );
    let nobody = "/admin/accounts/018f0000-0000-7000-8000-000000000000/lockout";
    assert_eq!(admin.ask("DELETE", nobody, "").await.status, 404);
}

#[tokio::test]
async fn the_owner_and_the_operators_are_told_once_a_day() {
    let (captured, guard) = capture(LogFormat::Json);
    let sink = MailSink::start();
    let url = sink.url();
    let mail = [
        ("SIGNET_SMTP_URL", url.as_str()),
        ("SIGNET_SMTP_FROM", "Example <auth@example.com>"),
    ];
    let app = TestApp::with(&mail).await;
    register(&app, ADA).await;
    for _ in 0..2 {
        attack(&app, ADA, 60).await;
    }
    attack(&app, "nobody@example.com", 60).await;
    app.app.flows.deliver_mail().await.unwrap();
    drop(guard);
    assert_eq!(captured.text().matches("account.attacked").count(), 1);
    let mails = sink.mails();
    let notices = mails
        .iter()
        .filter(|mail| mail.contains("Many wrong passwords"));
    assert_eq!(notices.count(), 1);
}

#[tokio::test]
async fn browsers_keep_the_device_in_a_cookie_that_scripts_cannot_read() {
    let app = TestApp::start().await;
    let body = format!(r#"{{"email":"{ADA}","password":"{RIGHT}"}}"#);
    let registered = app.post("/auth/register", &body).await;
    let cookies: Vec<_> = registered.headers.get_all("set-cookie").iter().collect();
    let cookies = cookies.iter().map(|value| value.to_str().unwrap());
    let device = cookies.filter(|cookie| cookie.starts_with("signet_device=sgd_"));
    let device: Vec<_> = device.collect();
    assert_eq!(device.len(), 1);
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/;", "Max-Age=15552000"] {
        assert!(device[0].contains(attribute), "{attribute}");
    }
    assert_eq!(registered.header("signet-device"), None);
    attack(&app, ADA, 60).await;
    let pair = device[0].split(';').next().unwrap();
    let headers = [JSON, ("cookie", pair)];
    let known = from("192.0.2.1", request("POST", "/auth/login", &headers, &body));
    assert_eq!(status(&app, known).await, 200);
}
