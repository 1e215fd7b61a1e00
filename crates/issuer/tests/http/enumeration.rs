//! Answers do not tell whether an address has an account: same status, body and headers, and the
//! same number of password hashes.

use serde_json::json;
use signet_test_servers::MailSink;

use crate::admin::Admin;
use crate::mailbox::{deliver, mailing_with};
use crate::mfa::Enrolled;
use crate::support::{Answer, TestApp};

/// The limits count tries, which is not what is compared here.
const UNLIMITED: [(&str, &str); 1] = [("SIGNET_LIMITS_ENABLED", "false")];

/// What a caller can see of an answer, and how many hashes it took.
#[derive(PartialEq, Eq, Debug)]
struct Seen {
    status: u16,
    text: String,
    headers: Vec<(String, String)>,
    hashes: u64,
}

async fn seen(test: &TestApp, path: &str, body: &serde_json::Value) -> Seen {
    let hashing = &test.app.flows.hashing;
    let before = hashing.finished();
    let answer: Answer = test.post(path, &body.to_string()).await;
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| *name != "x-request-id");
    Seen {
        status: answer.status.as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        hashes: hashing.finished() - before,
        text: answer.text,
    }
}

/// Accounts in every state, by address. Ada has an authenticator app.
async fn accounts(test: &TestApp) -> [&'static str; 4] {
    Enrolled::new(test).await;
    added_accounts(test).await
}

/// Accounts in every state, by address. Ada's is there already.
async fn added_accounts(test: &TestApp) -> [&'static str; 4] {
    let admin = Admin::of(test);
    let password = "engine no. 9 steams";
    for (email, body) in [
        ("bob@example.com", json!({"password": password})),
        ("disabled@example.com", json!({"password": password})),
        ("invited@example.com", json!({"invite": true})),
    ] {
        let mut all = json!({ "email": email });
        let members = all.as_object_mut().unwrap();
        members.extend(body.as_object().unwrap().clone());
        let added = admin.ask("POST", "/admin/accounts", &all.to_string()).await;
        assert_eq!(added.status, 201, "{}", added.text);
        let path = format!("/admin/accounts/{}", added.member("id"));
        if email.starts_with("disabled") {
            let disabled = admin.ask("POST", &format!("{path}/disable"), "").await;
            assert_eq!(disabled.status, 200);
        } else if email.starts_with("bob") {
            let required = json!({"mfa_policy": "required"}).to_string();
            assert_eq!(admin.ask("PATCH", &path, &required).await.status, 200);
        }
    }
    [
        "ada@example.com",
        "bob@example.com",
        "disabled@example.com",
        "invited@example.com",
    ]
}

#[tokio::test]
async fn a_wrong_password_is_answered_alike_with_and_without_an_account() {
    let sink = MailSink::start();
    let test = mailing_with(&sink, &UNLIMITED).await;
    let known = accounts(&test).await;
    let try_of = |email: &str| json!({"email": email, "password": "engine no. 8 rusts"});
    let unknown = seen(&test, "/auth/login", &try_of("nobody@example.com")).await;
    assert_eq!((unknown.status, unknown.hashes), (401, 1));
    for email in known {
        let found = seen(&test, "/auth/login", &try_of(email)).await;
        assert_eq!(found, unknown, "{email}");
    }
}

#[tokio::test]
async fn a_request_for_a_new_password_is_answered_alike_with_and_without_an_account() {
    let sink = MailSink::start();
    let test = mailing_with(&sink, &UNLIMITED).await;
    let known = accounts(&test).await;
    deliver(&test).await;
    let asked = |email: &str| json!({ "email": email });
    let path = "/auth/password/reset";
    let unknown = seen(&test, path, &asked("nobody@example.com")).await;
    assert_eq!((unknown.status, unknown.hashes), (202, 0));
    // One row waits for each request, for any address.
    assert_eq!(test.app.flows.deliver_mail().await.unwrap(), 1);
    for email in known {
        assert_eq!(seen(&test, path, &asked(email)).await, unknown, "{email}");
        assert_eq!(test.app.flows.deliver_mail().await.unwrap(), 1, "{email}");
        deliver(&test).await;
    }
}

#[tokio::test]
async fn a_registration_by_mail_is_answered_alike_with_and_without_an_account() {
    let sink = MailSink::start();
    let by_mail = ("SIGNET_REGISTRATION", "mail");
    let test = mailing_with(&sink, &[UNLIMITED[0], by_mail]).await;
    let ada = json!({"email": "ada@example.com", "password": "engine no. 9 steams"});
    let path = "/admin/accounts";
    let added = Admin::of(&test).ask("POST", path, &ada.to_string()).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let known = added_accounts(&test).await;
    deliver(&test).await;
    let asked = |email: &str| json!({"email": email, "password": "engine no. 9 steams"});
    let path = "/auth/register";
    let unknown = seen(&test, path, &asked("nobody@example.com")).await;
    assert_eq!((unknown.status, unknown.hashes), (202, 0));
    assert_eq!(test.app.flows.deliver_mail().await.unwrap(), 1);
    deliver(&test).await;
    for email in known {
        assert_eq!(seen(&test, path, &asked(email)).await, unknown, "{email}");
        assert_eq!(test.app.flows.deliver_mail().await.unwrap(), 1, "{email}");
        deliver(&test).await;
    }
}

#[tokio::test]
async fn a_token_of_a_second_step_that_nobody_has_is_answered_like_one_that_is_over() {
    let sink = MailSink::start();
    let test = mailing_with(&sink, &UNLIMITED).await;
    accounts(&test).await;
    let over = "mfa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let try_of = |token: &str| json!({"mfa_token": token, "code": "123456"});
    let unknown = seen(&test, "/auth/login/mfa", &try_of(over)).await;
    let malformed = seen(&test, "/auth/login/mfa", &try_of("mfa_")).await;
    assert_eq!((unknown.status, unknown.hashes), (401, 0));
    assert_eq!(malformed, unknown);
}
