//! Mail and its links: what is sent, when, and what a link opens.

use futures::future::join_all;
use serde_json::json;
use signet_test_servers::MailSink;
use std::time::Duration;

use crate::logs::capture;
use crate::mailbox::{deliver, header, mailing, newest, token};
use crate::support::{Answer, JSON, TestApp, request};
use signet_issuer::config::LogFormat;

const ADA: &str = "ada@example.com";
const OLD: &str = "engine no. 9 steams";
const NEW: &str = "engine no. 10 whistles";
const BEARER: &str = "authorization";

/// Registers Ada; returns her token response.
async fn register(test: &TestApp) -> serde_json::Value {
    let body = json!({"email": ADA, "password": OLD, "token_delivery": "body"});
    let answer = test.post("/auth/register", &body.to_string()).await;
    assert_eq!(answer.status, 201);
    answer.json()
}

async fn login(test: &TestApp, password: &str) -> u16 {
    let body = json!({"email": ADA, "password": password, "token_delivery": "body"});
    let answer = test.post("/auth/login", &body.to_string()).await;
    answer.status.as_u16()
}

async fn ask_reset(test: &TestApp, email: &str) -> Answer {
    let body = json!({"email": email}).to_string();
    test.post("/auth/password/reset", &body).await
}

async fn confirm_reset(test: &TestApp, token: &str) -> Answer {
    let body = json!({"token": token, "new_password": NEW}).to_string();
    test.post("/auth/password/reset/confirm", &body).await
}

async fn verify(test: &TestApp, token: &str) -> Answer {
    let body = json!({"token": token}).to_string();
    test.post("/auth/email/verify", &body).await
}

async fn reset_token(test: &TestApp, sink: &MailSink) -> String {
    assert_eq!(ask_reset(test, ADA).await.status, 202);
    deliver(test).await;
    token(sink, "reset_")
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_mailed_link_and_ends_every_session() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    let ada = register(&test).await;
    let token = reset_token(&test, &sink).await;
    let mail = newest(&sink);
    assert!(mail.contains("To: ada@example.com\n"), "{mail}");
    assert!(
        mail.contains("From: Example <no-reply@example.com>\n"),
        "{mail}"
    );
    assert!(
        mail.contains("Subject: Set a new password for Example\n"),
        "{mail}"
    );
    assert!(
        mail.contains("http://127.0.0.1:8080/links/reset?token=reset_"),
        "{mail}"
    );

    let weak = json!({"token": token, "new_password": "password"}).to_string();
    let refused = test.post("/auth/password/reset/confirm", &weak).await;
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    assert_eq!(confirm_reset(&test, &token).await.status, 204);
    assert_eq!(
        (login(&test, OLD).await, login(&test, NEW).await),
        (401, 200)
    );
    let refresh = json!({"refresh_token": ada["refresh_token"]}).to_string();
    let ended = test.post("/auth/refresh", &refresh).await;
    assert_eq!(ended.problem(), (401, "session_ended".to_owned()));
    deliver(&test).await;
    assert!(newest(&sink).contains("Subject: Your password for Example was changed\n"));
}

