//! Passkeys as a second factor and for step-up.

use serde_json::{Value, json};

use super::device::{Device, Holder, ask, refused_silently, sign_in_with, start};
use super::support::{Enrolled, PASSWORD, Person, STALE, claims, login, refused};
use crate::support::{Answer, TestApp};

async fn finish(test: &TestApp, token: &Value, mut answer: Value) -> Answer {
    answer["mfa_token"] = token.clone();
    answer["token_delivery"] = "body".into();
    test.post("/auth/login/mfa", &answer.to_string()).await
}

#[tokio::test]
async fn a_passkey_finishes_a_sign_in_with_a_password() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    let demand = login(&test).await;
    refused(&demand, 401, "mfa_required");
    let demand = demand.json();
    assert_eq!(demand["methods"], json!(["passkey"]));
    let allowed = &demand["public_key"]["allowCredentials"];
    assert_eq!(
        *allowed,
        json!([{"type": "public-key", "id": ada.device.id()}])
    );
    let answer = ada.device.answer(&demand);
    let finished = finish(&test, &demand["mfa_token"], answer.clone()).await;
    assert_eq!(finished.status, 200, "{}", finished.text);
    assert_eq!(
        claims(&finished)["amr"],
        json!(["pwd", "hwk", "user", "mfa"])
    );
    refused(
        &finish(&test, &demand["mfa_token"], answer).await,
        401,
        "challenge_failed",
    );
}

#[tokio::test]
async fn a_refused_passkey_leaves_the_token_for_another_factor() {
    let test = start().await;
    let ada = Enrolled::new(&test).await;
    let mut device = Device::new(1);
    assert_eq!(
        device
            .register(&test, &stepped_up(&test, &ada).await)
            .await
            .status,
        201
    );
    let demand = login(&test).await.json();
    assert_eq!(
        demand["methods"],
        json!(["totp", "passkey", "recovery_code"])
    );
    let answer = device.answer(&demand);
    let mut stranger = Device::new(1);
    stranger.user_handle.clone_from(&device.user_handle);
    let wrong = stranger.answer(&demand);
    refused_silently(&finish(&test, &demand["mfa_token"], wrong).await);
    refused_silently(&finish(&test, &demand["mfa_token"], answer).await);
    let code = json!({"recovery_code": ada.codes[0]});
    let finished = finish(&test, &demand["mfa_token"], code).await;
    assert_eq!(finished.status, 200, "{}", finished.text);
}

/// Ada after a step-up with her app.
async fn stepped_up(test: &TestApp, ada: &Enrolled) -> Person {
    let proof = json!({"code": ada.next_code(test)});
    let answer = ada.person.post(test, "/auth/step-up", &proof).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    Person::read(&answer)
}

#[tokio::test]
async fn a_code_and_a_passkey_together_are_refused() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    let demand = login(&test).await.json();
    let mut both = ada.device.answer(&demand);
    both["code"] = "123456".into();
    let answer = finish(&test, &demand["mfa_token"], both).await;
    refused(&answer, 400, "validation_failed");
    assert_eq!(answer.json()["errors"][0]["code"], "conflict");
}

#[tokio::test]
async fn a_passkey_steps_up() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    test.clock.advance(STALE);
    let path = "/auth/passkeys/options";
    let demand = ada
        .person
        .post(&test, path, &json!({"password": PASSWORD}))
        .await;
    refused(&demand, 403, "step_up_required");
    assert_eq!(demand.json()["methods"], json!(["passkey"]));
    let options = ada
        .person
        .post(&test, "/auth/step-up/options", &json!({}))
        .await;
    let request = options.json()["passkey"].clone();
    assert_eq!(
        request["public_key"]["allowCredentials"][0]["id"],
        ada.device.id()
    );
    let proof = json!({"passkey": ada.device.answer(&request)});
    let stepped = ada.person.post(&test, "/auth/step-up", &proof).await;
    assert_eq!(stepped.status, 200, "{}", stepped.text);
    assert_eq!(
        claims(&stepped)["amr"],
        json!(["pwd", "hwk", "user", "mfa"])
    );
    assert_eq!(claims(&stepped)["auth_time"], 1_800_000_301);
    let again = ada.person.post(&test, "/auth/step-up", &proof).await;
    refused_silently(&again);
    assert_eq!(ada.person.post(&test, path, &json!({})).await.status, 200);
}

#[tokio::test]
async fn a_passkey_of_another_account_is_no_proof() {
    let test = start().await;
    let ada = Holder::new(&test).await;
    let bob = Person::register_as(&test, "bob@example.com").await;
    let mut of_bob = Device::new(2);
    assert_eq!(of_bob.register(&test, &bob).await.status, 201);
    for impersonates in [false, true] {
        let options = ada
            .person
            .post(&test, "/auth/step-up/options", &json!({}))
            .await;
        if impersonates {
            of_bob.user_handle.clone_from(&ada.device.user_handle);
            of_bob.id.clone_from(&ada.device.id);
        }
        let proof = json!({"passkey": of_bob.answer(&options.json()["passkey"])});
        let answer = ada.person.post(&test, "/auth/step-up", &proof).await;
        refused_silently(&answer);
    }
}

#[tokio::test]
async fn a_challenge_is_good_for_the_purpose_and_the_session_it_was_made_for() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    let other = Person::read(&ada.device.sign_in(&test).await);
    let step_up = |it: Value| json!({"passkey": it});

    let request = ask(&test, &json!({})).await;
    let proof = step_up(ada.device.answer(&request));
    refused_silently(&ada.person.post(&test, "/auth/step-up", &proof).await);

    let demand = login(&test).await.json();
    refused_silently(&sign_in_with(&test, ada.device.answer(&demand)).await);

    let options = other
        .post(&test, "/auth/step-up/options", &json!({}))
        .await
        .json();
    let proof = step_up(ada.device.answer(&options["passkey"]));
    refused_silently(&ada.person.post(&test, "/auth/step-up", &proof).await);

    let options = other
        .post(&test, "/auth/step-up/options", &json!({}))
        .await
        .json();
    let answer = ada.device.answer(&options["passkey"]);
    refused_silently(&finish(&test, &demand["mfa_token"], answer).await);

    let creation = other
        .post(&test, "/auth/passkeys/options", &json!({}))
        .await
        .json();
    let credential = Device::new(2).create(&creation["public_key"]);
    let body = json!({"challenge_id": creation["challenge_id"], "credential": credential});
    let answer = ada.person.post(&test, "/auth/passkeys", &body).await;
    refused_silently(&answer);
}
