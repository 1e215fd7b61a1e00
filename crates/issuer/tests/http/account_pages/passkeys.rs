//! Passkeys, with a device in the place of the browser's script.

use std::time::Duration;

use serde_json::Value;

use super::{ADA, register};
use crate::mfa::Device;
use crate::redirect::Browser;
use crate::support::{Answer, TestApp};

const URL: &str = "https://auth.example.com";
const ADD: &str = "/account/passkeys";
const NO_PROXIES: (&str, &str) = ("SIGNET_TRUSTED_PROXIES", "none");

/// A browser of Ada at a server whose pages can use passkeys.
async fn start() -> (TestApp, Browser) {
    let app = TestApp::with(&[("SIGNET_PUBLIC_URL", URL), NO_PROXIES]).await;
    register(&app, ADA).await;
    let mut browser = Browser {
        origin: Some(URL),
        ..Browser::default()
    };
    let page = browser.visit(&app, "/account").await;
    browser.sign_in(&app, &page, ADA).await;
    (app, browser)
}

fn device(number: u8) -> Device {
    let mut device = Device::new(number);
    device.origin = URL;
    device.rp_id = "auth.example.com";
    device
}

fn request_of(page: &Answer) -> Value {
    serde_json::from_str(&page.attribute("data-request")).unwrap()
}

async fn add(app: &TestApp, browser: &mut Browser, device: &mut Device, name: &str) -> Answer {
    let page = browser.visit(app, "/account/passkeys").await;
    let asked = request_of(&page);
    let credential = device.create(&asked["public_key"]).to_string();
    let filled = [
        ("challenge_id", asked["challenge_id"].as_str().unwrap()),
        ("credential", credential.as_str()),
        ("name", name),
    ];
    browser.submit_to(app, (&page, ADD), &filled).await
}

#[tokio::test]
async fn a_passkey_is_added_renamed_and_removed() {
    let (app, mut browser) = start().await;
    let page = browser.visit(&app, "/account/passkeys").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("; script-src 'self'; connect-src 'self';"));
    assert_eq!(page.text.matches("<script").count(), 1);
    let mut phone = device(1);
    let added = add(&app, &mut browser, &mut phone, "<phone>").await;
    // A passkey is a second factor, and the sign-in was by the password alone.
    assert_eq!(added.heading(), "Confirm that it is you");
    let asked = request_of(&added);
    let credential = phone.get(&asked["public_key"]).to_string();
    let filled = [
        ("challenge_id", asked["challenge_id"].as_str().unwrap()),
        ("credential", credential.as_str()),
    ];
    let page = browser
        .submit_to(&app, (&added, "/account/confirm"), &filled)
        .await;
    assert_eq!(page.heading(), "Passkeys", "{}", page.text);
    assert!(page.text.contains("<strong>&lt;phone&gt;</strong>"));
    let rename = "/account/passkeys/rename";
    let renamed = browser
        .submit_to(&app, (&page, rename), &[("name", "desk")])
        .await;
    assert!(renamed.text.contains("<strong>desk</strong>"));
    let unnamed = browser
        .submit_to(&app, (&page, rename), &[("name", "")])
        .await;
    assert!(unnamed.text.contains("<strong>Passkey 1</strong>"));
    let remove = (&page, "/account/passkeys/remove");
    let removed = browser.submit_to(&app, remove, &[]).await;
    assert_eq!(removed.actions(), [ADD]);
    let again = browser.submit_to(&app, remove, &[]).await;
    assert_eq!(again.heading(), "Passkeys");
}

#[tokio::test]
async fn what_is_no_answer_of_a_passkey_adds_none() {
    let (app, mut browser) = start().await;
    let page = browser.visit(&app, "/account/passkeys").await;
    let asked = request_of(&page);
    let good = device(1).create(&asked["public_key"]).to_string();
    let id = asked["challenge_id"].as_str().unwrap();
    for (challenge_id, credential) in [(id, "{}"), ("", good.as_str()), ("x", good.as_str())] {
        let filled = [("challenge_id", challenge_id), ("credential", credential)];
        let refused = browser.submit_to(&app, (&page, ADD), &filled).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("The passkey was not added."));
        assert_eq!(refused.actions(), [ADD]);
    }
    app.clock.advance(Duration::from_secs(301));
    let asked = browser.visit(&app, "/account/passkeys").await;
    let filled = [("challenge_id", id), ("credential", good.as_str())];
    let refused = browser.submit(&app, &asked, &filled).await;
    assert_eq!(
        (refused.status.as_u16(), refused.heading()),
        (400, "Confirm that it is you")
    );
}

#[tokio::test]
async fn pages_of_another_domain_list_passkeys_and_add_none() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = super::signed_in(&app, ADA).await;
    let page = browser.visit(&app, "/account/passkeys").await;
    assert_eq!(page.actions(), Vec::<String>::new());
    assert!(!page.text.contains("<script"));
}
