//! Enrolling, confirming and removing an authenticator app.

use serde_json::json;

use super::support::{Authenticator, EMAIL, Enrolled, PASSWORD, Person, STALE, login, refused};
use crate::support::TestApp;

#[tokio::test]
async fn an_app_is_active_when_its_first_code_is_confirmed() {
    let test = TestApp::start().await;
    let ada = Person::register(&test).await;
    let offer = ada
        .post(&test, "/auth/mfa/totp", &json!({"password": PASSWORD}))
        .await
        .json();
    let secret = offer["secret"].as_str().unwrap();
    let expected = format!(
        "otpauth://totp/127.0.0.1:ada%40example.com?secret={secret}&issuer=127.0.0.1&algorithm=SHA1\
         &digits=6&period=30"
    );
    assert_eq!(offer["otpauth_uri"], expected);
    assert!(offer["qr_svg"].as_str().unwrap().contains("<svg"));
    assert_eq!(ada.factors(&test).await, json!([]));
    assert_eq!(login(&test).await.status, 200);

    let app = Authenticator::with_secret(secret);
    let wrong = json!({"code": app.wrong_code(&test)});
    let confirm = "/auth/mfa/totp/confirm";
    refused(
        &ada.post(&test, confirm, &wrong).await,
        401,
        "invalid_credentials",
    );
    let right = json!({"code": app.code(&test)});
    assert_eq!(ada.post(&test, confirm, &right).await.status, 200);
    assert_eq!(ada.factors(&test).await, json!(["totp"]));
    refused(&login(&test).await, 401, "mfa_required");
    refused(&ada.post(&test, confirm, &right).await, 409, "conflict");
}

#[tokio::test]
async fn nothing_is_confirmed_without_an_enrolment() {
    let test = TestApp::start().await;
    let ada = Person::register(&test).await;
    let code = json!({"code": "123456"});
    let answer = ada.post(&test, "/auth/mfa/totp/confirm", &code).await;
    refused(&answer, 404, "not_found");
    let removed = ada
        .ask(&test, ("DELETE", "/auth/mfa/totp"), &json!({}))
        .await;
    refused(&removed, 404, "not_found");
    let codes = ada
        .post(&test, "/auth/mfa/recovery-codes", &json!({}))
        .await;
    refused(&codes, 409, "conflict");
}

#[tokio::test]
async fn a_second_offer_replaces_the_first_and_an_active_app_is_kept() {
    let test = TestApp::start().await;
    let ada = Person::register(&test).await;
    let first = ada.post(&test, "/auth/mfa/totp", &json!({})).await.json();
    let second = ada.post(&test, "/auth/mfa/totp", &json!({})).await.json();
    let first = Authenticator::with_secret(first["secret"].as_str().unwrap());
    let second = Authenticator::with_secret(second["secret"].as_str().unwrap());
    let confirm = "/auth/mfa/totp/confirm";
    let code = json!({"code": first.code(&test)});
    refused(
        &ada.post(&test, confirm, &code).await,
        401,
        "invalid_credentials",
    );
    let code = json!({"code": second.code(&test)});
    assert_eq!(ada.post(&test, confirm, &code).await.status, 200);
    test.clock.advance(super::support::STEP);
    let proof = json!({"code": second.code(&test)});
    let third = ada.post(&test, "/auth/mfa/totp", &proof).await;
    refused(&third, 409, "conflict");
}

#[tokio::test]
async fn a_removed_app_is_asked_for_no_more() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let proof = json!({"password": PASSWORD, "code": ada.next_code(&test)});
    let removed = ada
        .person
        .ask(&test, ("DELETE", "/auth/mfa/totp"), &proof)
        .await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    assert_eq!(ada.person.factors(&test).await, json!([]));
    assert_eq!(login(&test).await.status, 200);
    // The codes of before are void: the account has no second factor.
    test.clock.advance(STALE);
    let proof = json!({"recovery_code": ada.codes[0]});
    let answer = ada.person.post(&test, "/auth/step-up", &proof).await;
    refused(&answer, 401, "invalid_credentials");
}

#[tokio::test]
async fn the_stored_secret_is_sealed() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    let stores = &test.app.flows.stores;
    let found = stores
        .accounts
        .by_email(&EMAIL.parse().unwrap())
        .await
        .unwrap();
    let id = found.unwrap().account.id;
    let factors = stores.authenticators.find(id).await.unwrap().unwrap();
    let sealed = factors.totp.unwrap().sealed_secret;
    assert_eq!(sealed.len(), 2 + 12 + 20 + 16);
    assert!(!sealed.windows(20).any(|part| part == ada.app.secret()));
}
