//! Proofs of work: who is asked for one, which ones are accepted, and how pages do them.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::http::Request;
use futures::future::join_all;
use serde_json::json;
use signet_test_servers::MailSink;

use crate::admin::Admin;
use crate::lockout::{ADA, RIGHT, device_of};
use crate::mailbox::mailing_with;
use crate::redirect::Browser;
use crate::support::{Answer, JSON, TestApp, from, request};

pub(crate) const REGISTRATION: (&str, &str) = ("SIGNET_PROOF_OF_WORK_REGISTRATION", "true");
pub(crate) const SIGN_IN: (&str, &str) = ("SIGNET_PROOF_OF_WORK_SIGN_IN", "true");
pub(crate) const EASY: (&str, &str) = ("SIGNET_PROOF_OF_WORK_BITS", "8");
pub(crate) const HOME: &str = "192.0.2.1";
pub(crate) const WRONG: &str = "guess no. 1 fails";

/// The first text of this challenge whose SHA-256 begins with 8 zero bits.
fn solve(challenge: &str) -> String {
    let texts = (0..).map(|number| format!("{challenge}:{number}"));
    let mut texts = texts.filter(|text| digest(&SHA256, text.as_bytes()).as_ref()[0] == 0);
    texts.next().unwrap()
}

/// The solution that an answer asks for.
pub(crate) fn solution(answer: &Answer) -> String {
    let expected = (403, "proof_of_work_required".to_owned());
    assert_eq!(answer.problem(), expected, "{}", answer.text);
    let problem = answer.json();
    assert_eq!(problem["proof_of_work_bits"], 8);
    solve(problem["proof_of_work"].as_str().unwrap())
}

/// A request from an address with a password, and perhaps a proof of work.
fn ask(path: &str, address: &str, password: &str, work: Option<&str>) -> Request<Body> {
    let mut body = json!({"email": ADA, "password": password, "token_delivery": "body"});
    if let Some(work) = work {
        body["proof_of_work"] = work.into();
    }
    from(address, request("POST", path, &[JSON], &body.to_string()))
}

fn register(work: Option<&str>) -> Request<Body> {
    ask("/auth/register", HOME, RIGHT, work)
}

fn sign_in(address: &str, password: &str, work: Option<&str>) -> Request<Body> {
    ask("/auth/login", address, password, work)
}

/// Guesses from other networks until half of a burst of wrong passwords is used up.
pub(crate) async fn attack(app: &TestApp) {
    for number in 1..=5 {
        let guess = sign_in(&format!("198.51.100.{number}"), WRONG, None);
        assert_eq!(app.send(guess).await.status, 401);
    }
}

#[tokio::test]
async fn without_the_settings_no_work_is_asked_for() {
    let app = TestApp::start().await;
    assert_eq!(app.send(register(None)).await.status, 201);
    attack(&app).await;
    assert_eq!(app.send(sign_in(HOME, RIGHT, None)).await.status, 200);
    let page = Browser::default().visit(&app, "/signin/register").await;
    assert!(!page.text.contains("work"), "{}", page.text);
}

#[tokio::test]
async fn a_registration_needs_a_solution_that_counts_once() {
    let app = TestApp::with(&[REGISTRATION, EASY]).await;
    let solution = solution(&app.send(register(None)).await);
    assert_eq!(app.send(register(Some(&solution))).await.status, 201);
    let replica = app.replica().await;
    for server in [&app, &replica] {
        let again = server.send(register(Some(&solution))).await;
        assert_eq!(again.problem(), (403, "proof_of_work_required".to_owned()));
    }
    // Another setting asks at sign-ins.
    attack(&app).await;
    assert_eq!(app.send(sign_in(HOME, RIGHT, None)).await.status, 200);
}

#[tokio::test]
async fn of_twenty_requests_with_one_solution_at_two_replicas_one_registers() {
    let many = ("SIGNET_LIMITS_REGISTER_PER_MINUTE", "600");
    let app = TestApp::with(&[REGISTRATION, EASY, many]).await;
    let replica = app.replica().await;
    let solution = solution(&app.send(register(None)).await);
    let asked = (0..20).map(|number| {
        let server = if number % 2 == 0 { &app } else { &replica };
        let email = format!("{number}@example.com");
        let body = json!({
            "email": email, "password": RIGHT, "token_delivery": "body", "proof_of_work": solution,
        });
        server.send(from(
            HOME,
            request("POST", "/auth/register", &[JSON], &body.to_string()),
        ))
    });
    let answers = join_all(asked).await;
    let with_status = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((with_status(201), with_status(403)), (1, 19));
}

#[tokio::test]
async fn a_solution_from_elsewhere_too_late_or_for_something_else_is_refused() {
    let app = TestApp::with(&[REGISTRATION, SIGN_IN, EASY]).await;
    let first = solution(&app.send(register(None)).await);
    let elsewhere = ask("/auth/register", "192.0.2.2", RIGHT, Some(&first));
    let _asked_again = solution(&app.send(elsewhere).await);
    let broken = first.replace("pow_A", "pow_B");
    for other in [
        "",
        "x",
        "pow_",
        "pow_:1",
        broken.as_str(),
        &"1:".repeat(4_000),
    ] {
        let _asked_again = solution(&app.send(register(Some(other))).await);
    }
    attack(&app).await;
    let at_sign_in = sign_in(HOME, RIGHT, Some(&first));
    let _asked_again = solution(&app.send(at_sign_in).await);
    app.clock.advance(Duration::from_mins(31));
    let _asked_again = solution(&app.send(register(Some(&first))).await);
    let no_text = r#"{"email":"a@example.com","password":"engine no. 9 steams","proof_of_work":1}"#;
    let refused = app.post("/auth/register", no_text).await;
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
}

