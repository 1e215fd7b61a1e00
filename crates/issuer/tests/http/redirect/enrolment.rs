//! Setting up a second factor on the sign-in pages, because the client or the account requires one.

use serde_json::{Value, json};

use super::browser::{Browser, register};
use super::client::{CALLBACK, Web, claims};
use crate::admin::Admin;
use crate::mfa::{Authenticator, Device, Enrolled};
use crate::support::{Answer, TestApp};

const ADA: &str = "ada@example.com";
const URL: &str = "https://auth.example.com";
const APP: &str = "/signin/enrol/totp";
const CONFIRM: &str = "/signin/enrol/totp/confirm";
const PASSKEY: &str = "/signin/enrol/passkey";
const CHOICE: &str = "Set up a second factor";

/// A browser at the server with the public URL [`URL`].
fn https_browser() -> Browser {
    Browser {
        origin: Some(URL),
        ..Browser::default()
    }
}

/// A server whose pages can use passkeys, and a browser at it.
async fn start() -> (TestApp, Browser) {
    let variables = [
        ("SIGNET_PUBLIC_URL", URL),
        ("SIGNET_TRUSTED_PROXIES", "none"),
    ];
    (TestApp::with(&variables).await, https_browser())
}

async fn strict(app: &TestApp) -> Web {
    let fields = json!({"first_party": true, "mfa_policy": "required"});
    Web::register(app, "wiki", &fields).await
}

/// The page on which Ada chooses a second factor, on the way to the client.
async fn choice(app: &TestApp, browser: &mut Browser, wiki: &Web) -> Answer {
    let page = browser.visit(app, &wiki.authorize(&[])).await;
    assert_eq!(page.heading(), "Sign in");
    let page = browser.sign_in(app, &page, ADA).await;
    assert_eq!((page.status.as_u16(), page.heading()), (200, CHOICE));
    page
}

/// Sets up an app on the page with the choice, and returns the page with the recovery codes.
async fn set_up_app(app: &TestApp, browser: &mut Browser, page: &Answer) -> Answer {
    let offered = browser.submit_to(app, (page, APP), &[]).await;
    let code = Authenticator::with_secret(&offered.codes()[0]).code(app);
    let filled = [("code", code.as_str())];
    browser.submit_to(app, (&offered, CONFIRM), &filled).await
}

/// Follows the last link of a page.
async fn follow(app: &TestApp, browser: &mut Browser, page: &Answer) -> Answer {
    let (_, rest) = page.text.rsplit_once("<a href=\"").unwrap();
    let path = rest.split('"').next().unwrap();
    browser.visit(app, path).await
}

fn request_of(page: &Answer) -> Value {
    serde_json::from_str(&page.attribute("data-request")).unwrap()
}

/// The fields that the script fills in.
fn made(device: &mut Device, asked: &Value) -> [(&'static str, String); 2] {
    device.origin = URL;
    device.rp_id = "auth.example.com";
    let credential = device.create(&asked["public_key"]).to_string();
    let id = asked["challenge_id"].as_str().unwrap().to_owned();
    [("challenge_id", id), ("credential", credential)]
}

async fn add(app: &TestApp, browser: &mut Browser, page: &Answer, device: &mut Device) -> Answer {
    let filled = made(device, &request_of(page));
    let filled = filled
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    browser.submit_to(app, (page, PASSKEY), &filled).await
}

#[tokio::test]
async fn a_client_that_requires_a_second_factor_has_an_app_set_up_and_goes_on() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (wiki, mut browser) = (strict(&app).await, Browser::default());
    let page = choice(&app, &mut browser, &wiki).await;
    assert_eq!(page.actions(), [APP]);
    let offered = browser.submit_to(&app, (&page, APP), &[]).await;
    assert_eq!(offered.heading(), "Set up an app");
    let phone = Authenticator::with_secret(&offered.codes()[0]);
    for wrong in [phone.wrong_code(&app), "nonsense".to_owned()] {
        let refused = browser
            .submit_to(&app, (&offered, CONFIRM), &[("code", &wrong)])
            .await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("The code is wrong"));
        assert_eq!(refused.codes(), offered.codes());
    }
    let code = phone.code(&app);
    let shown = browser
        .submit_to(&app, (&offered, CONFIRM), &[("code", &code)])
        .await;
    assert_eq!(
        (shown.status.as_u16(), shown.heading()),
        (200, "Recovery codes")
    );
    let recovery = shown.codes();
    assert_eq!(recovery.len(), 10);
    let sent = follow(&app, &mut browser, &shown).await.to_client(CALLBACK);
    let said = claims(&wiki.redeem(&app, &sent["code"]).await.member("id_token"));
    assert_eq!(said["amr"], json!(["pwd", "otp", "mfa"]));

    let mut other = Browser::default();
    let page = other.visit(&app, &wiki.authorize(&[])).await;
    let page = other.sign_in(&app, &page, ADA).await;
    assert_eq!(page.heading(), "Confirm that it is you");
    let sent = other
        .submit(&app, &page, &[("code", &recovery[0])])
        .await
        .to_client(CALLBACK);
    assert!(sent.contains_key("code"), "{sent:?}");
}

