//! Accounts that must have a second factor.

use std::time::Duration;

use serde_json::json;

use super::device::{Device, start};
use super::support::{
    Authenticator, EMAIL, Enrolled, PASSWORD, Person, claims, finish, login, mfa_token,
    recovery_codes, refused,
};
use crate::admin::Admin;
use crate::support::{Answer, TestApp};

/// Makes the account have a second factor; the path of the account.
pub(crate) async fn require(test: &TestApp) -> String {
    let admin = Admin::of(test);
    let listed = admin.get(&format!("/admin/accounts?email={EMAIL}")).await;
    let id = listed["accounts"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/accounts/{id}");
    let change = json!({"mfa_policy": "required"}).to_string();
    let changed = admin.ask("PATCH", &path, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.member("mfa_policy"), "required");
    path
}

pub(crate) async fn enrol(test: &TestApp, token: &str) -> Answer {
    let body = json!({ "mfa_token": token }).to_string();
    test.post("/auth/login/mfa/totp", &body).await
}

#[tokio::test]
async fn a_sign_in_without_a_required_second_factor_enrols_one() {
    let test = TestApp::start().await;
    Person::register(&test).await;
    require(&test).await;
    let answer = login(&test).await;
    refused(&answer, 401, "mfa_required");
    assert_eq!(
        answer.json()["methods"],
        json!(["enrol_totp", "enrol_passkey"])
    );
    let token = answer.member("mfa_token");
    let early = finish(&test, &token, ("code", "123456")).await;
    refused(&early, 401, "invalid_credentials");
    let offer = enrol(&test, &token).await;
    assert_eq!(offer.status, 200, "{}", offer.text);
    let app = Authenticator::with_secret(offer.json()["secret"].as_str().unwrap());
    let wrong = finish(&test, &token, ("code", &app.wrong_code(&test))).await;
    refused(&wrong, 401, "invalid_credentials");
    let finished = finish(&test, &token, ("code", &app.code(&test))).await;
    assert_eq!(finished.status, 200, "{}", finished.text);
    assert_eq!(claims(&finished)["amr"], json!(["pwd", "otp", "mfa"]));
    let codes = recovery_codes(&finished);
    assert_eq!(
        Person::read(&finished).factors(&test).await,
        json!(["totp"])
    );

    refused(&enrol(&test, &token).await, 401, "challenge_failed");
    let next = login(&test).await;
    assert_eq!(next.json()["methods"], json!(["totp", "recovery_code"]));
    let next = next.member("mfa_token");
    let by_code = finish(&test, &next, ("recovery_code", &codes[0])).await;
    assert_eq!(by_code.status, 200, "{}", by_code.text);
    assert!(by_code.json().get("recovery_codes").is_none());
}

#[tokio::test]
async fn a_token_of_a_sign_in_with_a_second_factor_enrols_nothing() {
    let test = TestApp::start().await;
    let ada = Enrolled::new(&test).await;
    require(&test).await;
    let token = mfa_token(&test).await;
    refused(&enrol(&test, &token).await, 401, "challenge_failed");
    refused(&enrol(&test, "mfa_").await, 401, "challenge_failed");
    let removed = json!({"code": ada.next_code(&test)});
    let removed = ada
        .person
        .ask(&test, ("DELETE", "/auth/mfa/totp"), &removed)
        .await;
    refused(&removed, 409, "last_authenticator");
}

#[tokio::test]
async fn an_enrolment_that_began_before_another_factor_is_refused() {
    let test = TestApp::start().await;
    let person = Person::register(&test).await;
    require(&test).await;
    let token = login(&test).await.member("mfa_token");
    let own = person.post(&test, "/auth/mfa/totp", &json!({})).await;
    let app = Authenticator::with_secret(own.json()["secret"].as_str().unwrap());
    let code = json!({"code": app.code(&test)});
    let confirmed = person.post(&test, "/auth/mfa/totp/confirm", &code).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    refused(&enrol(&test, &token).await, 401, "challenge_failed");
    let late = finish(&test, &token, ("code", &app.code(&test))).await;
    refused(&late, 401, "invalid_credentials");
}

#[tokio::test]
async fn an_invited_person_whose_account_requires_it_enrols_before_signing_in() {
    let test = TestApp::start().await;
    let admin = Admin::of(&test);
    let body = json!({"email": EMAIL, "invite": true}).to_string();
    let added = admin.ask("POST", "/admin/accounts", &body).await;
    let url = added.json()["invitation"]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    require(&test).await;
    let invitation = url.split('=').next_back().unwrap();
    let body = json!({"invitation": invitation, "password": PASSWORD, "token_delivery": "body"});
    let registered = test.post("/auth/register", &body.to_string()).await;
    refused(&registered, 401, "mfa_required");
    assert_eq!(
        registered.json()["methods"],
        json!(["enrol_totp", "enrol_passkey"])
    );
    let token = registered.member("mfa_token");
    let offer = enrol(&test, &token).await;
    let app = Authenticator::with_secret(offer.json()["secret"].as_str().unwrap());
    let finished = finish(&test, &token, ("code", &app.code(&test))).await;
    assert_eq!(finished.status, 200, "{}", finished.text);
}

/// An account that must enrol a second factor, at a server with passkeys; the token of its sign-in.
async fn begin_enrolment() -> (TestApp, String) {
    let test = start().await;
    Person::register(&test).await;
    require(&test).await;
    let token = login(&test).await.member("mfa_token");
    (test, token)
}

pub(crate) async fn ask_passkey(test: &TestApp, token: &str) -> Answer {
    let body = json!({ "mfa_token": token }).to_string();
    test.post("/auth/login/mfa/passkey/options", &body).await
}

/// The answer of a device to a request for a new passkey, as the body that adds it.
pub(crate) fn made(device: &mut Device, token: &str, asked: &Answer) -> String {
    let asked = asked.json();
    json!({
        "mfa_token": token,
        "challenge_id": asked["challenge_id"],
        "credential": device.create(&asked["public_key"]),
        "name": "blue key",
        "token_delivery": "body",
    })
    .to_string()
}

pub(crate) async fn add_passkey(test: &TestApp, body: &str) -> Answer {
    test.post("/auth/login/mfa/passkey", body).await
}

#[tokio::test]
async fn a_sign_in_without_a_required_second_factor_enrols_a_passkey() {
    let (test, token) = begin_enrolment().await;
    let asked = ask_passkey(&test, &token).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let mut device = Device::new(1);
    let body = made(&mut device, &token, &asked);
    let finished = add_passkey(&test, &body).await;
    assert_eq!(finished.status, 200, "{}", finished.text);
    assert_eq!(
        claims(&finished)["amr"],
        json!(["pwd", "hwk", "user", "mfa"])
    );
    let codes = recovery_codes(&finished);
    let ada = Person::read(&finished);
    let listed = ada.ask(&test, ("GET", "/auth/passkeys"), &json!({})).await;
    assert_eq!(listed.json()["passkeys"][0]["name"], "blue key");
    let next = login(&test).await;
    assert_eq!(next.json()["methods"], json!(["passkey", "recovery_code"]));
    let next = next.member("mfa_token");
    let by_code = finish(&test, &next, ("recovery_code", &codes[0])).await;
    assert_eq!(by_code.status, 200, "{}", by_code.text);

    for late in [
        ask_passkey(&test, &token).await,
        add_passkey(&test, &body).await,
    ] {
        refused(&late, 401, "challenge_failed");
    }
}

#[tokio::test]
async fn a_passkey_that_is_refused_can_be_made_again_with_the_same_token() {
    let (test, token) = begin_enrolment().await;
    let first = ask_passkey(&test, &token).await;
    let mut foreign = Device::new(1);
    foreign.origin = "https://evil.example";
    let refusal = add_passkey(&test, &made(&mut foreign, &token, &first)).await;
    refused(&refusal, 401, "challenge_failed");
    let again = add_passkey(&test, &made(&mut Device::new(1), &token, &first)).await;
    refused(&again, 401, "challenge_failed");
    let second = ask_passkey(&test, &token).await;
    let added = add_passkey(&test, &made(&mut Device::new(1), &token, &second)).await;
    assert_eq!(added.status, 200, "{}", added.text);
}

#[tokio::test]
async fn a_passkey_that_is_made_after_five_minutes_is_refused() {
    let (test, token) = begin_enrolment().await;
    let asked = ask_passkey(&test, &token).await;
    let body = made(&mut Device::new(1), &token, &asked);
    test.clock.advance(Duration::from_mins(5));
    refused(&add_passkey(&test, &body).await, 401, "challenge_failed");
    refused(&ask_passkey(&test, &token).await, 401, "challenge_failed");
}

#[tokio::test]
async fn the_challenge_of_another_person_enrols_no_passkey() {
    let (test, token) = begin_enrolment().await;
    let bob = Person::register_as(&test, "bob@example.com").await;
    let asked = bob.post(&test, "/auth/passkeys/options", &json!({})).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let body = made(&mut Device::new(1), &token, &asked);
    refused(&add_passkey(&test, &body).await, 401, "challenge_failed");
}

#[tokio::test]
async fn a_token_that_demands_a_second_factor_enrols_no_passkey() {
    let test = start().await;
    Enrolled::new(&test).await;
    let token = mfa_token(&test).await;
    let asked = ask_passkey(&test, &token).await;
    refused(&asked, 401, "challenge_failed");
}

#[tokio::test]
async fn a_passkey_without_a_challenge_is_no_valid_request() {
    let (test, token) = begin_enrolment().await;
    let body = json!({ "mfa_token": token }).to_string();
    let answer = add_passkey(&test, &body).await;
    refused(&answer, 400, "validation_failed");
}
