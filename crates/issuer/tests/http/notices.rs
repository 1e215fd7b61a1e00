//! Notices: what the owner of an account is told of.

use serde_json::{Value, json};
use signet_test_servers::MailSink;

use crate::mailbox::{deliver, mailing, newest};
use crate::mfa::Enrolled;
use crate::support::{JSON, TestApp, request};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
const NEWER_FIREFOX: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CURL: &str = "curl/8.7.1";

async fn send(test: &TestApp, path: &str, user_agent: &str) -> Value {
    let body = json!({
        "email": "ada@example.com",
        "password": "engine no. 9 steams",
        "token_delivery": "body",
    });
    let headers = [JSON, ("user-agent", user_agent)];
    let answer = test
        .send(request("POST", path, &headers, &body.to_string()))
        .await;
    assert!(answer.status.is_success(), "{}", answer.text);
    answer.json()
}

/// How many mails arrive.
async fn arrived(test: &TestApp, sink: &MailSink) -> usize {
    let before = sink.mails().len();
    deliver(test).await;
    sink.mails().len() - before
}

#[tokio::test]
async fn a_sign_in_with_another_program_is_told_once() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    send(&test, "/auth/register", FIREFOX).await;
    // The link that confirms the address.
    assert_eq!(arrived(&test, &sink).await, 1);
    for user_agent in [FIREFOX, NEWER_FIREFOX] {
        send(&test, "/auth/login", user_agent).await;
        assert_eq!(arrived(&test, &sink).await, 0, "{user_agent}");
    }
    send(&test, "/auth/login", CURL).await;
    assert_eq!(arrived(&test, &sink).await, 1);
    let mail = newest(&sink);
    let subject = "Subject: A new sign-in to your account at Example\n";
    assert!(mail.contains(subject), "{mail}");
    send(&test, "/auth/login", CURL).await;
    assert_eq!(arrived(&test, &sink).await, 0);
    // A device that was not used for half a year is new again.
    let half_a_year = std::time::Duration::from_hours(181 * 24);
    test.clock.advance(half_a_year);
    let devices = &test.app.flows.stores.known_devices;
    let now = signet_verifier::Clock::now(test.clock.as_ref());
    assert_eq!(devices.purge(now, 10).await.unwrap(), 2);
}

#[tokio::test]
async fn a_changed_second_factor_is_told() {
    let sink = MailSink::start();
    let test = mailing(&sink).await;
    let ada = Enrolled::new(&test).await;
    // The link that confirms the address, and the notice of the app.
    assert_eq!(arrived(&test, &sink).await, 2);
    let subject = "Subject: The sign-in methods of your account at Example were changed\n";
    assert!(sink.mails().iter().any(|mail| mail.contains(subject)));
    let proof = json!({"code": ada.next_code(&test)});
    let replaced = ada
        .person
        .post(&test, "/auth/mfa/recovery-codes", &proof)
        .await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    assert_eq!(arrived(&test, &sink).await, 1);
    let proof = json!({"code": ada.next_code(&test)});
    let removed = ada
        .person
        .ask(&test, ("DELETE", "/auth/mfa/totp"), &proof)
        .await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    assert_eq!(arrived(&test, &sink).await, 1);
    assert!(newest(&sink).contains(subject));
}
