//! Requests that remove second factors at the same time, from an account that must have one.

use serde_json::json;

use super::device::{Device, Holder, start};
use super::required::require;
use super::support::{Authenticator, Person, refused};
use crate::support::{Answer, TestApp};

/// A person who is signed in with a passkey, the first of two second factors.
async fn with_passkey(test: &TestApp) -> (Person, Device) {
    let mut ada = Holder::new(test).await;
    let signed_in = ada.device.sign_in(test).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    (Person::read(&signed_in), ada.device)
}

/// Removes what is at both paths at the same time.
async fn remove_both(test: &TestApp, ada: &Person, paths: [&str; 2]) {
    require(test).await;
    let nothing = json!({});
    let [one, other] = paths.map(|path| ada.ask(test, ("DELETE", path), &nothing));
    let (one, other) = tokio::join!(one, other);
    let is_removed = |answer: &Answer| answer.status == 204;
    let (removed, kept) = if is_removed(&one) {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!(removed.status, 204, "{}", removed.text);
    refused(&kept, 409, "last_authenticator");
    assert_eq!(
        kept.member("detail"),
        "this account must have a second factor; enrol another one first"
    );
    assert_eq!(ada.factors(test).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn of_an_app_and_a_passkey_that_are_removed_at_once_one_stays() {
    let test = start().await;
    let (ada, device) = with_passkey(&test).await;
    let offer = ada.post(&test, "/auth/mfa/totp", &json!({})).await;
    let app = Authenticator::with_secret(&offer.member("secret"));
    let code = json!({"code": app.code(&test)});
    let confirmed = ada.post(&test, "/auth/mfa/totp/confirm", &code).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let passkey = format!("/auth/passkeys/{}", device.id());
    remove_both(&test, &ada, ["/auth/mfa/totp", &passkey]).await;
}

#[tokio::test]
async fn of_two_passkeys_that_are_removed_at_once_one_stays() {
    let test = start().await;
    let (ada, device) = with_passkey(&test).await;
    let mut second = Device::new(2);
    let added = second.register(&test, &ada).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let paths = [&device, &second].map(|device| format!("/auth/passkeys/{}", device.id()));
    remove_both(&test, &ada, [&paths[0], &paths[1]]).await;
}
