//! How often codes of one account are checked.

use std::time::Duration;

use serde_json::json;

use super::support::{Enrolled, finish, mfa_token, refused};
use crate::support::TestApp;

#[tokio::test]
async fn ten_wrong_codes_of_an_account_stop_codes_but_not_recovery_codes() {
    let test = TestApp::start().await;
    let other = test.replica().await;
    let ada = Enrolled::new(&test).await;
    for turn in 0..10 {
        let replica = if turn % 2 == 0 { &test } else { &other };
        let token = mfa_token(replica).await;
        let wrong = ada.app.wrong_code(&test);
        let answer = finish(replica, &token, ("code", &wrong)).await;
        refused(&answer, 401, "invalid_credentials");
    }
    let code = ada.next_code(&test);
    let token = mfa_token(&test).await;
    let answer = finish(&test, &token, ("code", &code)).await;
    refused(&answer, 429, "rate_limited");
    // The windows of all accounts end at full half hours; this one began 30 s ago.
    assert_eq!(answer.header("retry-after"), Some("1770"));
    let proof = json!({"code": code});
    let step_up = ada.person.post(&test, "/auth/step-up", &proof).await;
    refused(&step_up, 429, "rate_limited");
    let recovered = finish(&test, &token, ("recovery_code", &ada.codes[0])).await;
    assert_eq!(recovered.status, 200, "{}", recovered.text);

    test.clock.advance(Duration::from_secs(1_770));
    let token = mfa_token(&test).await;
    let answer = finish(&test, &token, ("code", &ada.app.code(&test))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_right_code_begins_a_new_count() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    for _ in 0..4 {
        let token = mfa_token(&test).await;
        for _ in 0..4 {
            let wrong = ada.app.wrong_code(&test);
            let answer = finish(&test, &token, ("code", &wrong)).await;
            refused(&answer, 401, "invalid_credentials");
        }
        let code = ada.next_code(&test);
        assert_eq!(finish(&test, &token, ("code", &code)).await.status, 200);
    }
}
