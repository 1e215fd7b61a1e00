//! Signing in with a passkey alone, and the answers that do not sign in.

use futures::future::join_all;
use serde_json::{Value, json};
use signet_issuer::config::LogFormat;

use super::device::{
    BACKED_UP, Change, Device, ELIGIBLE, Holder, PRESENT, VERIFIED, ask, refused_silently,
    sign_in_with, start,
};
use super::support::{EMAIL, Person, STALE, claims, refused};
use crate::logs::capture;
use crate::support::TestApp;

#[tokio::test]
async fn a_passkey_signs_in_and_says_where_its_key_is() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    let answer = ada.device.sign_in(&test).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(claims(&answer)["amr"], json!(["hwk", "user", "mfa"]));
    assert_eq!(answer.json()["account"]["email"], EMAIL);
    let mut synced = Device::new(2);
    synced.flags |= ELIGIBLE | BACKED_UP;
    let signed_in = Person::read(&answer);
    assert_eq!(synced.register(&test, &signed_in).await.status, 201);
    let answer = synced.sign_in(&test).await;
    assert_eq!(claims(&answer)["amr"], json!(["swk", "user", "mfa"]));
    assert_eq!(claims(&answer)["auth_time"], 1_800_000_000);
}

#[tokio::test]
async fn a_request_is_the_same_whatever_accounts_there_are() {
    let test = start().await;
    let ada = Holder::new(&test).await;
    for body in [
        json!({}),
        json!({"email": EMAIL}),
        json!({"email": "nobody@example.com"}),
    ] {
        let mut request = ask(&test, &body).await;
        let challenge = request["public_key"]["challenge"].take();
        assert_eq!(challenge.as_str().unwrap().len(), 43);
        assert_eq!(request["challenge_id"].take().as_str().unwrap().len(), 47);
        let expected = json!({
            "challenge_id": null,
            "public_key": {
                "challenge": null,
                "timeout": 300_000,
                "rpId": "example.com",
                "allowCredentials": [],
                "userVerification": "required",
            },
        });
        assert_eq!(request, expected, "{body}");
    }
    drop(ada);
}

#[tokio::test]
async fn with_an_address_only_a_passkey_of_its_account_signs_in() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    for (email, status) in [("ADA@example.com", 200), ("bob@example.com", 401)] {
        let request = ask(&test, &json!({"email": email})).await;
        let answer = ada.device.answer(&request);
        assert_eq!(sign_in_with(&test, answer).await.status, status, "{email}");
    }
}

/// Every way to be refused, and the reason in the log.
const HOSTILE: [(&str, Change); 11] = [
    ("origin", |it| it.origin = "https://evil.example"),
    ("origin", |it| it.origin = "http://app.example.com"),
    ("rp_id", |it| it.rp_id = "evil.example"),
    ("user_presence", |it| it.flags = VERIFIED),
    ("user_verification", |it| it.flags = PRESENT),
    ("backup_eligibility", |it| it.flags |= ELIGIBLE),
    ("backup_flags", |it| it.flags |= BACKED_UP),
    ("user_handle", |it| it.user_handle = None),
    ("user_handle", |it| it.user_handle = Some("AAAA".to_owned())),
    ("unknown_passkey", |it| it.id = vec![9; 16]),
    ("signature", |it| {
        let handle = it.user_handle.take();
        *it = Device::new(1);
        it.user_handle = handle;
    }),
];

#[tokio::test]
async fn hostile_answers_are_refused_with_one_text_and_named_in_the_log() {
    for (reason, change) in HOSTILE {
        let (captured, guard) = capture(LogFormat::Json);
        let test = start().await;
        let mut ada = Holder::new(&test).await;
        change(&mut ada.device);
        refused_silently(&ada.device.sign_in(&test).await);
        drop(guard);
        let logged = captured.text();
        let lines = logged
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let refusals: Vec<Value> = lines
            .filter(|line: &Value| line["event.name"] == "passkey.refused")
            .collect();
        assert_eq!(refusals.len(), 1, "{logged}");
        assert_eq!(refusals[0]["passkey.refusal"], reason);
        assert!(logged.contains("sign_in.failed"), "{logged}");
        assert!(!logged.contains(EMAIL), "{logged}");
    }
}

