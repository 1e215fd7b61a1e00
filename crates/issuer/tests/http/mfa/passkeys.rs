//! Registering, listing, renaming and removing passkeys.

use serde_json::{Value, json};

use super::device::{BACKED_UP, Change, Device, ELIGIBLE, Holder, ORIGIN, PRESENT, start};
use super::support::{EMAIL, PASSWORD, Person, STALE, login, refused};
use crate::support::TestApp;

#[tokio::test]
async fn a_request_for_a_passkey_says_what_the_browser_needs() {
    let test = start().await;
    let ada = Person::register(&test).await;
    let mut device = Device::new(1);
    device.register(&test, &ada).await;
    let asked = ada.post(&test, "/auth/step-up/options", &json!({})).await;
    let proof = json!({"passkey": device.answer(&asked.json()["passkey"])});
    let options = ada.post(&test, "/auth/passkeys/options", &proof).await;
    let mut options = options.json();
    let challenge = options["public_key"]["challenge"].take();
    assert_eq!(challenge.as_str().unwrap().len(), 43);
    let id = options["challenge_id"].take();
    assert!(id.as_str().unwrap().starts_with("pkr_"), "{id}");
    let user = options["public_key"]["user"].take();
    assert_eq!(user["name"], EMAIL);
    assert_eq!(user["displayName"], EMAIL);
    assert_eq!(user["id"], device.user_handle.clone().unwrap());
    let expected = json!({
        "challenge_id": null,
        "public_key": {
            "rp": {"id": "example.com", "name": "auth.example.com"},
            "user": null,
            "challenge": null,
            "pubKeyCredParams": [
                {"type": "public-key", "alg": -8},
                {"type": "public-key", "alg": -7},
                {"type": "public-key", "alg": -257},
            ],
            "timeout": 300_000,
            "excludeCredentials": [{"type": "public-key", "id": device.id()}],
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": true,
                "userVerification": "required",
            },
            "attestation": "none",
        },
    });
    assert_eq!(options, expected);
}

#[tokio::test]
async fn a_passkey_is_added_listed_renamed_and_removed() {
    let test = start().await;
    let ada = Person::register(&test).await;
    let mut device = Device::new(1);
    device.flags |= ELIGIBLE | BACKED_UP;
    let added = device.register(&test, &ada).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let mut passkey = json!({
        "id": device.id(),
        "name": "phone",
        "created_at": "2027-01-15T08:00:00Z",
        "last_used_at": null,
        "synced": true,
    });
    assert_eq!(added.json(), passkey);
    assert_eq!(ada.factors(&test).await, json!(["passkey"]));

    let path = format!("/auth/passkeys/{}", device.id());
    let name = json!({"name": "key of Ada"});
    let renamed = ada.ask(&test, ("PATCH", &path), &name).await;
    passkey["name"] = "key of Ada".into();
    assert_eq!(renamed.json(), passkey);
    assert_eq!(list(&test, &ada).await, json!({"passkeys": [passkey]}));
    let no_name = json!({"name": null});
    let unnamed = ada.ask(&test, ("PATCH", &path), &no_name).await;
    assert_eq!(unnamed.json()["name"], json!(null));
    let nothing = ada.ask(&test, ("PATCH", &path), &json!({})).await;
    refused(&nothing, 400, "validation_failed");

    let asked = ada.post(&test, "/auth/step-up/options", &json!({})).await;
    let proof = json!({"proof": {"passkey": device.answer(&asked.json()["passkey"])}});
    let removed = ada.ask(&test, ("DELETE", &path), &proof).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    assert_eq!(list(&test, &ada).await, json!({"passkeys": []}));
    assert_eq!(ada.factors(&test).await, json!([]));
    for method in ["PATCH", "DELETE"] {
        let body = json!({"name": "x", "password": PASSWORD});
        let gone = ada.ask(&test, (method, &path), &body).await;
        refused(&gone, 404, "not_found");
    }
    assert_eq!(login(&test).await.status, 200);
}

#[tokio::test]
async fn a_new_passkey_needs_a_fresh_proof() {
    let test = start().await;
    let ada = Person::register(&test).await;
    test.clock.advance(STALE);
    let old = ada.post(&test, "/auth/passkeys/options", &json!({})).await;
    refused(&old, 403, "step_up_required");
    let proof = json!({"password": PASSWORD});
    let fresh = ada.post(&test, "/auth/passkeys/options", &proof).await;
    assert_eq!(fresh.status, 200, "{}", fresh.text);
}

