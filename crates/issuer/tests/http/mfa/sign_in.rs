//! Signing in with a second factor.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use signet_store::EndingChange;

use super::support::{EMAIL, Enrolled, STEP, claims, finish, login, mfa_token, refused};
use crate::support::TestApp;

#[tokio::test]
async fn a_right_password_is_told_how_to_go_on() {
    let test = TestApp::start().await;
    Enrolled::new(&test).await;
    let answer = login(&test).await;
    refused(&answer, 401, "mfa_required");
    let json = answer.json();
    assert_eq!(json["methods"], json!(["totp", "recovery_code"]));
    assert_eq!(json["expires_in"], 300);
    assert!(json["mfa_token"].as_str().unwrap().starts_with("mfa_"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("set-cookie").is_none());
    // A wrong password learns nothing of it.
    let body = json!({"email": EMAIL, "password": "engine no. 8 steams"});
    let wrong = test.post("/auth/login", &body.to_string()).await;
    refused(&wrong, 401, "invalid_credentials");
}

#[tokio::test]
async fn a_code_finishes_the_sign_in_and_the_token_says_so() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let token = mfa_token(&test).await;
    let code = ada.next_code(&test);
    let answer = finish(&test, &token, ("code", &code)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let claims = claims(&answer);
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(claims["auth_time"], 1_800_000_030);
    assert_eq!(answer.json()["account"]["mfa"], json!(["totp"]));

    let body = json!({"refresh_token": answer.json()["refresh_token"]}).to_string();
    let refreshed = test.post("/auth/refresh", &body).await;
    let refreshed = super::support::claims(&refreshed);
    assert_eq!(refreshed["amr"], claims["amr"]);
    assert_eq!(refreshed["auth_time"], claims["auth_time"]);
}

#[tokio::test]
async fn the_refresh_token_travels_in_the_cookie_unless_the_second_request_says_otherwise() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let token = mfa_token(&test).await;
    let body = json!({"mfa_token": token, "code": ada.next_code(&test)}).to_string();
    let answer = test.post("/auth/login/mfa", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(
        answer.headers["set-cookie"]
            .to_str()
            .unwrap()
            .starts_with("signet_refresh=")
    );
    assert!(answer.json()["refresh_token"].is_null());
}

#[tokio::test]
async fn a_code_is_accepted_once() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let code = ada.next_code(&test);
    let tokens = [mfa_token(&test).await, mfa_token(&test).await];
    let first = finish(&test, &tokens[0], ("code", &code)).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let second = finish(&test, &tokens[1], ("code", &code)).await;
    refused(&second, 401, "invalid_credentials");
    // Neither is the code of the step before, which is still in the window.
    test.clock.advance(STEP);
    let again = finish(&test, &tokens[1], ("code", &code)).await;
    refused(&again, 401, "invalid_credentials");
    let next = finish(&test, &tokens[1], ("code", &ada.app.code(&test))).await;
    assert_eq!(next.status, 200, "{}", next.text);
}

#[tokio::test]
async fn a_token_finishes_one_sign_in() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let token = mfa_token(&test).await;
    let code = ada.next_code(&test);
    assert_eq!(finish(&test, &token, ("code", &code)).await.status, 200);
    let code = ada.next_code(&test);
    let again = finish(&test, &token, ("code", &code)).await;
    refused(&again, 401, "challenge_failed");
}

#[tokio::test]
async fn a_token_has_five_tries_and_five_minutes() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let token = mfa_token(&test).await;
    for _ in 0..5 {
        let wrong = ada.app.wrong_code(&test);
        let answer = finish(&test, &token, ("code", &wrong)).await;
        refused(&answer, 401, "invalid_credentials");
    }
    let code = ada.next_code(&test);
    let sixth = finish(&test, &token, ("code", &code)).await;
    refused(&sixth, 401, "challenge_failed");

    let token = mfa_token(&test).await;
    test.clock.advance(Duration::from_mins(5));
    let late = finish(&test, &token, ("code", &ada.app.code(&test))).await;
    refused(&late, 401, "challenge_failed");
}