#[tokio::test]
async fn a_challenge_is_answered_once() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    let request = ask(&test, &json!({})).await;
    let answer = ada.device.answer(&request);
    assert_eq!(sign_in_with(&test, answer.clone()).await.status, 200);
    refused_silently(&sign_in_with(&test, answer).await);

    let (one, other) = (ask(&test, &json!({})).await, ask(&test, &json!({})).await);
    let mut crossed = ada.device.answer(&one);
    crossed["challenge_id"] = other["challenge_id"].clone();
    refused_silently(&sign_in_with(&test, crossed).await);
    let answer = ada.device.answer(&other);
    refused_silently(&sign_in_with(&test, answer).await);

    let answer = ada.device.answer(&one);
    test.clock.advance(STALE);
    refused_silently(&sign_in_with(&test, answer).await);
}

#[tokio::test]
async fn of_twenty_answers_to_one_challenge_at_two_replicas_one_signs_in() {
    let test = start().await;
    let replica = test.replica().await;
    let mut ada = Holder::new(&test).await;
    let request = ask(&test, &json!({})).await;
    let answers = (0..20).map(|number| {
        let answer = ada.device.answer(&request);
        sign_in_with(if number % 2 == 0 { &test } else { &replica }, answer)
    });
    let answers = join_all(answers.collect::<Vec<_>>()).await;
    let statuses: Vec<_> = answers
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 19);
}

#[tokio::test]
async fn a_counter_that_does_not_grow_is_refused_as_a_copy() {
    let test = start().await;
    let ada = Person::register(&test).await;
    let mut device = Device::new(1);
    device.counter = 7;
    device.register(&test, &ada).await;
    for (counter, status) in [(8, 200), (8, 401), (3, 401), (0, 401), (9, 200)] {
        device.counter = counter;
        assert_eq!(device.sign_in(&test).await.status, status, "{counter}");
    }
}

#[tokio::test]
async fn a_disabled_account_and_a_removed_passkey_do_not_sign_in() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    let signed_in = Person::read(&ada.device.sign_in(&test).await);
    let path = format!("/auth/passkeys/{}", ada.device.id());
    let removed = signed_in.ask(&test, ("DELETE", &path), &json!({})).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    refused_silently(&ada.device.sign_in(&test).await);
    assert_eq!(ada.device.register(&test, &signed_in).await.status, 201);
    disable(&test).await;
    refused_silently(&ada.device.sign_in(&test).await);
}

/// Disables the account of Ada as an administrator on the command line does.
async fn disable(test: &TestApp) {
    let email = EMAIL.parse().unwrap();
    let found = test.app.flows.stores.accounts.by_email(&email).await;
    let id = found.unwrap().unwrap().account.id;
    let origin = signet_flows::origin::RequestOrigin::default();
    let caller = signet_flows::origin::Caller::unknown(&origin);
    let disabled = test.app.flows.disable_account(id, caller);
    disabled.await.unwrap();
}

#[tokio::test]
async fn what_is_no_credential_is_a_bad_request() {
    let test = start().await;
    let request = ask(&test, &json!({})).await;
    let id = &request["challenge_id"];
    for (body, field) in [
        (json!({}), "challenge_id"),
        (json!({"challenge_id": id}), "credential"),
        (json!({"challenge_id": id, "credential": 7}), "credential"),
        (
            json!({"challenge_id": id, "credential": {"id": "AA"}}),
            "credential",
        ),
    ] {
        let answer = sign_in_with(&test, body).await;
        refused(&answer, 400, "validation_failed");
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
}
