//! Second factors.

use std::cell::RefCell;

use serde_json::json;

use super::{BOTH, Interruption, Scene, at_each_call};
use crate::attacks::Fault;
use crate::mfa::{EMAIL, Enrolled, finish, mfa_token};
use crate::redirect::{Browser, CALLBACK, Web};

/// The sign-in is finished last. If only the answer of that call is lost, the person begins anew with
/// another code.
#[tokio::test]
async fn an_interrupted_second_factor_is_sent_again() {
    for field in ["code", "recovery_code"] {
        let attempt = async |interruption| interrupted_factor(interruption, field).await;
        at_each_call(&BOTH, attempt).await;
    }
}

async fn interrupted_factor(interruption: Interruption, field: &str) -> bool {
    let scene = Scene::begin().await;
    let ada = Enrolled::new(&scene.app).await;
    let token = mfa_token(&scene.app).await;
    let factor = |number: usize| match field {
        "code" => ada.next_code(&scene.app),
        _ => ada.codes[number].clone(),
    };
    let first = factor(0);
    let send = async || finish(&scene.app, &token, (field, &first)).await;
    let fault = interruption.fault;
    let outcome = interruption.until_answered(&scene, send).await;
    if outcome.last.status != 200 {
        let told = outcome.last.problem();
        let over = (401, "challenge_failed".to_owned());
        assert_eq!((fault, told), (Fault::AnswerLost, over));
        let token = mfa_token(&scene.app).await;
        let finished = finish(&scene.app, &token, (field, &factor(1))).await;
        assert_eq!(finished.status, 200, "{}", finished.text);
    }
    outcome.interrupted
}

/// A page keeps the token in a cookie: the person sends the form again.
#[tokio::test]
async fn an_interrupted_second_factor_of_a_page_is_sent_again() {
    at_each_call(&[Fault::Refused], async |interruption| {
        let scene = Scene::begin().await;
        let ada = Enrolled::new(&scene.app).await;
        let (wiki, mut browser) = (Web::own(&scene.app).await, Browser::default());
        let page = browser.visit(&scene.app, &wiki.authorize(&[])).await;
        let page = browser.sign_in(&scene.app, &page, EMAIL).await;
        let browser = RefCell::new(browser);
        let send = async || {
            let mut tab = browser.borrow().clone();
            let filled = [("code", ada.codes[0].as_str())];
            let answer = tab.submit(&scene.app, &page, &filled).await;
            *browser.borrow_mut() = tab;
            answer
        };
        let outcome = interruption.until_answered(&scene, send).await;
        // If the sign-in was done, the person only has to go back to the client.
        let last = match outcome.last.local_redirect() {
            None if outcome.last.status == 303 => outcome.last,
            _ => {
                let mut tab = browser.borrow().clone();
                tab.visit(&scene.app, &wiki.authorize(&[])).await
            }
        };
        assert!(last.to_client(CALLBACK).contains_key("code"));
        outcome.interrupted
    })
    .await;
}

/// Without the token of a sign-in, a repetition cannot be told from a theft.
#[tokio::test]
async fn a_code_beside_a_change_is_used_even_if_the_change_is_interrupted() {
    at_each_call(&[Fault::Refused], async |interruption| {
        let scene = Scene::begin().await;
        let ada = Enrolled::new(&scene.app).await;
        let step_up = async |number: usize| {
            let proof = json!({"recovery_code": ada.codes[number]});
            ada.person.post(&scene.app, "/auth/step-up", &proof).await
        };
        let outcome = interruption
            .until_answered(&scene, async || step_up(0).await)
            .await;
        if outcome.last.status != 200 {
            let told = outcome.last.problem();
            assert_eq!(told, (401, "invalid_credentials".to_owned()));
            assert_eq!(step_up(1).await.status, 200);
        }
        let again = step_up(0).await;
        assert_eq!(again.problem(), (401, "invalid_credentials".to_owned()));
        outcome.interrupted
    })
    .await;
}