#[tokio::test]
async fn a_refused_registration_names_the_rule() {
    let test = start().await;
    let ada = Person::register(&test).await;
    let cases: [(&str, Change); 6] = [
        ("origin", |it| it.origin = "https://example.org"),
        ("origin", |it| it.origin = "https://api.example.com"),
        ("rp_id", |it| it.rp_id = "auth.example.com"),
        ("user_verification", |it| it.flags = PRESENT),
        ("backup_flags", |it| it.flags |= BACKED_UP),
        ("key", |it| it.algorithm = 0x27),
    ];
    for (code, change) in cases {
        let mut device = Device::new(1);
        change(&mut device);
        let answer = device.register(&test, &ada).await;
        refused(&answer, 400, "validation_failed");
        let error = &answer.json()["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&"credential".into(), &code.into())
        );
    }
    assert_eq!(list(&test, &ada).await, json!({"passkeys": []}));
}

#[tokio::test]
async fn a_registration_answers_its_own_challenge_once() {
    let test = start().await;
    let ada = Person::register(&test).await;
    let begin = || async {
        ada.post(&test, "/auth/passkeys/options", &json!({}))
            .await
            .json()
    };
    let (one, other) = (begin().await, begin().await);
    let mut device = Device::new(1);
    let mut body = json!({
        "challenge_id": one["challenge_id"], "credential": device.create(&other["public_key"]),
    });
    let crossed = ada.post(&test, "/auth/passkeys", &body).await;
    assert_eq!(crossed.json()["errors"][0]["code"], "challenge");
    body["credential"] = device.create(&one["public_key"]);
    let again = ada.post(&test, "/auth/passkeys", &body).await;
    refused(&again, 401, "challenge_failed");
    test.clock.advance(STALE);
    body = json!({
        "challenge_id": other["challenge_id"], "credential": device.create(&other["public_key"]),
    });
    let late = ada.post(&test, "/auth/passkeys", &body).await;
    refused(&late, 401, "challenge_failed");
}

#[tokio::test]
async fn a_credential_id_is_registered_once_whichever_account_asks() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    let signed_in = Person::read(&ada.device.sign_in(&test).await);
    let mut copy = Device::new(1);
    let again = copy.register(&test, &signed_in).await;
    refused(&again, 409, "conflict");
    let bob = Person::register_as(&test, "bob@example.com").await;
    refused(&copy.register(&test, &bob).await, 409, "conflict");
    assert_eq!(list(&test, &bob).await, json!({"passkeys": []}));
}

#[tokio::test]
async fn an_account_has_at_most_ten_passkeys() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    assert_eq!(ada.device.sign_in(&test).await.status, 200);
    let signed_in = Person::read(&ada.device.sign_in(&test).await);
    for number in 2..=10 {
        let added = Device::new(number).register(&test, &signed_in).await;
        assert_eq!(added.status, 201, "{}", added.text);
    }
    let more = signed_in
        .post(&test, "/auth/passkeys/options", &json!({}))
        .await;
    refused(&more, 409, "conflict");
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    let test = start().await;
    let mut ada = Holder::new(&test).await;
    let stores = &test.app.flows.stores;
    let account = stores.accounts.by_email(&EMAIL.parse().unwrap()).await;
    let id = account.unwrap().unwrap().account.id;
    let found = stores.authenticators.find(id).await.unwrap().unwrap();
    let without_password = found.remove_password().unwrap();
    stores.authenticators.swap(&without_password).await.unwrap();
    let signed_in = Person::read(&ada.device.sign_in(&test).await);
    let path = format!("/auth/passkeys/{}", ada.device.id());
    let removed = signed_in.ask(&test, ("DELETE", &path), &json!({})).await;
    refused(&removed, 409, "last_authenticator");
    assert_eq!(ada.device.sign_in(&test).await.status, 200);
}

#[tokio::test]
async fn the_owner_reads_the_passkeys_in_the_export() {
    let test = start().await;
    let ada = Holder::new(&test).await;
    let headers = [("authorization", ada.person.bearer.as_str())];
    let export = crate::support::request("GET", "/auth/export", &headers, "");
    let export = test.send(export).await.json();
    let passkeys = &export["authenticators"]["passkeys"];
    assert_eq!(*passkeys, list(&test, &ada.person).await["passkeys"]);
    assert_eq!(passkeys[0]["id"], ada.device.id());
    assert_eq!(ada.device.origin, ORIGIN);
}

async fn list(test: &TestApp, person: &Person) -> Value {
    let headers = [("authorization", person.bearer.as_str())];
    let request = crate::support::request("GET", "/auth/passkeys", &headers, "");
    test.send(request).await.json()
}
