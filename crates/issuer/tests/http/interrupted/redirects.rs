//! Sign-in by redirect and with devices.

use super::{BOTH, Interruption, Scene, at_each_call};
use crate::attacks::Fault;
use crate::mfa::EMAIL;
use crate::redirect::{Browser, CALLBACK, Device, Web, push, register, start};

#[tokio::test]
async fn an_interrupted_poll_of_a_device_is_repeated() {
    at_each_call(&[Fault::Refused], async |interruption| {
        let scene = Scene::begin().await;
        let device = Device::own(&scene.app).await;
        let allowed = device.decide(&mut Browser::default(), "allow").await;
        assert_eq!(allowed.heading(), "Your device is connected");
        let outcome = interruption
            .until_answered(&scene, async || device.poll().await)
            .await;
        assert_eq!(outcome.last.status, 200, "{}", outcome.last.text);
        outcome.interrupted
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_visit_with_a_pushed_request_is_repeated() {
    at_each_call(&[Fault::Refused], async |interruption| {
        let scene = Scene::begin().await;
        register(&scene.app, EMAIL).await;
        let wiki = Web::own(&scene.app).await;
        let address = start("wiki", &push(&scene.app, &wiki, &[]).await);
        let send = async || Browser::default().get(&scene.app, &address).await;
        let outcome = interruption.until_answered(&scene, send).await;
        assert!(outcome.last.location().starts_with("/signin?request="));
        outcome.interrupted
    })
    .await;
}

/// What a person has decided is kept first, and the client gets its answer last.
#[tokio::test]
async fn an_interrupted_consent_is_sent_again() {
    for decision in ["allow", "deny"] {
        let attempt = async |interruption| interrupted_consent(interruption, decision).await;
        at_each_call(&[Fault::Refused], attempt).await;
    }
}

async fn interrupted_consent(interruption: Interruption, decision: &str) -> bool {
    let scene = Scene::begin().await;
    register(&scene.app, EMAIL).await;
    let (wiki, mut browser) = (Web::foreign(&scene.app).await, Browser::default());
    let page = browser.visit(&scene.app, &wiki.authorize(&[])).await;
    let page = browser.sign_in(&scene.app, &page, EMAIL).await;
    let filled = [("decision", decision)];
    let send = async || browser.clone().submit(&scene.app, &page, &filled).await;
    let outcome = interruption.until_answered(&scene, send).await;
    let told = outcome.last.to_client(CALLBACK);
    match told.get("code") {
        Some(code) => assert_eq!(wiki.redeem(&scene.app, code).await.status, 200),
        None => assert_eq!(told["error"], "access_denied"),
    }
    assert_eq!(told.contains_key("code"), decision == "allow");
    outcome.interrupted
}

#[tokio::test]
async fn an_interrupted_decision_about_a_device_is_sent_again() {
    for (decision, polled) in [("allow", 200), ("deny", 400)] {
        let attempt =
            async |interruption| interrupted_decision(interruption, decision, polled).await;
        at_each_call(&[Fault::Refused], attempt).await;
    }
}

async fn interrupted_decision(interruption: Interruption, decision: &str, polled: u16) -> bool {
    let scene = Scene::begin().await;
    let device = Device::own(&scene.app).await;
    let mut browser = Browser::default();
    let page = device.open(&mut browser).await;
    let filled = [("decision", decision)];
    let send = async || browser.clone().submit(&scene.app, &page, &filled).await;
    let outcome = interruption.until_answered(&scene, send).await;
    assert_eq!(outcome.last.status, 200, "{}", outcome.last.text);
    assert_eq!(device.poll().await.status, polled);
    outcome.interrupted
}

/// A code that was shown is used. The browser is signed in, so that the client gets another code
/// without a question to the person.
#[tokio::test]
async fn after_an_interrupted_exchange_the_client_gets_another_code_at_once() {
    at_each_call(&BOTH, async |interruption| {
        let scene = Scene::begin().await;
        register(&scene.app, EMAIL).await;
        let (wiki, mut browser) = (Web::own(&scene.app).await, Browser::default());
        let page = browser.visit(&scene.app, &wiki.authorize(&[])).await;
        let answer = browser.sign_in(&scene.app, &page, EMAIL).await;
        let code = answer.to_client(CALLBACK)["code"].clone();
        let send = async || wiki.redeem(&scene.app, &code).await;
        let outcome = interruption.until_answered(&scene, send).await;
        if outcome.last.status != 200 {
            assert_eq!(
                outcome.last.oauth_error(),
                (400, "invalid_grant".to_owned())
            );
            let answer = browser.visit(&scene.app, &wiki.authorize(&[])).await;
            let code = answer.to_client(CALLBACK)["code"].clone();
            let tokens = wiki.redeem(&scene.app, &code).await;
            assert_eq!(tokens.status, 200, "{}", tokens.text);
        }
        outcome.interrupted
    })
    .await;
}
