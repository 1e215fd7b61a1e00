//! Recovery codes.

use futures::future::join_all;
use serde_json::json;

use super::support::{
    EMAIL, Enrolled, PASSWORD, STALE, claims, finish, mfa_token, recovery_codes, refused,
};
use crate::attacks::{Calls, Fault};
use crate::support::{TestApp, request};

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
async fn a_code_whose_answer_was_lost_is_good_for_the_same_sign_in_only() {
    let calls = Calls::default();
    let test = TestApp::around(&[], |stores| calls.count(stores)).await;
    let ada = Enrolled::new(&test).await;
    let (code, mut at) = (("recovery_code", ada.codes[0].as_str()), 0);
    // The first request that uses the code and fails afterwards.
    let token = loop {
        let token = mfa_token(&test).await;
        calls.fail_after(at, Fault::Refused);
        let failed = finish(&test, &token, code).await;
        assert!(calls.recover());
        refused(&failed, 503, "unavailable");
        if codes_left(&test).await == 9 {
            break token;
        }
        at += 1;
    };
    let other = mfa_token(&test).await;
    refused(
        &finish(&test, &other, code).await,
        401,
        "invalid_credentials",
    );
    let answer = finish(&test, &token, code).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    refused(&finish(&test, &token, code).await, 401, "challenge_failed");
    refused(
        &finish(&test, &other, code).await,
        401,
        "invalid_credentials",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_five_equal_requests_at_two_replicas_one_signs_in() {
    let test = TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await;
    let other = test.replica().await;
    let ada = Enrolled::new(&test).await;
    for code in &ada.codes {
        let token = mfa_token(&test).await;
        let code = ("recovery_code", code.as_str());
        let replicas = [&test, &other, &test, &other, &test];
        let sent = replicas.map(|replica| finish(replica, &token, code));
        let answers = join_all(sent).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401, 401, 401, 401]);
    }
    assert_eq!(codes_left(&test).await, 0);
    // The session of the registration, and one for each code.
    let headers = [("authorization", ada.person.bearer.as_str())];
    let sessions = test.send(request("GET", "/auth/sessions", &headers, ""));
    let sessions = sessions.await.json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 11);
}

/// How many recovery codes the account has.
async fn codes_left(test: &TestApp) -> usize {
    let stores = &test.app.flows.stores;
    let account = stores.accounts.by_email(&EMAIL.parse().unwrap()).await;
    let id = account.unwrap().unwrap().account.id;
    let found = stores.authenticators.find(id).await.unwrap().unwrap();
    found.recovery_codes.len()
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