#[tokio::test]
async fn what_is_no_token_reads_like_a_used_one() {
    let test = TestApp::start().await;
    let unknown = format!("mfa_{}", "A".repeat(43));
    for token in ["", "x", "reset_AAAA", &unknown] {
        let answer = finish(&test, token, ("code", "123456")).await;
        refused(&answer, 401, "challenge_failed");
    }
}

#[tokio::test]
async fn a_malformed_factor_is_refused_before_anything_is_counted() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let token = mfa_token(&test).await;
    for (body, field) in [
        (json!({"mfa_token": token}), "code"),
        (json!({"mfa_token": token, "code": "12345"}), "code"),
        (json!({"mfa_token": token, "code": 123_456}), "code"),
        (
            json!({"mfa_token": token, "recovery_code": "nonsense!"}),
            "recovery_code",
        ),
        (
            json!({"mfa_token": token, "code": "123456", "recovery_code": ada.codes[0]}),
            "recovery_code",
        ),
        (json!({"code": "123456"}), "mfa_token"),
    ] {
        for _ in 0..2 {
            let answer = test.post("/auth/login/mfa", &body.to_string()).await;
            refused(&answer, 400, "validation_failed");
            assert_eq!(answer.json()["errors"][0]["field"], field);
        }
    }
    let code = ada.next_code(&test);
    assert_eq!(finish(&test, &token, ("code", &code)).await.status, 200);
}

#[tokio::test]
async fn what_ends_the_sessions_of_an_account_ends_its_pending_sign_ins() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let token = mfa_token(&test).await;
    let accounts = &test.app.flows.stores.accounts;
    let account = accounts.by_email(&EMAIL.parse().unwrap()).await.unwrap();
    let account = account.unwrap().account;
    let ended = accounts.change(
        account.id,
        account
            .standing
            .epoch
            .step(signet_verifier::Timestamp::from_seconds(0)),
        &EndingChange::LogOutEverywhere,
    );
    ended.await.unwrap();
    let code = ada.next_code(&test);
    let answer = finish(&test, &token, ("code", &code)).await;
    refused(&answer, 401, "challenge_failed");
}

#[tokio::test]
async fn of_twenty_uses_of_one_code_at_two_replicas_one_wins() {
    let test = TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await;
    let other = test.replica().await;
    let ada = Enrolled::new(&test).await;
    let mut tokens = Vec::new();
    for _ in 0..20 {
        tokens.push(mfa_token(&test).await);
    }
    let code = ada.next_code(&test);
    let uses = tokens.iter().enumerate().map(|(turn, token)| {
        let replica = if turn % 2 == 0 { &test } else { &other };
        finish(replica, token, ("code", &code))
    });
    let answers = join_all(uses).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        // Ten tries of an account are checked; the winner begins a new count.
        let (status, code) = answer.problem();
        let expected = [(401, "invalid_credentials"), (429, "rate_limited")];
        assert!(
            expected.contains(&(status, code.as_str())),
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn of_twenty_uses_of_one_token_with_different_codes_one_wins() {
    let test = TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await;
    let other = test.replica().await;
    let ada = Enrolled::new(&test).await;
    let token = mfa_token(&test).await;
    let uses = (0..20).map(|turn| {
        let replica = if turn % 2 == 0 { &test } else { &other };
        finish(replica, &token, ("recovery_code", &ada.codes[turn % 10]))
    });
    let answers = join_all(uses).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    let rest = answers.iter().filter(|answer| answer.status != 200);
    for answer in rest {
        assert_eq!(answer.status, 401, "{}", answer.text);
    }
}

#[tokio::test]
async fn an_account_without_a_factor_signs_in_as_before() {
    let test = TestApp::start().await;
    super::support::Person::register(&test).await;
    let answer = login(&test).await;
    assert_eq!(answer.status, 200);
    assert_eq!(claims(&answer)["amr"], json!(["pwd"]));
    assert_eq!(answer.json()["account"]["mfa"], json!([]));
}
