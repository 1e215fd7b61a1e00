//! A forgotten password in the middle of a sign-in by redirect.

use signet_test_servers::MailSink;

use super::browser::{Browser, register};
use super::client::{CALLBACK, Web};
use crate::mailbox::{deliver, mailing, token};
use crate::support::TestApp;

const ADA: &str = "ada@example.com";
const NEW: &str = "engine no. 10 whistles";

#[tokio::test]
async fn a_person_who_sets_another_password_goes_on_to_the_client() {
    let sink = MailSink::start();
    let app = mailing(&sink).await;
    register(&app, ADA).await;
    let (wiki, mut browser) = (Web::own(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let (_, link) = page.text.split_once("<a href=\"/signin/forgot").unwrap();
    let link = format!("/signin/forgot{}", link.split('"').next().unwrap());
    let forgot = browser.visit(&app, &link).await;
    assert_eq!(forgot.heading(), "Set another password");
    let refused = browser.submit(&app, &forgot, &[("email", "ada")]).await;
    assert_eq!(refused.status, 400);
    let mut answers = Vec::new();
    for email in [ADA, "eve@example.com"] {
        let sent = browser.submit(&app, &forgot, &[("email", email)]).await;
        assert_eq!(
            (sent.status.as_u16(), sent.heading()),
            (200, "Look into your mail")
        );
        answers.push(sent.text);
    }
    assert_eq!(answers[0], answers[1]);
    deliver(&app).await;
    let link = format!("/links/reset?token={}", token(&sink, "reset_"));
    let page = browser.visit(&app, &link).await;
    let done = browser.submit(&app, &page, &[("new_password", NEW)]).await;
    assert!(
        done.text
            .contains("<a href=\"/signin/continue\">Sign in</a>")
    );
    let waiting = browser.visit(&app, "/signin/continue").await;
    assert!(
        waiting
            .text
            .contains("You continue to: <strong>The &lt;Wiki&gt;")
    );
    let filled = [("email", ADA), ("password", NEW)];
    let sent = browser.submit(&app, &waiting, &filled).await;
    let code = &sent.to_client(CALLBACK)["code"];
    assert_eq!(wiki.redeem(&app, code).await.status, 200);
    // The request is finished, and another browser never had it.
    for browser in [&mut browser, &mut Browser::default()] {
        let next = browser.get(&app, "/signin/continue").await;
        assert_eq!(next.location(), "/signin");
    }
}

#[tokio::test]
async fn without_mail_no_password_is_set_by_a_link() {
    let app = TestApp::start().await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, "/signin").await;
    assert!(!page.text.contains("/signin/forgot"));
    assert_eq!(browser.get(&app, "/signin/forgot").await.status, 403);
}
