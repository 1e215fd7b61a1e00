//! Step-up, and the changes that need a fresh proof.

use serde_json::{Value, json};

use super::support::{Enrolled, PASSWORD, Person, STALE, STEP, claims, login, refused};
use crate::support::{Answer, TestApp};

const NEW_PASSWORD: &str = "engine no. 10 whistles";

/// What needs a fresh proof, with the fields that it needs besides.
fn guarded() -> [((&'static str, &'static str), Value); 5] {
    [
        (
            ("POST", "/auth/password"),
            json!({"new_password": NEW_PASSWORD}),
        ),
        (("POST", "/auth/mfa/totp"), json!({})),
        (("DELETE", "/auth/mfa/totp"), json!({})),
        (("POST", "/auth/mfa/recovery-codes"), json!({})),
        (("DELETE", "/auth/account"), json!({})),
    ]
}

fn demands(answer: &Answer, methods: &Value) {
    refused(answer, 403, "step_up_required");
    assert_eq!(answer.json()["methods"], *methods);
    let challenge = answer.header("www-authenticate").unwrap();
    let expected =
        r#"Bearer realm="signet", error="insufficient_user_authentication", max_age=300"#;
    assert_eq!(challenge, expected);
}

#[tokio::test]
async fn an_old_sign_in_is_not_enough_for_a_change() {
    let test = TestApp::start().await;
    let ada = Person::register(&test).await;
    test.clock.advance(STALE);
    for (what, body) in guarded() {
        let answer = ada.ask(&test, what, &body).await;
        demands(&answer, &json!(["password"]));
    }
    assert_eq!(login(&test).await.status, 200);
}

#[tokio::test]
async fn a_password_is_not_enough_where_there_is_a_second_factor() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    for (what, body) in guarded() {
        for password in ["password", "current_password"] {
            let mut body = body.clone();
            body[password] = PASSWORD.into();
            let answer = ada.person.ask(&test, what, &body).await;
            demands(&answer, &json!(["totp", "recovery_code"]));
        }
    }
    let weak = json!({"password": PASSWORD});
    let answer = ada.person.post(&test, "/auth/step-up", &weak).await;
    demands(&answer, &json!(["totp", "recovery_code"]));
}

#[tokio::test]
async fn a_step_up_moves_the_time_and_the_methods_of_the_session() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    test.clock.advance(STALE);
    let proof = json!({"code": ada.app.code(&test)});
    let answer = ada.person.post(&test, "/auth/step-up", &proof).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.json()["refresh_token"].is_null());
    assert!(answer.header("set-cookie").is_none());
    let stepped = claims(&answer);
    assert_eq!(stepped["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(stepped["auth_time"], 1_800_000_301);

    let body = json!({"refresh_token": ada.person.refresh_token}).to_string();
    let refreshed = test.post("/auth/refresh", &body).await;
    assert_eq!(claims(&refreshed)["auth_time"], stepped["auth_time"]);
    assert_eq!(claims(&refreshed)["amr"], stepped["amr"]);
    assert_eq!(claims(&refreshed)["sid"], stepped["sid"]);

    let change = json!({"new_password": NEW_PASSWORD});
    let changed = ada.person.post(&test, "/auth/password", &change).await;
    assert_eq!(changed.status, 204, "{}", changed.text);
}

#[tokio::test]
async fn a_password_steps_up_an_account_without_a_second_factor() {
    let test = TestApp::start().await;
    let ada = Person::register(&test).await;
    test.clock.advance(STALE);
    let options = ada.post(&test, "/auth/step-up/options", &json!({})).await;
    assert_eq!(options.json(), json!({"methods": ["password"]}));
    for (proof, status, code) in [
        (json!({}), 403, "step_up_required"),
        (
            json!({"password": "engine no. 8 steams"}),
            401,
            "invalid_credentials",
        ),
        (json!({"code": "123456"}), 401, "invalid_credentials"),
        (json!({"code": "12"}), 400, "validation_failed"),
    ] {
        refused(
            &ada.post(&test, "/auth/step-up", &proof).await,
            status,
            code,
        );
    }
    let proof = json!({"proof": {"password": PASSWORD}});
    let answer = ada.post(&test, "/auth/step-up", &proof).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(claims(&answer)["amr"], json!(["pwd"]));
    assert_eq!(claims(&answer)["auth_time"], 1_800_000_301);
    let deleted = ada
        .ask(&test, ("DELETE", "/auth/account"), &json!({}))
        .await;
    assert_eq!(deleted.status, 204);
}

#[tokio::test]
async fn a_code_can_be_in_the_request_itself() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    test.clock.advance(STALE);
    let code = ada.app.code(&test);
    let change = json!({"new_password": NEW_PASSWORD, "proof": {"code": code}});
    let changed = ada.person.post(&test, "/auth/password", &change).await;
    assert_eq!(changed.status, 204, "{}", changed.text);
    // It did not step up the session.
    let answer = ada
        .person
        .ask(&test, ("DELETE", "/auth/account"), &json!({}))
        .await;
    demands(&answer, &json!(["totp", "recovery_code"]));
    let proof = json!({"proof": {"recovery_code": ada.codes[0]}});
    let deleted = ada
        .person
        .ask(&test, ("DELETE", "/auth/account"), &proof)
        .await;
    assert_eq!(deleted.status, 204, "{}", deleted.text);
}

#[tokio::test]
async fn a_wrong_password_is_refused_however_fresh_the_session_is_and_costs_no_code() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let code = ada.next_code(&test);
    let both = json!({"password": "engine no. 8 steams", "code": code});
    let answer = ada
        .person
        .ask(&test, ("DELETE", "/auth/mfa/totp"), &both)
        .await;
    refused(&answer, 401, "invalid_credentials");
    let proof = json!({"code": code});
    assert_eq!(
        ada.person.post(&test, "/auth/step-up", &proof).await.status,
        200
    );
    let change = json!({"current_password": "engine no. 8 steams", "new_password": NEW_PASSWORD});
    let answer = ada.person.post(&test, "/auth/password", &change).await;
    refused(&answer, 401, "invalid_credentials");
}

#[tokio::test]
async fn two_proofs_in_one_request_are_refused() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    for (body, field) in [
        (
            json!({"password": PASSWORD, "proof": {"code": "123456"}}),
            "proof",
        ),
        (json!({"proof": {"code": "12"}}), "proof"),
        (json!({"proof": 7}), "proof"),
        (
            json!({"code": "123456", "recovery_code": ada.codes[0]}),
            "recovery_code",
        ),
    ] {
        let answer = ada.person.post(&test, "/auth/step-up", &body).await;
        refused(&answer, 400, "validation_failed");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body}");
    }
}

#[tokio::test]
async fn a_session_that_has_ended_does_not_step_up() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    test.clock.advance(STEP);
    let body = json!({"refresh_token": ada.person.refresh_token}).to_string();
    assert_eq!(test.post("/auth/logout", &body).await.status, 204);
    let proof = json!({"code": ada.app.code(&test)});
    let answer = ada.person.post(&test, "/auth/step-up", &proof).await;
    refused(&answer, 401, "session_ended");
}
