//! Registration that is answered by mail.

use std::time::Duration;

use serde_json::{Value, json};
use signet_test_servers::MailSink;

use crate::admin::Admin;
use crate::mailbox::{deliver, mailing_with, newest, token};
use crate::redirect::Browser;
use crate::support::{Answer, TestApp, request};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "engine no. 9 steams";
const BY_MAIL: [(&str, &str); 1] = [("SIGNET_REGISTRATION", "mail")];

async fn by_mail(sink: &MailSink) -> TestApp {
    mailing_with(sink, &BY_MAIL).await
}

/// Asks for a registration and lets the worker answer; returns how many mails that made.
async fn ask(test: &TestApp, sink: &MailSink) -> usize {
    let before = sink.mails().len();
    let asked = json!({ "email": ADA }).to_string();
    let answer = test.post("/auth/register", &asked).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (202, ""));
    deliver(test).await;
    sink.mails().len() - before
}

async fn accept(test: &TestApp, token: &str) -> Answer {
    let body = json!({"invitation": token, "password": PASSWORD, "token_delivery": "body"});
    test.post("/auth/register", &body.to_string()).await
}

async fn login(test: &TestApp, password: &str) -> u16 {
    let body = json!({"email": ADA, "password": password, "token_delivery": "body"});
    test.post("/auth/login", &body.to_string())
        .await
        .status
        .as_u16()
}

async fn own_account(test: &TestApp, signed_in: &Answer) -> Answer {
    let bearer = format!("Bearer {}", signed_in.member("access_token"));
    let headers = [("authorization", bearer.as_str())];
    test.send(request("GET", "/auth/me", &headers, "")).await
}

async fn add(admin: &Admin<'_>, body: Value) -> String {
    let added = admin
        .ask("POST", "/admin/accounts", &body.to_string())
        .await;
    assert_eq!(added.status, 201, "{}", added.text);
    added.member("id")
}

#[tokio::test]
async fn an_address_without_an_account_gets_a_link_that_registers_it_verified() {
    let sink = MailSink::start();
    let test = by_mail(&sink).await;
    assert_eq!(ask(&test, &sink).await, 1);
    assert!(newest(&sink).contains("Subject: Your registration with Example"));
    let lost = token(&sink, "invite_");
    assert_eq!(ask(&test, &sink).await, 1);
    let link = token(&sink, "invite_");
    let invalid = (400, "invalid_token".to_owned());
    assert_eq!(accept(&test, &lost).await.problem(), invalid);
    let registered = accept(&test, &link).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    let me = own_account(&test, &registered).await;
    assert_eq!(me.json()["email_verified"], true, "{}", me.text);
    test.clock.advance(Duration::from_mins(10));
    assert_eq!(accept(&test, &link).await.problem(), invalid);
}

#[tokio::test]
async fn a_password_of_the_first_request_opens_nothing() {
    let sink = MailSink::start();
    let test = by_mail(&sink).await;
    let planted = json!({"email": ADA, "password": "analytical planted", "name": "Mallory"});
    let asked = test.post("/auth/register", &planted.to_string()).await;
    assert_eq!(asked.status, 202);
    deliver(&test).await;
    for ignored in [json!(""), json!("short"), json!(5), json!("x".repeat(300))] {
        let body = json!({"email": "bob@example.com", "password": ignored});
        let asked = test.post("/auth/register", &body.to_string()).await;
        assert_eq!(asked.status, 202, "{}", asked.text);
    }
    assert_eq!(accept(&test, &token(&sink, "invite_")).await.status, 201);
    assert_eq!(login(&test, "analytical planted").await, 401);
    assert_eq!(login(&test, PASSWORD).await, 200);
}

#[tokio::test]
async fn an_address_with_an_account_is_told_so_by_a_mail_without_a_link() {
    let sink = MailSink::start();
    let test = by_mail(&sink).await;
    let admin = Admin::of(&test);
    add(&admin, json!({"email": ADA, "password": PASSWORD})).await;
    deliver(&test).await;
    assert_eq!(ask(&test, &sink).await, 1);
    let mail = newest(&sink);
    assert!(
        mail.contains("Subject: You have an account at Example"),
        "{mail}"
    );
    assert!(!mail.contains("_token") && !mail.contains("invite_") && !mail.contains("reset_"));
    assert_eq!(login(&test, PASSWORD).await, 200);
}

#[tokio::test]
async fn an_invitation_that_waits_keeps_its_roles_and_one_that_was_removed_stays_removed() {
    let sink = MailSink::start();
    let test = by_mail(&sink).await;
    let admin = Admin::of(&test);
    let invite = json!({"email": ADA, "roles": ["staff"]}).to_string();
    let invited = admin.ask("POST", "/admin/invitations", &invite).await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    deliver(&test).await;
    assert_eq!(ask(&test, &sink).await, 1);
    let registered = accept(&test, &token(&sink, "invite_")).await;
    let me = own_account(&test, &registered).await;
    assert_eq!(me.json()["roles"], json!(["staff"]), "{}", me.text);
}

#[tokio::test]
async fn an_invited_account_is_activated_only_while_its_invitation_waits() {
    let sink = MailSink::start();
    let test = by_mail(&sink).await;
    let admin = Admin::of(&test);
    add(
        &admin,
        json!({"email": ADA, "roles": ["staff"], "invite": true}),
    )
    .await;
    deliver(&test).await;
    assert_eq!(ask(&test, &sink).await, 1);
    let link = token(&sink, "invite_");
    let listed = admin.ask("GET", "/admin/invitations", "").await.json();
    let id = listed["invitations"][0]["id"].as_str().unwrap();
    let removed = format!("/admin/invitations/{id}");
    assert_eq!(admin.ask("DELETE", &removed, "").await.status, 204);
    let invalid = (400, "invalid_token".to_owned());
    assert_eq!(accept(&test, &link).await.problem(), invalid);
    assert_eq!(ask(&test, &sink).await, 0);
}

#[tokio::test]
async fn a_disabled_account_gets_no_mail() {
    let sink = MailSink::start();
    let test = by_mail(&sink).await;
    let admin = Admin::of(&test);
    let id = add(&admin, json!({"email": ADA, "password": PASSWORD})).await;
    let disable = format!("/admin/accounts/{id}/disable");
    assert_eq!(admin.ask("POST", &disable, "").await.status, 200);
    deliver(&test).await;
    assert_eq!(ask(&test, &sink).await, 0);
}

#[tokio::test]
async fn the_page_asks_for_the_address_alone_and_says_the_same_for_each() {
    let sink = MailSink::start();
    let test = by_mail(&sink).await;
    add(
        &Admin::of(&test),
        json!({"email": ADA, "password": PASSWORD}),
    )
    .await;
    let mut pages = Vec::new();
    for email in [ADA, "nobody@example.com"] {
        let mut browser = Browser::default();
        let page = browser.visit(&test, "/signin/register").await;
        assert!(!page.text.contains("name=\"password\""), "{}", page.text);
        let sent = browser.submit(&test, &page, &[("email", email)]).await;
        pages.push((sent.status, sent.text));
    }
    assert_eq!(pages[0], pages[1]);
    assert!(pages[0].1.contains("We have sent a mail"), "{}", pages[0].1);
}

#[tokio::test]
async fn a_registration_that_is_not_answered_by_mail_needs_a_password() {
    let test = TestApp::start().await;
    let asked = json!({ "email": ADA }).to_string();
    let refused = test.post("/auth/register", &asked).await;
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    let error = &refused.json()["errors"][0];
    assert_eq!(
        (&error["field"], &error["code"]),
        (&json!("password"), &json!("required"))
    );
}
