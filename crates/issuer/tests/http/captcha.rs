//! Captchas: they stand in for a proof of work, each answer is sent to the service once, and a service
//! that gives no verdict leaves the proof of work.

use axum::body::Body;
use axum::http::Request;
use futures::future::join_all;
use serde_json::{Value, json};
use signet_issuer::config::LogFormat;
use tempfile::NamedTempFile;

use crate::fake_service::{FakeService, ok, unusable};
use crate::lockout::{ADA, RIGHT, device_of};
use crate::logs::capture;
use crate::proof_of_work::{EASY, HOME, REGISTRATION, SIGN_IN, WRONG, attack, solution};
use crate::support::{Answer, JSON, TestApp, from, request};

const ANSWER: &str = "03AFcWeA5_captcha-answer.1";
const SECRET: &str = "hush & more";
const YES: &str = r#"{"success":true,"hostname":"shop.example.com"}"#;
const NO: &str = r#"{"success":false,"error-codes":["invalid-input-response"]}"#;

/// A server that asks this service about captchas, and the file with its secret.
async fn asking(url: &str) -> (TestApp, NamedTempFile) {
    let secret = NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), format!("{SECRET}\n")).unwrap();
    let app = TestApp::with(&[
        REGISTRATION,
        SIGN_IN,
        EASY,
        ("SIGNET_CAPTCHA_VERIFY_URL", url),
        (
            "SIGNET_CAPTCHA_SECRET_FILE",
            secret.path().to_str().unwrap(),
        ),
        ("SIGNET_LIMITS_REGISTER_PER_MINUTE", "600"),
    ])
    .await;
    (app, secret)
}

async fn service(verdict: &str) -> FakeService {
    FakeService::answering(Some(ok(verdict))).await
}

/// A request from [`HOME`] that shows this member.
fn ask(path: &str, (email, password): (&str, &str), shown: (&str, &str)) -> Request<Body> {
    let mut body = json!({"email": email, "password": password, "token_delivery": "body"});
    body[shown.0] = shown.1.into();
    from(HOME, request("POST", path, &[JSON], &body.to_string()))
}

fn register(email: &str, shown: (&str, &str)) -> Request<Body> {
    ask("/auth/register", (email, RIGHT), shown)
}

fn sign_in(email: &str, password: &str, captcha: &str) -> Request<Body> {
    ask("/auth/login", (email, password), ("captcha", captcha))
}

/// The proofs that an answer asks for.
fn methods(answer: &Answer) -> Value {
    let expected = (403, "proof_of_work_required".to_owned());
    assert_eq!(answer.problem(), expected, "{}", answer.text);
    answer.json()["methods"].clone()
}

#[tokio::test]
async fn a_right_captcha_stands_in_for_the_work_of_a_registration() {
    let service = service(YES).await;
    let (app, _secret) = asking(&service.url("/siteverify")).await;
    let asked = app.send(register(ADA, ("name", "Ada"))).await;
    assert_eq!(methods(&asked), json!(["proof_of_work", "captcha"]));
    assert_eq!(service.requests().len(), 0);
    let registered = app.send(register(ADA, ("captcha", ANSWER))).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    let sent = &service.requests()[0];
    assert!(sent.starts_with("post /siteverify http/1.1\r\n"), "{sent}");
    let form = format!("secret=hush+%26+more&response={ANSWER}&remoteip={HOME}");
    assert_eq!(sent.split("\r\n\r\n").nth(1), Some(form.as_str()));
    let media_type = "\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    assert!(sent.contains(media_type), "{sent}");
}

