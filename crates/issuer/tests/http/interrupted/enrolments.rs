//! Second factors that a sign-in has to enrol. Their recovery codes are shown once, so a person whose
//! request was interrupted must see them after all.

use std::cell::Cell;

use futures::future::join_all;

use super::{BOTH, Interruption, Outcome, Scene, at_each_call};
use crate::attacks::Fault;
use crate::mfa::{
    Authenticator, Device, Person, VARIABLES, add_passkey, ask_passkey, enrol, finish, login, made,
    mfa_token, recovery_codes, refused, require,
};
use crate::support::TestApp;

/// The token of a sign-in that has to enrol a second factor.
async fn token_of_enrolment(test: &TestApp) -> String {
    Person::register(test).await;
    require(test).await;
    mfa_token(test).await
}

async fn offered_app(test: &TestApp, token: &str) -> Authenticator {
    let offer = enrol(test, token).await;
    Authenticator::with_secret(offer.json()["secret"].as_str().unwrap())
}

/// The codes that the person was shown sign in. If only the answer of the last call was lost, the
/// sign-in is over and the codes were not shown.
async fn codes_work(scene: &Scene, fault: Fault, outcome: &Outcome) {
    if outcome.last.status != 200 {
        let over = (401, "challenge_failed".to_owned());
        assert_eq!((fault, outcome.last.problem()), (Fault::AnswerLost, over));
        return;
    }
    let codes = recovery_codes(&outcome.last);
    let token = mfa_token(&scene.app).await;
    let signed_in = finish(&scene.app, &token, ("recovery_code", &codes[9])).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    assert!(signed_in.json().get("recovery_codes").is_none());
}

/// The person sends the same code again, or types the one that the app shows now.
#[tokio::test]
async fn an_interrupted_enrolment_of_an_app_shows_the_recovery_codes() {
    for (types_next_code, faults) in [(false, &BOTH[..]), (true, &[Fault::Refused])] {
        let attempt = async |interruption| interrupted_app(interruption, types_next_code).await;
        at_each_call(faults, attempt).await;
    }
}

async fn interrupted_app(interruption: Interruption, types_next_code: bool) -> bool {
    let scene = Scene::begin().await;
    let token = token_of_enrolment(&scene.app).await;
    let app = offered_app(&scene.app, &token).await;
    let is_first = Cell::new(true);
    let send = async || {
        if !is_first.replace(false) && types_next_code {
            scene.app.clock.advance(STEP);
        }
        finish(&scene.app, &token, ("code", &app.code(&scene.app))).await
    };
    let fault = interruption.fault;
    let outcome = interruption.until_answered(&scene, send).await;
    codes_work(&scene, fault, &outcome).await;
    outcome.interrupted
}

#[tokio::test]
async fn an_interrupted_enrolment_of_a_passkey_shows_the_recovery_codes() {
    at_each_call(&BOTH, async |interruption| {
        let scene = Scene::with(&VARIABLES).await;
        let token = token_of_enrolment(&scene.app).await;
        let asked = ask_passkey(&scene.app, &token).await;
        let body = made(&mut Device::new(1), &token, &asked);
        let send = async || add_passkey(&scene.app, &body).await;
        let fault = interruption.fault;
        let outcome = interruption.until_answered(&scene, send).await;
        codes_work(&scene, fault, &outcome).await;
        outcome.interrupted
    })
    .await;
}

/// After the factor was stored, the request can be sent again, but not with another passkey.
#[tokio::test]
async fn an_interrupted_enrolment_admits_no_other_factor() {
    let scene = Scene::with(&VARIABLES).await;
    let token = token_of_enrolment(&scene.app).await;
    let app = offered_app(&scene.app, &token).await;
    let asked = ask_passkey(&scene.app, &token).await;
    let body = made(&mut Device::new(1), &token, &asked);
    let mut calls = 0;
    while login(&scene.app).await.json()["methods"][0] != "passkey" {
        scene.calls.fail_after(calls, Fault::Refused);
        let interrupted = add_passkey(&scene.app, &body).await;
        assert_eq!(interrupted.status, 503, "{}", interrupted.text);
        scene.calls.recover();
        calls += 1;
    }
    let other = made(&mut Device::new(2), &token, &asked);
    refused(
        &add_passkey(&scene.app, &other).await,
        401,
        "challenge_failed",
    );
    let by_app = finish(&scene.app, &token, ("code", &app.code(&scene.app))).await;
    refused(&by_app, 401, "invalid_credentials");
    refused(&enrol(&scene.app, &token).await, 401, "challenge_failed");
}

/// All of them show the same codes, so that those of the one that signs in are right.
#[tokio::test]
async fn of_ten_enrolments_with_one_code_at_two_replicas_one_signs_in() {
    let test = TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await;
    let other = test.replica().await;
    let token = token_of_enrolment(&test).await;
    let app = offered_app(&test, &token).await;
    let code = app.code(&test);
    let requests = (0..10).map(|turn| {
        let replica = if turn % 2 == 0 { &test } else { &other };
        finish(replica, &token, ("code", &code))
    });
    let answers = join_all(requests).await;
    let (signed_in, late): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(signed_in.len(), 1);
    for answer in late {
        refused(answer, 401, "challenge_failed");
    }
    let codes = recovery_codes(signed_in[0]);
    let next = mfa_token(&test).await;
    let by_code = finish(&test, &next, ("recovery_code", &codes[0])).await;
    assert_eq!(by_code.status, 200, "{}", by_code.text);
}

/// The life of a code.
const STEP: std::time::Duration = std::time::Duration::from_secs(30);
