//! Which new passwords are refused: those made of the names of the account and the service, and
//! those that a service of ranges knows from a breach.

use serde_json::{Value, json};
use signet_issuer::config::LogFormat;
use signet_test_servers::MailSink;

use crate::admin::Admin;
use crate::fake_service::{FakeService, ok, unusable};
use crate::logs::capture;
use crate::mailbox::{deliver, mailing_with, token, token_in};
use crate::support::{Answer, JSON, TestApp, request};

const OLD: &str = "engine no. 9 steams";
const NEW: &str = "engine no. 10 whistles";
/// The SHA-1 of [`OLD`] without its first 5 digits, `6D36E`.
const REST_OF_OLD: &str = "03D3337834EC63FDC8B71A99686D310FD91";
/// The SHA-1 of [`NEW`] without its first 5 digits.
const REST_OF_NEW: &str = "3FCD9E2197F189A78A41AFBB1CD782FFEA6";

/// A service that knows these rests of digests.
async fn knowing(rests: &[&str]) -> FakeService {
    let lines: Vec<_> = rests.iter().map(|rest| format!("{rest}:3")).collect();
    FakeService::answering(Some(ok(&lines.join("\r\n")))).await
}

async fn register(test: &TestApp, password: &str) -> Answer {
    let body = json!({"email": "ada@example.com", "password": password, "name": "Ada Lovelace",
                      "token_delivery": "body"});
    test.post("/auth/register", &body.to_string()).await
}

/// The field and the code of the one invalid field.
fn invalid(answer: &Answer) -> (String, String) {
    assert_eq!(answer.problem(), (400, "validation_failed".to_owned()));
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    assert_eq!(errors.len(), 1, "{}", answer.text);
    let member = |name: &str| errors[0][name].as_str().unwrap().to_owned();
    (member("field"), member("code"))
}

fn breached(field: &str) -> (String, String) {
    (field.to_owned(), "breached".to_owned())
}

#[tokio::test]
async fn a_password_that_is_little_more_than_the_name_is_a_context_word() {
    let test = TestApp::start().await;
    let refused = register(&test, "Lovelace1815").await;
    let expected = ("password".to_owned(), "context_word".to_owned());
    assert_eq!(invalid(&refused), expected);
    let of_service = register(&test, "127.0.0.1-abc").await;
    assert_eq!(invalid(&of_service), expected);
    assert_eq!(register(&test, "Lovelace wrote note G").await.status, 201);
}

#[tokio::test]
async fn a_breached_password_is_refused_and_the_service_learns_five_digits() {
    let ranges = knowing(&[REST_OF_OLD]).await;
    let test = TestApp::with(&[("SIGNET_PASSWORD_RANGE_URL", &ranges.url("/range"))]).await;
    assert_eq!(invalid(&register(&test, OLD).await), breached("password"));
    assert_eq!(register(&test, NEW).await.status, 201);
    let requests = ranges.requests();
    assert_eq!(requests.len(), 2);
    let origin = ranges.url("");
    let host = origin.trim_start_matches("http://");
    let first = requests[0].to_lowercase();
    assert!(
        first.starts_with("get /range/6d36e http/1.1\r\n"),
        "{first}"
    );
    assert!(first.contains("\r\nadd-padding: true\r\n"), "{first}");
    assert!(first.contains(&format!("\r\nhost: {host}\r\n")), "{first}");
    // A sign-in asks nothing.
    let login = json!({"email": "ada@example.com", "password": NEW, "token_delivery": "body"});
    let login = test.post("/auth/login", &login.to_string()).await;
    assert_eq!((login.status.as_u16(), ranges.requests().len()), (200, 2));
}

#[tokio::test]
async fn a_change_and_a_reset_to_a_breached_password_are_refused() {
    let ranges = knowing(&[REST_OF_NEW]).await;
    let sink = MailSink::start();
    let test = mailing_with(
        &sink,
        &[("SIGNET_PASSWORD_RANGE_URL", &ranges.url("/range"))],
    )
    .await;
    let registered = register(&test, OLD).await.json();
    let bearer = format!("Bearer {}", registered["access_token"].as_str().unwrap());
    let headers = [JSON, ("authorization", bearer.as_str())];
    let change = json!({"current_password": OLD, "new_password": NEW}).to_string();
    let change = request("POST", "/auth/password", &headers, &change);
    assert_eq!(invalid(&test.send(change).await), breached("new_password"));

    let reset = json!({"email": "ada@example.com"}).to_string();
    assert_eq!(test.post("/auth/password/reset", &reset).await.status, 202);
    deliver(&test).await;
    let confirm = |new: &str| json!({"token": token(&sink, "reset_"), "new_password": new});
    let path = "/auth/password/reset/confirm";
    let refused = test.post(path, &confirm(NEW).to_string()).await;
    assert_eq!(invalid(&refused), breached("new_password"));
    // The link is still valid.
    let other = confirm("engine no. 11 rests").to_string();
    assert_eq!(test.post(path, &other).await.status, 204);
}

#[tokio::test]
async fn an_invitation_is_not_accepted_with_a_breached_password() {
    let ranges = knowing(&[REST_OF_OLD]).await;
    let url = ranges.url("/range");
    let variables = [("SIGNET_PASSWORD_RANGE_URL", url.as_str())];
    let test = TestApp::with(&variables).await;
    let invited = json!({"email": "ada@example.com"}).to_string();
    let admin = Admin::of(&test);
    let invited = admin.ask("POST", "/admin/invitations", &invited).await;
    let token = token_in(&invited.member("url"), "invite_");
    let accept = |password: &str| json!({"invitation": token, "password": password}).to_string();
    let refused = test.post("/auth/register", &accept(OLD)).await;
    assert_eq!(invalid(&refused), breached("password"));
    let accepted = test.post("/auth/register", &accept(NEW)).await;
    assert_eq!(accepted.status, 201, "{}", accepted.text);
}

#[tokio::test]
async fn a_service_without_a_valid_answer_stops_no_registration() {
    let found = format!("{REST_OF_OLD}:3\r\n");
    for (name, answer) in unusable(&found) {
        let ranges = FakeService::answering(answer).await;
        assert_accepted(name, &ranges.url("/range")).await;
        assert_eq!(ranges.requests().len(), 1, "{name}");
    }
    let gone = FakeService::answering(None).await.url("/range");
    assert_accepted("down", &gone).await;
}

/// Registers with a service that gives no valid answer: operators are told, without the password.
async fn assert_accepted(name: &str, url: &str) {
    let (captured, guard) = capture(LogFormat::Json);
    let test = TestApp::with(&[("SIGNET_PASSWORD_RANGE_URL", url)]).await;
    let registered = register(&test, OLD).await;
    drop(guard);
    assert_eq!(registered.status, 201, "{name}: {}", registered.text);
    let log = captured.text();
    let events: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["event.name"] == "password_ranges.unavailable")
        .collect();
    assert_eq!(events.len(), 1, "{name}");
    assert!(!log.contains(OLD) && !log.contains(REST_OF_OLD), "{name}");
}