#[tokio::test]
async fn a_passkey_can_be_set_up_instead_and_recovery_codes_come_with_it() {
    let (app, mut browser) = start().await;
    register(&app, ADA).await;
    let wiki = strict(&app).await;
    let page = choice(&app, &mut browser, &wiki).await;
    assert_eq!(page.actions(), [APP, PASSKEY]);
    let mut device = Device::new(1);
    let shown = add(&app, &mut browser, &page, &mut device).await;
    assert_eq!(shown.heading(), "Recovery codes", "{}", shown.text);
    assert_eq!(shown.codes().len(), 10);
    let sent = follow(&app, &mut browser, &shown).await.to_client(CALLBACK);
    let said = claims(&wiki.redeem(&app, &sent["code"]).await.member("id_token"));
    assert_eq!(said["amr"], json!(["pwd", "hwk", "user", "mfa"]));

    // The next sign-in is by this passkey alone.
    let answer = device.sign_in(&app).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_sign_in_by_password_is_not_enough_for_a_client_that_requires_more() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (wiki, mut browser) = (strict(&app).await, Browser::default());
    let page = browser.visit(&app, "/signin").await;
    let page = browser.sign_in(&app, &page, ADA).await;
    assert_eq!(page.heading(), "Your account");
    let quiet = browser
        .visit(&app, &wiki.authorize(&[("prompt", "none")]))
        .await;
    assert_eq!(quiet.to_client(CALLBACK)["error"], "login_required");
    choice(&app, &mut browser, &wiki).await;
}

#[tokio::test]
async fn an_account_that_must_have_a_second_factor_sets_one_up_without_a_client() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let admin = Admin::of(&app);
    let listed = admin.get(&format!("/admin/accounts?email={ADA}")).await;
    let id = listed["accounts"][0]["id"].as_str().unwrap().to_owned();
    let change = json!({"mfa_policy": "required"}).to_string();
    let path = format!("/admin/accounts/{id}");
    let changed = admin.ask("PATCH", &path, &change).await;
    assert_eq!(changed.status, 200);
    let mut browser = Browser::default();
    let page = browser.visit(&app, "/signin").await;
    let page = browser.sign_in(&app, &page, ADA).await;
    assert_eq!(page.heading(), CHOICE);
    let shown = set_up_app(&app, &mut browser, &page).await;
    let account = follow(&app, &mut browser, &shown).await;
    assert_eq!(account.heading(), "Your account");
}

#[tokio::test]
async fn a_person_who_registers_at_such_a_client_sets_one_up_first() {
    let app = TestApp::start().await;
    let (wiki, mut browser) = (strict(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let page = follow(&app, &mut browser, &page).await;
    assert_eq!(page.heading(), "Create an account");
    let page = browser.sign_in(&app, &page, ADA).await;
    assert_eq!(page.heading(), CHOICE);
    let shown = set_up_app(&app, &mut browser, &page).await;
    let sent = follow(&app, &mut browser, &shown).await.to_client(CALLBACK);
    assert!(sent.contains_key("code"), "{sent:?}");
}

#[tokio::test]
async fn an_enrolment_is_over_once_the_account_has_a_second_factor() {
    let (app, mut browser) = start().await;
    register(&app, ADA).await;
    let wiki = strict(&app).await;
    let page = choice(&app, &mut browser, &wiki).await;
    // A thief of the password who came first has begun too.
    let mut late = https_browser();
    let late_page = choice(&app, &mut late, &wiki).await;
    let late_offer = late.submit_to(&app, (&late_page, APP), &[]).await;
    let late_code = Authenticator::with_secret(&late_offer.codes()[0]).code(&app);
    let shown = add(&app, &mut browser, &page, &mut Device::new(1)).await;
    assert_eq!(shown.heading(), "Recovery codes");

    let filled = [("code", late_code.as_str())];
    let by_app = late
        .clone()
        .submit_to(&app, (&late_offer, CONFIRM), &filled)
        .await;
    let again = late.clone().submit_to(&app, (&late_page, APP), &[]).await;
    let by_passkey = add(&app, &mut late.clone(), &late_page, &mut Device::new(2)).await;
    for answer in [by_app, again, by_passkey] {
        assert_eq!(answer.heading(), "Sign in", "{}", answer.text);
    }
}

#[tokio::test]
async fn an_answer_to_another_enrolment_adds_no_passkey() {
    let (app, mut browser) = start().await;
    register(&app, ADA).await;
    register(&app, "bob@example.com").await;
    let wiki = strict(&app).await;
    let page = choice(&app, &mut browser, &wiki).await;
    let mut of_bob = https_browser();
    let sign_in = of_bob.visit(&app, &wiki.authorize(&[])).await;
    let page_of_bob = of_bob.sign_in(&app, &sign_in, "bob@example.com").await;
    let foreign = made(&mut Device::new(1), &request_of(&page_of_bob));
    let own = made(&mut Device::new(2), &request_of(&page));
    for (id, credential) in [
        (&foreign[0].1, &foreign[1].1),
        (&own[0].1, &foreign[1].1),
        (&own[0].1, &own[1].1),
        (&own[0].1, &"{}".to_owned()),
    ] {
        let filled = [
            ("challenge_id", id.as_str()),
            ("credential", credential.as_str()),
        ];
        let refused = browser.submit_to(&app, (&page, PASSKEY), &filled).await;
        assert_eq!((refused.status.as_u16(), refused.heading()), (400, CHOICE));
        assert!(refused.text.contains("The passkey was not added."));
    }
    // Each answer used its challenge up, and a new page has another one.
    let page = browser.visit(&app, "/signin/enrol").await;
    let added = add(&app, &mut browser, &page, &mut Device::new(2)).await;
    assert_eq!(added.heading(), "Recovery codes");
}

#[tokio::test]
async fn the_page_leads_back_without_a_sign_in_that_enrols() {
    let app = TestApp::start().await;
    let mut nobody = Browser::default();
    let page = nobody.visit(&app, "/signin/enrol").await;
    assert_eq!(page.heading(), "Sign in");
    Enrolled::new(&app).await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, "/signin").await;
    let page = browser.sign_in(&app, &page, ADA).await;
    assert_eq!(page.heading(), "Confirm that it is you");
    let back = browser.visit(&app, "/signin/enrol").await;
    assert_eq!(back.heading(), "Sign in");
}
