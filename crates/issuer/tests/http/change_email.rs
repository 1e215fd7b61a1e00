//! Changing the address of an account.

use std::time::Duration;

use serde_json::{Value, json};
use signet_test_servers::MailSink;

use crate::mailbox::{deliver, mailing, readable, token_in};
use crate::support::{Answer, JSON, TestApp, request};

const ADA: &str = "ada@example.com";
const COUNTESS: &str = "countess@example.org";
const PASSWORD: &str = "engine no. 9 steams";

async fn register(test: &TestApp, email: &str) -> Value {
    let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    let answer = test.post("/auth/register", &body.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

async fn ask(test: &TestApp, tokens: &Value, body: Value) -> Answer {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let headers = [JSON, ("authorization", bearer.as_str())];
    let asked = request("POST", "/auth/email", &headers, &body.to_string());
    test.send(asked).await
}

async fn confirm(test: &TestApp, token: &str) -> Answer {
    let body = json!({ "token": token }).to_string();
    test.post("/auth/email/confirm", &body).await
}

/// The mails to this address. Mails that are sent at once arrive in any order.
async fn mails_to(test: &TestApp, sink: &MailSink, email: &str) -> Vec<String> {
    deliver(test).await;
    let to = format!("To: {email}\n");
    let mails = sink.mails().into_iter().map(|mail| readable(&mail));
    mails.filter(|mail| mail.contains(&to)).collect()
}

async fn requested(test: &TestApp, sink: &MailSink, tokens: &Value) -> String {
    let asked = ask(test, tokens, json!({ "email": COUNTESS })).await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    let mails = mails_to(test, sink, COUNTESS).await;
    token_in(mails.last().unwrap(), "email_")
}

async fn login(test: &TestApp, email: &str) -> u16 {
    let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    let answer = test.post("/auth/login", &body.to_string()).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn an_address_changes_when_the_new_one_is_confirmed_and_the_old_one_is_told() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    let ada = register(&test, ADA).await;
    let token = requested(&test, &sink, &ada).await;
    let told = mails_to(&test, &sink, ADA).await;
    let subject = "Subject: A new address for your account at Example was requested\n";
    assert!(told.iter().any(|mail| mail.contains(subject)), "{told:?}");
    assert!(!told.iter().any(|mail| mail.contains(COUNTESS)));
    assert_eq!(
        (login(&test, ADA).await, login(&test, COUNTESS).await),
        (200, 401)
    );

    assert_eq!(confirm(&test, &token).await.status, 204);
    assert_eq!(
        (login(&test, ADA).await, login(&test, COUNTESS).await),
        (401, 200)
    );
    let told = mails_to(&test, &sink, ADA).await;
    let subject = "Subject: The address of your account at Example was changed\n";
    assert!(told.last().unwrap().contains(subject), "{told:?}");
    let bearer = format!("Bearer {}", ada["access_token"].as_str().unwrap());
    let me = request("GET", "/auth/me", &[("authorization", &bearer)], "");
    let me = test.send(me).await.json();
    assert_eq!(
        (&me["email"], &me["email_verified"]),
        (&json!(COUNTESS), &json!(true))
    );
    let used = confirm(&test, &token).await;
    assert_eq!(used.problem(), (400, "invalid_token".to_owned()));
}

#[tokio::test]
async fn a_new_password_makes_the_link_of_a_new_address_invalid() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    let ada = register(&test, ADA).await;
    let token = requested(&test, &sink, &ada).await;
    let bearer = format!("Bearer {}", ada["access_token"].as_str().unwrap());
    let headers = [JSON, ("authorization", bearer.as_str())];
    let body = json!({"current_password": PASSWORD, "new_password": "engine no. 10 whistles"});
    let changed = request("POST", "/auth/password", &headers, &body.to_string());
    assert_eq!(test.send(changed).await.status, 204);
    let void = confirm(&test, &token).await;
    assert_eq!(void.problem(), (400, "invalid_token".to_owned()));
    let late = requested(&test, &sink, &ada).await;
    test.clock.advance(Duration::from_hours(24));
    let late = confirm(&test, &late).await;
    assert_eq!(late.problem(), (400, "invalid_token".to_owned()));
}

#[tokio::test]
async fn an_address_that_another_account_has_is_answered_alike_and_told_to_its_owner_only() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    let ada = register(&test, ADA).await;
    register(&test, COUNTESS).await;
    let taken = ask(&test, &ada, json!({ "email": COUNTESS })).await;
    let free = ask(&test, &ada, json!({"email": "free@example.com"})).await;
    assert_eq!((taken.status, &taken.text), (free.status, &free.text));
    let mails = mails_to(&test, &sink, "free@example.com").await;
    assert_eq!(mails.len(), 1);
    let link = requested(&test, &sink, &ada).await;
    let refused = confirm(&test, &link).await;
    assert_eq!(refused.problem(), (409, "email_taken".to_owned()));
    assert_eq!(login(&test, ADA).await, 200);
}

#[tokio::test]
async fn a_new_address_needs_a_fresh_proof_and_mail() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    let ada = register(&test, ADA).await;
    test.clock.advance(Duration::from_mins(6));
    let unproven = ask(&test, &ada, json!({ "email": COUNTESS })).await;
    assert_eq!(unproven.problem(), (403, "step_up_required".to_owned()));
    let wrong = json!({"email": COUNTESS, "password": "engine no. 8 rusts"});
    let wrong = ask(&test, &ada, wrong).await;
    assert_eq!(wrong.problem(), (401, "invalid_credentials".to_owned()));
    let right = json!({"email": COUNTESS, "proof": {"password": PASSWORD}});
    assert_eq!(ask(&test, &ada, right).await.status, 202);

    let test = TestApp::start().await;
    let ada = register(&test, ADA).await;
    let unmailed = ask(&test, &ada, json!({ "email": COUNTESS })).await;
    assert_eq!(unmailed.problem(), (404, "not_found".to_owned()));
}
