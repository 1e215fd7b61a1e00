//! Sessions and applications: seeing them and ending them.

use serde_json::json;

use super::{ADA, LINUX, goes_on, register, signed_in};
use crate::redirect::{Browser, CALLBACK, Web};
use crate::support::{Answer, JSON, TestApp, request};

const END: &str = "/account/sessions/end";

#[tokio::test]
async fn sessions_show_their_device_and_one_of_them_ends() {
    let app = TestApp::start().await;
    register(&app, "eve@example.com").await;
    let agent = (
        "user-agent",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1",
    );
    let body =
        json!({"email": ADA, "password": crate::redirect::PASSWORD, "token_delivery": "body"});
    let phone = request("POST", "/auth/register", &[agent, JSON], &body.to_string());
    let phone = app.send(phone).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let page = browser.visit(&app, "/account/sessions").await;
    assert!(page.text.contains("Safari, iPhone"), "{}", page.text);
    assert!(page.text.contains("Firefox, Linux"));
    assert_eq!(page.text.matches("This browser").count(), 1);
    let forms = page.actions();
    assert_eq!(forms, [END, "/account/sessions/end-others"]);
    let ended = browser.submit_to(&app, (&page, END), &[]).await;
    assert!(ended.text.contains("Signed out there."));
    assert!(!ended.text.contains("iPhone"));
    assert!(!goes_on(&app, &phone).await);
    // A session that is over, or of another account, or no session at all.
    for id in [phone.member("session_id"), "x".to_owned(), String::new()] {
        let body = page.form_to(END, &[("session", &id)]);
        let answer = browser.post(&app, END, &body).await;
        assert!(answer.location().starts_with("/account/sessions"));
    }
}

#[tokio::test]
async fn all_other_sessions_end_and_this_one_goes_on() {
    let app = TestApp::start().await;
    let tokens = register(&app, ADA).await;
    let (mut other, _) = signed_in(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let page = browser.visit(&app, "/account/sessions").await;
    let action = "/account/sessions/end-others";
    let ended = browser.submit_to(&app, (&page, action), &[]).await;
    assert_eq!(ended.heading(), "Where you are signed in");
    assert_eq!(ended.actions(), Vec::<String>::new());
    assert!(!goes_on(&app, &tokens).await);
    assert_eq!(other.get(&app, "/account").await.location(), "/signin");
    assert_eq!(
        browser.visit(&app, "/account").await.heading(),
        "Your account"
    );
}

/// Allows the wiki something and redeems its code.
async fn allow(app: &TestApp, wiki: &Web, browser: &mut Browser) -> Answer {
    let scope = [("scope", "openid offline_access pages:read")];
    let consent = browser.visit(app, &wiki.authorize(&scope)).await;
    assert_eq!(consent.heading(), "Allow access?");
    let sent = browser
        .submit(app, &consent, &[("decision", "allow")])
        .await;
    wiki.redeem(app, &sent.to_client(CALLBACK)["code"]).await
}

#[tokio::test]
async fn an_application_is_shown_and_loses_its_access() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let wiki = Web::foreign(&app).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let none = browser.visit(&app, "/account/applications").await;
    assert!(none.text.contains("You have allowed no application"));
    let tokens = allow(&app, &wiki, &mut browser).await;
    let page = browser.visit(&app, "/account/applications").await;
    assert!(page.text.contains("<strong>The &lt;Wiki&gt;</strong>"));
    assert!(
        page.text
            .contains("<li>keep this access while you are away</li>")
    );
    let withdrawn = browser.submit(&app, &page, &[]).await;
    assert!(withdrawn.text.contains("The change is saved."));
    assert!(!withdrawn.text.contains("Wiki"));
    let refresh = tokens.member("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    let refused = wiki.ask(&app, "/oauth/token", &form).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    // Sent again, the form finds nothing to withdraw.
    let again = browser.submit(&app, &page, &[]).await;
    assert_eq!(again.heading(), "Applications with access");
    allow(&app, &wiki, &mut browser).await;
}

#[tokio::test]
async fn a_session_of_a_client_has_the_name_of_the_client() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let wiki = Web::own(&app).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let sent = browser.visit(&app, &wiki.authorize(&[])).await;
    let code = sent.to_client(CALLBACK)["code"].clone();
    assert_eq!(wiki.redeem(&app, &code).await.status, 200);
    let page = browser.visit(&app, "/account/sessions").await;
    assert!(
        page.text.contains("<strong>The &lt;Wiki&gt;</strong>"),
        "{}",
        page.text
    );
    assert_eq!(browser.user_agent, LINUX);
}