#[tokio::test]
async fn an_invited_person_does_no_work_and_one_who_registers_by_mail_does() {
    let app = TestApp::with(&[REGISTRATION, EASY]).await;
    let invited = json!({"email": ADA}).to_string();
    let admin = Admin::of(&app);
    let invited = admin.ask("POST", "/admin/invitations", &invited).await;
    let token = crate::mailbox::token_in(&invited.member("url"), "invite_");
    let accept = json!({"invitation": token, "password": RIGHT, "token_delivery": "body"});
    let accepted = app.post("/auth/register", &accept.to_string()).await;
    assert_eq!(accepted.status, 201, "{}", accepted.text);

    let sink = MailSink::start();
    let app = mailing_with(
        &sink,
        &[("SIGNET_REGISTRATION", "mail"), REGISTRATION, EASY],
    )
    .await;
    let solution = solution(&app.send(register(None)).await);
    assert_eq!(app.send(register(Some(&solution))).await.status, 202);
}

#[tokio::test]
async fn a_sign_in_needs_work_only_while_its_account_is_under_attack() {
    let app = TestApp::with(&[SIGN_IN, EASY]).await;
    let registered = app.send(register(None)).await;
    assert_eq!(registered.status, 201);
    assert_eq!(app.send(sign_in(HOME, RIGHT, None)).await.status, 200);
    attack(&app).await;
    // The right password and a wrong one get the same answer.
    let wrong = solution(&app.send(sign_in(HOME, WRONG, None)).await);
    let right = solution(&app.send(sign_in(HOME, RIGHT, None)).await);
    assert_eq!(
        app.send(sign_in(HOME, WRONG, Some(&wrong))).await.status,
        401
    );
    assert_eq!(
        app.send(sign_in(HOME, RIGHT, Some(&right))).await.status,
        200
    );
    let device = device_of(&registered);
    let known = crate::lockout::sign_in("203.0.113.9", Some(&device), ADA, RIGHT);
    assert_eq!(app.send(known).await.status, 200);
    let other = crate::lockout::sign_in("203.0.113.8", None, "bob@example.com", RIGHT);
    assert_eq!(
        app.send(other).await.problem(),
        (401, "invalid_credentials".to_owned())
    );
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(app.send(sign_in(HOME, RIGHT, None)).await.status, 200);
}

#[tokio::test]
async fn an_address_without_an_account_is_asked_for_work_like_one_with_an_account() {
    let app = TestApp::with(&[SIGN_IN, EASY]).await;
    attack(&app).await;
    let asked = app.send(sign_in(HOME, RIGHT, None)).await;
    let solution = solution(&asked);
    let unknown = app.send(sign_in(HOME, RIGHT, Some(&solution))).await;
    assert_eq!(unknown.problem(), (401, "invalid_credentials".to_owned()));
}

#[tokio::test]
async fn many_failed_sign_ins_of_other_accounts_make_each_one_need_work() {
    let app = TestApp::with(&[SIGN_IN, EASY]).await;
    assert_eq!(app.send(register(None)).await.status, 201);
    for number in 0..8 {
        let address = format!("198.51.100.{number}");
        let email = format!("{number}@example.com");
        let guess = crate::lockout::sign_in(&address, None, &email, WRONG);
        assert_eq!(app.send(guess).await.status, 401);
    }
    let solution = solution(&app.send(sign_in(HOME, RIGHT, None)).await);
    let signed_in = app.send(sign_in(HOME, RIGHT, Some(&solution))).await;
    assert_eq!(signed_in.status, 200);
}

const POLICY_WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; \
                                  frame-ancestors 'none'; script-src 'self'; connect-src 'self'; \
                                  form-action 'self'";

#[tokio::test]
async fn the_page_of_registration_has_the_work_and_our_script() {
    let app = TestApp::with(&[REGISTRATION, EASY]).await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, "/signin/register").await;
    let policy = page.header("content-security-policy");
    assert_eq!(policy, Some(POLICY_WITH_SCRIPT));
    assert_eq!(page.attribute("data-bits"), "8");
    let script = app.get("/signin/work.js").await;
    assert!(script.text.contains("data-challenge"));
    let person = [("email", ADA), ("password", RIGHT)];
    let refused = browser.submit(&app, &page, &person).await;
    goes_on_with_work(&app, &mut browser, &refused).await;
}

#[tokio::test]
async fn the_page_of_sign_in_has_work_to_do_once_it_is_needed() {
    let app = TestApp::with(&[SIGN_IN, EASY]).await;
    assert_eq!(app.send(register(None)).await.status, 201);
    attack(&app).await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, "/signin").await;
    assert!(!page.text.contains("data-challenge"), "{}", page.text);
    let refused = browser.sign_in(&app, &page, ADA).await;
    goes_on_with_work(&app, &mut browser, &refused).await;
}

/// Checks that a form was refused because its work is missing, does the work, and sends it once more.
async fn goes_on_with_work(app: &TestApp, browser: &mut Browser, refused: &Answer) {
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("once more"), "{}", refused.text);
    let solved = solve(&refused.attribute("data-challenge"));
    let person = [
        ("email", ADA),
        ("password", RIGHT),
        ("proof_of_work", solved.as_str()),
    ];
    let account = browser.submit(app, refused, &person).await;
    assert_eq!(account.status, 200);
    assert!(account.text.contains(ADA), "{}", account.text);
}
