//! The authenticator app and the recovery codes.

use std::time::Duration;

use super::{ADA, login, register, signed_in};
use crate::mfa::Authenticator;
use crate::redirect::{Browser, PASSWORD};
use crate::support::{Answer, TestApp};

const BEGIN: &str = "/account/totp";
const CONFIRM: &str = "/account/totp/confirm";
const STEP: Duration = Duration::from_secs(30);

/// The QR code.
fn drawing(page: &Answer) -> &str {
    let (_, rest) = page.text.split_once("<svg").unwrap();
    rest.split_once("</svg>").unwrap().0
}

async fn set_up(app: &TestApp, browser: &mut Browser) -> (Authenticator, Vec<String>) {
    let page = browser.visit(app, "/account/totp").await;
    let offered = browser.submit_to(app, (&page, BEGIN), &[]).await;
    assert_eq!(offered.heading(), "Set up an app");
    assert!(
        offered
            .text
            .contains("role=\"img\" aria-label=\"QR code for an authenticator app\"><svg")
    );
    assert!(!offered.text.contains("otpauth"));
    let phone = Authenticator::with_secret(&offered.codes()[0]);
    let wrong = [("code", phone.wrong_code(app))];
    let wrong: Vec<_> = wrong
        .iter()
        .map(|(name, code)| (*name, code.as_str()))
        .collect();
    let refused = browser.submit_to(app, (&offered, CONFIRM), &wrong).await;
    assert_eq!(
        (refused.status.as_u16(), refused.heading()),
        (400, "Set up an app")
    );
    // The app need not scan another code.
    assert_eq!(refused.codes(), offered.codes());
    assert_eq!(drawing(&refused), drawing(&offered));
    let code = phone.code(app);
    let shown = browser
        .submit_to(app, (&refused, CONFIRM), &[("code", &code)])
        .await;
    assert_eq!(shown.heading(), "Recovery codes");
    let recovery = shown.codes();
    assert_eq!(recovery.len(), 10);
    (phone, recovery)
}

#[tokio::test]
async fn an_app_is_set_up_asked_for_and_removed() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let (phone, _) = set_up(&app, &mut browser).await;
    assert_eq!(login(&app, PASSWORD).await.problem().1, "mfa_required");
    // The sign-in was by the password alone, so the next change asks for a code.
    app.clock.advance(STEP);
    let asked = browser.visit(&app, "/account/totp").await;
    assert_eq!(asked.heading(), "Confirm that it is you");
    assert!(!asked.text.contains("name=\"password\""));
    let refused = browser.submit(&app, &asked, &[("code", "nonsense")]).await;
    assert_eq!(refused.status, 400);
    let code = phone.code(&app);
    let page = browser.submit(&app, &asked, &[("code", &code)]).await;
    assert_eq!(page.heading(), "Authenticator app");
    assert!(page.text.contains("Codes that are left: 10"));
    let removed = browser
        .submit_to(&app, (&page, "/account/totp/remove"), &[])
        .await;
    assert_eq!(removed.heading(), "Your account");
    assert_eq!(login(&app, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_recovery_code_is_a_proof_and_new_codes_void_the_old_ones() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let (_, old) = set_up(&app, &mut browser).await;
    let asked = browser.visit(&app, "/account/totp").await;
    let page = browser.submit(&app, &asked, &[("code", &old[0])]).await;
    assert!(
        page.text.contains("Codes that are left: 9"),
        "{}",
        page.text
    );
    let renewed = browser
        .submit_to(&app, (&page, "/account/recovery-codes"), &[])
        .await;
    let new = renewed.codes();
    assert_eq!(new.len(), 10);
    app.clock.advance(Duration::from_secs(301));
    let asked = browser.visit(&app, "/account/delete").await;
    assert_eq!(
        browser
            .submit(&app, &asked, &[("code", &old[1])])
            .await
            .status,
        400
    );
    let page = browser.submit(&app, &asked, &[("code", &new[0])]).await;
    assert_eq!(page.heading(), "Delete the account");
}

#[tokio::test]
async fn a_wrong_code_shows_the_secret_again_only_after_a_fresh_proof() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let page = browser.visit(&app, "/account/totp").await;
    let offered = browser.submit_to(&app, (&page, BEGIN), &[]).await;
    app.clock.advance(Duration::from_secs(301));
    let body = offered.form_to(CONFIRM, &[("code", "nonsense")]);
    let answer = browser.post(&app, CONFIRM, &body).await;
    assert_eq!(answer.location(), "/account/confirm?to=totp");
}

#[tokio::test]
async fn forms_that_came_too_late_lead_back_to_the_page() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let page = browser.visit(&app, "/account/totp").await;
    let body = page.form_to(BEGIN, &[("code", "123456")]);
    for path in [CONFIRM, "/account/totp/remove", "/account/recovery-codes"] {
        let back = browser.post(&app, path, &body).await;
        assert_eq!(back.location(), "/account/totp", "{path}");
    }
}
