//! What the log says of second factors, and what it must not say.

use serde_json::{Value, json};
use signet_issuer::config::LogFormat;

use super::support::{EMAIL, Enrolled, PASSWORD, finish, mfa_token, recovery_codes};
use crate::logs::capture;
use crate::support::TestApp;

#[tokio::test]
async fn the_log_names_the_events_and_holds_no_secret_of_them() {
    let (captured, guard) = capture(LogFormat::Json);
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let token = mfa_token(&test).await;
    let wrong = ada.app.wrong_code(&test);
    finish(&test, &token, ("code", &wrong)).await;
    finish(&test, &token, ("recovery_code", &ada.codes[0])).await;
    let first = ada.next_code(&test);
    ada.person
        .post(&test, "/auth/step-up", &json!({"code": first}))
        .await;
    ada.person
        .post(&test, "/auth/step-up", &json!({"code": first}))
        .await;
    let proof = json!({"password": PASSWORD});
    let replaced = ada
        .person
        .post(&test, "/auth/mfa/recovery-codes", &proof)
        .await;
    let new = recovery_codes(&replaced);
    let removed = ada
        .person
        .ask(&test, ("DELETE", "/auth/mfa/totp"), &json!({}))
        .await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    drop(guard);

    let logged = captured.text();
    let lines = logged
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let events: Vec<Value> = lines
        .filter(|line: &Value| !line["event.name"].is_null())
        .collect();
    let names: Vec<_> = events
        .iter()
        .map(|event| event["event.name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "account.registered",
            "session.begun",
            "account.totp_enrolled",
            "sign_in.failed",
            "account.recovery_code_used",
            "session.begun",
            "session.stepped_up",
            "step_up.failed",
            "account.recovery_codes_replaced",
            "account.totp_removed",
        ]
    );
    assert_eq!(events[4]["recovery_codes.left"], 9);
    let codes = ada.codes.iter().chain(&new).map(String::as_str);
    let secrets = [EMAIL, PASSWORD, &token, &first, &wrong, ada.app.shown()];
    for secret in secrets.into_iter().chain(codes) {
        assert!(!logged.contains(secret), "{secret}");
    }
}