#[tokio::test]
async fn a_link_that_is_used_late_void_or_of_another_kind_is_refused_in_one_text() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    register(&test).await;
    deliver(&test).await;
    let verification = token(&sink, "verify_");
    let mut refused = vec![
        confirm_reset(&test, "").await,
        confirm_reset(&test, "reset_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await,
        confirm_reset(&test, &verification).await,
        verify(&test, "verify_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await,
    ];
    let replaced = reset_token(&test, &sink).await;
    let late = reset_token(&test, &sink).await;
    refused.push(confirm_reset(&test, &replaced).await);
    test.clock.advance(Duration::from_hours(1));
    refused.push(confirm_reset(&test, &late).await);

    let used = reset_token(&test, &sink).await;
    assert_eq!(confirm_reset(&test, &used).await.status, 204);
    refused.push(confirm_reset(&test, &used).await);
    // The new password has ended the epoch of the other link.
    refused.push(verify(&test, &verification).await);
    for answer in refused {
        assert_eq!(answer.problem(), (400, "invalid_token".to_owned()));
        let detail = "the token is unknown, used or expired; ask for a new one";
        assert_eq!(answer.json()["detail"], detail);
    }
}

#[tokio::test]
async fn of_twenty_uses_of_a_link_at_two_replicas_one_wins() {
    let sink = MailSink::start();
    let limits_off = [
        ("SIGNET_SMTP_URL", sink.url()),
        ("SIGNET_SMTP_FROM", "no-reply@example.com".to_owned()),
        ("SIGNET_LIMITS_ENABLED", "false".to_owned()),
    ];
    let variables = limits_off
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let test = TestApp::with(&variables).await;
    let replica = test.replica().await;
    register(&test).await;
    deliver(&test).await;
    let verification = token(&sink, "verify_");
    let uses = (0..20).map(|turn| verify([&test, &replica][turn % 2], &verification));
    let answers = join_all(uses).await;
    let done = answers.iter().filter(|answer| answer.status == 204);
    assert_eq!(done.count(), 1);
    let reset = reset_token(&test, &sink).await;
    let uses = (0..20).map(|turn| confirm_reset([&test, &replica][turn % 2], &reset));
    let answers = join_all(uses).await;
    let done = answers.iter().filter(|answer| answer.status == 204);
    assert_eq!(done.count(), 1);
    let refused = answers.iter().filter(|answer| answer.status != 204);
    for answer in refused {
        assert_eq!(answer.problem(), (400, "invalid_token".to_owned()));
    }
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_and_no_mail() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    register(&test).await;
    deliver(&test).await;
    let sent = sink.mails().len();
    let (known, unknown) = (
        ask_reset(&test, ADA).await,
        ask_reset(&test, "bob@example.com").await,
    );
    assert_eq!(
        (known.status, known.text.as_str()),
        (unknown.status, unknown.text.as_str())
    );
    // One row each, whose recipient is not looked up yet.
    assert_eq!(test.app.flows.deliver_mail().await.unwrap(), 2);
    assert_eq!(deliver(&test).await, 1);
    assert_eq!(sink.mails().len(), sent + 1);
    assert!(newest(&sink).contains("To: ada@example.com\n"));
    for email in [ADA, "bob@example.com"] {
        let mut asked = ask_reset(&test, email).await;
        for _ in 0..5 {
            asked = ask_reset(&test, email).await;
        }
        assert_eq!(asked.problem(), (429, "rate_limited".to_owned()));
    }
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_link_that_registration_mails() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    let ada = register(&test).await;
    assert_eq!(ada["account"]["email_verified"], false);
    let bearer = format!("Bearer {}", ada["access_token"].as_str().unwrap());
    let resend = || {
        request(
            "POST",
            "/auth/email/verify/resend",
            &[(BEARER, &bearer)],
            "",
        )
    };
    assert_eq!(deliver(&test).await, 1);
    assert_eq!(test.send(resend()).await.status, 202);
    assert_eq!(deliver(&test).await, 1);
    let verification = token(&sink, "verify_");
    assert_eq!(verify(&test, &verification).await.status, 204);
    let me = test
        .send(request("GET", "/auth/me", &[(BEARER, &bearer)], ""))
        .await;
    assert_eq!(me.json()["email_verified"], true);
    let sent = sink.mails().len();
    assert_eq!(test.send(resend()).await.status, 202);
    assert_eq!((deliver(&test).await, sink.mails().len()), (0, sent));
}

#[tokio::test]
async fn mail_is_tried_again_while_the_server_is_down_and_given_up_when_it_refuses() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    sink.answer_with(451);
    register(&test).await;
    assert_eq!(deliver(&test).await, 1);
    assert_eq!(deliver(&test).await, 0, "it is postponed");
    test.clock.advance(Duration::from_secs(30));
    assert_eq!(deliver(&test).await, 1);
    sink.answer_with(250);
    test.clock.advance(Duration::from_secs(59));
    assert_eq!(deliver(&test).await, 0, "the pause has doubled");
    test.clock.advance(Duration::from_secs(1));
    assert_eq!((deliver(&test).await, sink.mails().len()), (1, 1));

    sink.answer_with(550);
    assert_eq!(ask_reset(&test, ADA).await.status, 202);
    assert_eq!(deliver(&test).await, 2);
    sink.answer_with(250);
    test.clock.advance(Duration::from_mins(5));
    assert_eq!((deliver(&test).await, sink.mails().len()), (0, 1));
}