#[tokio::test]
async fn a_wrong_captcha_is_refused_and_work_is_still_accepted() {
    let service = service(NO).await;
    let (app, _secret) = asking(&service.url("/")).await;
    let refused = app.send(register(ADA, ("captcha", ANSWER))).await;
    assert_eq!(methods(&refused), json!(["proof_of_work", "captcha"]));
    let solved = solution(&refused);
    let registered = app.send(register(ADA, ("proof_of_work", &solved))).await;
    assert_eq!(registered.status, 201);
    assert_eq!(service.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_is_sent_to_the_service_once_whatever_the_verdict() {
    for (verdict, registered) in [(YES, 1), (NO, 0)] {
        let service = service(verdict).await;
        let (app, _secret) = asking(&service.url("/")).await;
        let replica = app.replica().await;
        let servers = [&app, &replica].into_iter().cycle();
        let asked = servers.zip(0..20).map(|(server, number)| {
            let email = format!("{number}@example.com");
            server.send(register(&email, ("captcha", ANSWER)))
        });
        let answers = join_all(asked).await;
        let with_status = |status| {
            let answers = answers.iter();
            answers.filter(|answer| answer.status == status).count()
        };
        assert_eq!(
            (with_status(201), with_status(403)),
            (registered, 20 - registered)
        );
        assert_eq!(service.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_service_without_a_verdict_leaves_the_proof_of_work() {
    for (name, answer) in unusable(YES) {
        let service = FakeService::answering(answer).await;
        leaves_the_work(name, &service.url("/")).await;
        assert_eq!(service.requests().len(), 1, "{name}");
    }
    let gone = FakeService::answering(None).await.url("/");
    leaves_the_work("down", &gone).await;
}

/// Registers with a service that gives no verdict: operators are told, without a secret.
async fn leaves_the_work(name: &str, url: &str) {
    let (captured, guard) = capture(LogFormat::Json);
    let (app, _secret) = asking(url).await;
    let asked = app.send(register(ADA, ("captcha", ANSWER))).await;
    assert_eq!(methods(&asked), json!(["proof_of_work"]), "{name}");
    let solved = solution(&asked);
    let registered = app.send(register(ADA, ("proof_of_work", &solved))).await;
    drop(guard);
    assert_eq!(registered.status, 201, "{name}");
    let log = captured.text();
    let told = log.matches("\"captchas.unavailable\"").count();
    assert_eq!(told, 1, "{name}: {log}");
    assert!(!log.contains(ANSWER) && !log.contains(SECRET), "{name}");
}

#[tokio::test]
async fn a_captcha_at_a_sign_in_under_attack_tells_nothing_of_the_account() {
    let service = service(YES).await;
    let (app, _secret) = asking(&service.url("/")).await;
    let registered = app.send(register(ADA, ("captcha", "first"))).await;
    attack(&app).await;
    let asked = app.send(sign_in(ADA, RIGHT, "first")).await;
    assert_eq!(methods(&asked), json!(["proof_of_work", "captcha"]));
    let wrong = app.send(sign_in(ADA, WRONG, "second")).await;
    assert_eq!(wrong.problem(), (401, "invalid_credentials".to_owned()));
    assert_eq!(app.send(sign_in(ADA, RIGHT, "third")).await.status, 200);
    assert_eq!(service.requests().len(), 3);
    // A known device is asked for nothing, so no answer of it is sent.
    let device = device_of(&registered);
    let known = crate::lockout::sign_in("203.0.113.9", Some(&device), ADA, RIGHT);
    assert_eq!(app.send(known).await.status, 200);
    assert_eq!(service.requests().len(), 3);
}

#[tokio::test]
async fn an_address_without_an_account_is_asked_for_a_captcha_like_one_with_an_account() {
    let service = service(YES).await;
    let (app, _secret) = asking(&service.url("/")).await;
    attack(&app).await;
    let asked = app.send(sign_in(ADA, RIGHT, "")).await;
    assert_eq!(asked.problem(), (400, "validation_failed".to_owned()));
    let asked = app
        .send(ask("/auth/login", (ADA, RIGHT), ("proof_of_work", "x")))
        .await;
    assert_eq!(methods(&asked), json!(["proof_of_work", "captcha"]));
    let unknown = app.send(sign_in(ADA, RIGHT, ANSWER)).await;
    assert_eq!(unknown.problem(), (401, "invalid_credentials".to_owned()));
}

#[tokio::test]
async fn without_a_service_a_captcha_is_no_proof() {
    let app = TestApp::with(&[REGISTRATION, EASY]).await;
    let refused = app.send(register(ADA, ("captcha", ANSWER))).await;
    assert_eq!(methods(&refused), json!(["proof_of_work"]));
}

#[tokio::test]
async fn two_proofs_and_malformed_captchas_are_invalid() {
    let service = service(YES).await;
    let (app, _secret) = asking(&service.url("/")).await;
    let both = json!({"email": ADA, "password": RIGHT, "captcha": ANSWER, "proof_of_work": "x"});
    let both = app.post("/auth/register", &both.to_string()).await;
    assert_eq!(both.problem(), (400, "validation_failed".to_owned()));
    let errors = &both.json()["errors"];
    assert_eq!(
        (&errors[0]["field"], &errors[0]["code"]),
        (&json!("captcha"), &json!("conflict"))
    );
    for captcha in ["", "two words", "caf\u{e9}", &"x".repeat(8_193)] {
        let refused = app.send(register(ADA, ("captcha", captcha))).await;
        assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    }
    assert_eq!(service.requests().len(), 0);
}
