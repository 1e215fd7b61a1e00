//! Helping people who cannot sign in: a link to set a password, and removing authenticators.

use futures::future::join_all;
use serde_json::{Value, json};
use signet_test_servers::MailSink;

use super::Admin;
use crate::mfa::{EMAIL, Enrolled, PASSWORD, Person, login};
use crate::support::{Answer, TestApp};

const NEW: &str = "engine no. 10 whistles";

/// The path of the only account.
async fn only_account(admin: &Admin<'_>) -> String {
    let found = admin.get("/admin/accounts").await;
    format!(
        "/admin/accounts/{}",
        found["accounts"][0]["id"].as_str().unwrap()
    )
}

async fn start(admin: &Admin<'_>, path: &str, body: &str) -> Answer {
    let path = format!("{path}/password-reset");
    admin.ask("POST", &path, body).await
}

async fn confirm(app: &TestApp, token: &str) -> u16 {
    let body = json!({"token": token, "new_password": NEW}).to_string();
    let answer = app.post("/auth/password/reset/confirm", &body).await;
    answer.status.as_u16()
}

async fn sign_in(app: &TestApp, password: &str) -> u16 {
    let body = json!({"email": EMAIL, "password": password, "token_delivery": "body"});
    let answer = app.post("/auth/login", &body.to_string()).await;
    answer.status.as_u16()
}

fn token_of(url: &str) -> String {
    let (_, token) = url.split_once("token=").unwrap();
    token.to_owned()
}

#[tokio::test]
async fn a_link_that_an_administrator_hands_over_sets_a_password_once() {
    let app = TestApp::start().await;
    let person = Person::register(&app).await;
    let admin = Admin::of(&app);
    let path = only_account(&admin).await;
    let started = start(&admin, &path, r#"{"deliver":"link"}"#).await;
    assert_eq!(started.status, 200, "{}", started.text);
    assert_eq!(started.json()["expires_at"], "2027-01-15T09:00:00Z");
    let token = token_of(&started.member("url"));
    // Nothing has changed yet.
    assert_eq!(sign_in(&app, PASSWORD).await, 200);
    assert_ne!(person.factors(&app).await, Value::Null);

    let tries = (0..20).map(|_| confirm(&app, &token));
    let done = join_all(tries).await;
    let won = done.iter().filter(|status| **status == 204).count();
    assert_eq!(won, 1, "{done:?}");
    assert_eq!(sign_in(&app, PASSWORD).await, 401);
    assert_eq!(sign_in(&app, NEW).await, 200);
    assert_eq!(person.factors(&app).await, Value::Null);
    assert_eq!(confirm(&app, &token).await, 400);
}

#[tokio::test]
async fn a_link_is_mailed_where_mail_is_configured() {
    let sink = MailSink::start();
    let app = TestApp::with(&[
        ("SIGNET_SMTP_URL", &sink.url()),
        ("SIGNET_SMTP_FROM", "Example <no-reply@example.com>"),
    ])
    .await;
    Person::register(&app).await;
    while app.app.flows.deliver_mail().await.unwrap() > 0 {}
    let before = sink.mails().len();
    let admin = Admin::of(&app);
    let path = only_account(&admin).await;
    let started = start(&admin, &path, "").await;
    assert_eq!(started.status, 200, "{}", started.text);
    assert_eq!(started.json()["url"], Value::Null);
    while app.app.flows.deliver_mail().await.unwrap() > 0 {}
    assert_eq!(sink.mails().len(), before + 1);
}

#[tokio::test]
async fn a_reset_that_cannot_be_delivered_or_used_is_refused() {
    let app = TestApp::start().await;
    Person::register(&app).await;
    let admin = Admin::of(&app);
    let path = only_account(&admin).await;
    let refused = start(&admin, &path, "{}").await;
    assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    assert!(refused.text.contains("sends no mail"), "{}", refused.text);
    let refused = start(&admin, &path, r#"{"deliver":"pigeon"}"#).await;
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    admin.ask("POST", &format!("{path}/disable"), "").await;
    let refused = start(&admin, &path, r#"{"deliver":"link"}"#).await;
    assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    let nobody = "/admin/accounts/67e55044-10b1-426f-9247-bb680e5fe0c8";
    let refused = start(&admin, nobody, r#"{"deliver":"link"}"#).await;
    assert_eq!(refused.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn somebody_who_lost_a_phone_signs_in_without_it() {
    let app = TestApp::start().await;
    let enrolled = Enrolled::new(&app).await;
    let admin = Admin::of(&app);
    let path = only_account(&admin).await;
    let totp = format!("{path}/authenticators/totp");
    assert_eq!(
        login(&app).await.problem(),
        (401, "mfa_required".to_owned())
    );
    assert_eq!(admin.ask("DELETE", &totp, "").await.status, 204);
    assert_eq!(enrolled.person.factors(&app).await, Value::Null);
    let again = login(&app).await;
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(again.json()["account"]["mfa"], json!([]));
    for kind in ["totp", "recovery_codes", "passkeys", "shoe"] {
        let path = format!("{path}/authenticators/{kind}");
        let refused = admin.ask("DELETE", &path, "").await;
        assert_eq!(refused.problem(), (404, "not_found".to_owned()), "{kind}");
    }
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    let app = TestApp::start().await;
    let enrolled = Enrolled::new(&app).await;
    let admin = Admin::of(&app);
    let path = only_account(&admin).await;
    let password = format!("{path}/authenticators/password");
    let refused = admin.ask("DELETE", &password, "").await;
    assert_eq!(refused.problem(), (409, "last_authenticator".to_owned()));
    assert_eq!(enrolled.person.factors(&app).await, json!(["totp"]));
}