#[tokio::test]
async fn a_worker_that_dies_after_sending_leaves_one_duplicate_with_the_same_id() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    register(&test).await;
    // What a worker leaves that dies before it begins: a lease.
    let flows = &test.app.flows;
    let until = flows.clock.now().saturating_add(Duration::from_mins(2));
    let outbox = &flows.stores.outbox;
    let leased = outbox.lease(flows.clock.now(), until, 10).await.unwrap();
    assert_eq!(leased.len(), 1);
    assert_eq!((deliver(&test).await, sink.mails().len()), (0, 0));
    test.clock.advance(Duration::from_mins(2));
    assert_eq!((deliver(&test).await, sink.mails().len()), (1, 1));
    // What a worker leaves that dies between sending and marking: the row.
    assert!(outbox.put(&leased[0].mail).await.unwrap());
    assert_eq!((deliver(&test).await, sink.mails().len()), (1, 2));
    let ids: Vec<_> = sink
        .mails()
        .iter()
        .map(|mail| header(mail, "Message-ID"))
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert_eq!(deliver(&test).await, 0);
}

#[tokio::test]
async fn mail_that_waits_is_sealed_and_logs_hold_nothing_of_it() {
    let (captured, guard) = capture(LogFormat::Json);
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    register(&test).await;
    let flows = &test.app.flows;
    let now = flows.clock.now();
    let leased = flows.stores.outbox.lease(now, now, 10).await.unwrap();
    let payload = &leased[0].mail.payload;
    assert!(
        !payload
            .windows(3)
            .any(|part| part == b"ada" || part == b"ver")
    );
    deliver(&test).await;
    let reset = reset_token(&test, &sink).await;
    assert_eq!(confirm_reset(&test, &reset).await.status, 204);
    sink.answer_with(550);
    deliver(&test).await;
    drop(guard);
    let log = captured.text();
    for name in ["account.password_reset", "mail.sent", "mail.given_up"] {
        assert!(log.contains(name), "{name}");
    }
    for secret in [ADA, OLD, NEW, &reset, "verify_"] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn without_mail_a_request_for_a_new_password_is_answered_as_with_it() {
    let (captured, _guard) = capture(LogFormat::Json);
    let test = TestApp::start().await;
    assert_eq!(ask_reset(&test, ADA).await.status, 202);
    assert!(captured.text().contains("smtp.url is not set"));
}

#[tokio::test]
async fn the_plain_page_of_a_link_changes_nothing_until_its_form_is_sent() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    register(&test).await;
    let reset = reset_token(&test, &sink).await;
    let path = format!("/links/reset?token={reset}");
    let german = request("GET", &path, &[("accept-language", "de")], "");
    let page = test.send(german).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<html lang=\"de\">") && page.text.contains(&reset));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; form-action 'self';"),
        "{policy}"
    );
    let hostile = test.get("/links/reset?token=%22%3E%3Cscript%3E").await;
    assert!(hostile.text.contains("value=\"\""), "{}", hostile.text);
    assert_eq!(
        test.get("/links/other").await.problem(),
        (404, "not_found".to_owned())
    );

    let form = ("content-type", "application/x-www-form-urlencoded");
    let send = |password: &str| {
        let body = format!("token={reset}&new_password={password}");
        test.send(request("POST", "/links/reset", &[form], &body))
    };
    let weak = send("password").await;
    assert!(weak.status == 400 && weak.text.contains(&reset));
    assert_eq!(send("engine+no.+10+whistles").await.status, 200);
    let used = send("engine+no.+11+whistles").await;
    assert!(used.status == 400 && used.text.contains("This link is unknown, used or expired"));
    assert_eq!(login(&test, NEW).await, 200);
}

#[tokio::test]
async fn a_changed_password_is_told_of_by_mail() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    let ada = register(&test).await;
    deliver(&test).await;
    let bearer = format!("Bearer {}", ada["access_token"].as_str().unwrap());
    let headers = [
        JSON,
        (BEARER, bearer.as_str()),
        ("accept-language", "de-AT, en"),
    ];
    let body = json!({"current_password": OLD, "new_password": NEW}).to_string();
    let changed = test
        .send(request("POST", "/auth/password", &headers, &body))
        .await;
    assert_eq!(changed.status, 204);
    deliver(&test).await;
    assert!(
        newest(&sink).contains("2027-01-15 08:00 UTC"),
        "{}",
        newest(&sink)
    );
    assert_eq!(sink.mails().len(), 2);
}
