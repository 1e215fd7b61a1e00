//! Sign-in by redirect and with devices.

use super::{BOTH, Scene, at_each_call};
use crate::attacks::Fault;
use crate::mfa::EMAIL;
use crate::redirect::{Browser, CALLBACK, Device, Web, register};

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
