//! Recovery codes.

use futures::future::join_all;
use serde_json::json;

use super::support::{
    Enrolled, PASSWORD, STALE, claims, finish, mfa_token, recovery_codes, refused,
};
use crate::support::TestApp;

#[tokio::test]
async fn a_recovery_code_signs_in_once_however_it_is_typed() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let typed = ada.codes[0].to_uppercase().replace('-', " ");
    let token = mfa_token(&test).await;
    let answer = finish(&test, &token, ("recovery_code", &typed)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(claims(&answer)["amr"], json!(["pwd", "otp", "mfa"]));
    let token = mfa_token(&test).await;
    let again = finish(&test, &token, ("recovery_code", &ada.codes[0])).await;
    refused(&again, 401, "invalid_credentials");
    let other = finish(&test, &token, ("recovery_code", &ada.codes[1])).await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn new_codes_make_the_old_ones_void() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let proof = json!({"password": PASSWORD, "code": ada.next_code(&test)});
    let replaced = ada
        .person
        .post(&test, "/auth/mfa/recovery-codes", &proof)
        .await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    let new = recovery_codes(&replaced);
    let token = mfa_token(&test).await;
    let old = finish(&test, &token, ("recovery_code", &ada.codes[0])).await;
    refused(&old, 401, "invalid_credentials");
    assert_eq!(
        finish(&test, &token, ("recovery_code", &new[9]))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn of_twenty_uses_of_a_recovery_code_at_two_replicas_one_wins() {
    let test = TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await;
    let other = test.replica().await;
    let ada = Enrolled::new(&test).await;
    let mut tokens = Vec::new();
    for _ in 0..20 {
        tokens.push(mfa_token(&test).await);
    }
    let uses = tokens.iter().enumerate().map(|(turn, token)| {
        let replica = if turn % 2 == 0 { &test } else { &other };
        finish(replica, token, ("recovery_code", &ada.codes[3]))
    });
    let answers = join_all(uses).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        refused(answer, 401, "invalid_credentials");
    }
}

#[tokio::test]
async fn the_last_code_gone_leaves_the_app() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    for code in &ada.codes {
        let token = mfa_token(&test).await;
        assert_eq!(
            finish(&test, &token, ("recovery_code", code)).await.status,
            200
        );
    }
    let answer = super::support::login(&test).await;
    assert_eq!(answer.json()["methods"], json!(["totp"]));
    test.clock.advance(STALE);
    let options = ada
        .person
        .post(&test, "/auth/step-up/options", &json!({}))
        .await;
    assert_eq!(options.json(), json!({"methods": ["totp"]}));
}
