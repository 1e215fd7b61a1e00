//! The overview, name, address, password, download and deletion.

use signet_test_servers::MailSink;

use super::{ADA, goes_on, login, register, signed_in};
use crate::mailbox::{deliver, mailing, readable, token_in};
use crate::redirect::{Browser, PASSWORD};
use crate::support::{TestApp, request};

const NEW: &str = "engine no. 10 whistles";

#[tokio::test]
async fn a_person_who_is_not_signed_in_signs_in_first_and_comes_back() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    for path in [
        "",
        "/profile",
        "/password",
        "/sessions",
        "/download",
        "/confirm?to=email",
    ] {
        let answer = app.get(&format!("/account{path}")).await;
        assert_eq!(answer.location(), "/signin", "{path}");
    }
    let (mut browser, account) = signed_in(&app, ADA).await;
    assert_eq!(account.heading(), "Your account");
    assert!(account.text.contains("Signed in as ada@example.com"));
    // Without mail, no address can be changed.
    assert!(!account.text.contains("/account/email"));
    let page = browser.visit(&app, "/signin").await;
    assert_eq!(page.heading(), "You are signed in");
    assert!(page.text.contains("<a href=\"/account\">"));
    let out = browser
        .submit_to(&app, (&account, "/oauth/logout"), &[])
        .await;
    assert_eq!(out.heading(), "You are signed out");
    assert_eq!(browser.get(&app, "/account").await.location(), "/signin");
}

#[tokio::test]
async fn the_name_is_changed_and_removed() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let page = browser.visit(&app, "/account/profile").await;
    let saved = browser.submit(&app, &page, &[("name", " Ada L ")]).await;
    assert!(saved.text.contains("role=\"status\">The change is saved."));
    assert!(saved.text.contains("Ada L"));
    let long = "x".repeat(101);
    let refused = browser.submit(&app, &page, &[("name", &long)]).await;
    assert_eq!((refused.status.as_u16(), refused.heading()), (400, "Name"));
    assert!(refused.text.contains("role=\"alert\""));
    let removed = browser.submit(&app, &page, &[("name", "")]).await;
    assert!(!removed.text.contains("Ada L"));
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let app = TestApp::start().await;
    let tokens = register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let page = browser.visit(&app, "/account/password").await;
    for bad in ["short", "password1234", ""] {
        let refused = browser.submit(&app, &page, &[("new_password", bad)]).await;
        assert_eq!(refused.status, 400, "{bad}");
        assert!(refused.text.contains("Choose another password"), "{bad}");
    }
    let saved = browser.submit(&app, &page, &[("new_password", NEW)]).await;
    assert_eq!(saved.heading(), "Your account");
    assert!(!goes_on(&app, &tokens).await);
    assert_eq!(login(&app, PASSWORD).await.status, 401);
    assert_eq!(login(&app, NEW).await.status, 200);
}

#[tokio::test]
async fn another_address_is_confirmed_by_its_link() {
    let sink = MailSink::start();
    let app = mailing(&sink).await;
    register(&app, ADA).await;
    let (mut browser, account) = signed_in(&app, ADA).await;
    assert!(account.text.contains("/account/email"));
    let page = browser.visit(&app, "/account/email").await;
    let refused = browser.submit(&app, &page, &[("email", "ada")]).await;
    assert_eq!(refused.status, 400);
    let filled = [("email", "lovelace@example.com")];
    let sent = browser.submit(&app, &page, &filled).await;
    assert!(sent.text.contains("We have mailed a link"), "{}", sent.text);
    deliver(&app).await;
    let mails = sink.mails().into_iter().map(|mail| readable(&mail));
    let mut mails = mails.filter(|mail| mail.contains("To: lovelace@example.com"));
    let mail = mails.next().unwrap();
    let link = format!("/links/email?token={}", token_in(&mail, "email_"));
    let page = browser.visit(&app, &link).await;
    assert_eq!(browser.submit(&app, &page, &[]).await.status, 200);
    let account = browser.visit(&app, "/account").await;
    let shown = if account.heading() == "Sign in" {
        let filled = [("email", "lovelace@example.com"), ("password", PASSWORD)];
        browser.submit(&app, &account, &filled).await
    } else {
        account
    };
    assert!(shown.text.contains("Signed in as lovelace@example.com"));
}

#[tokio::test]
async fn the_download_is_what_the_export_says() {
    let app = TestApp::start().await;
    let tokens = register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let file = browser.get(&app, "/account/download").await;
    let disposition = file.header("content-disposition");
    assert_eq!(disposition, Some("attachment; filename=\"account.json\""));
    assert_eq!(file.header("cache-control"), Some("no-store"));
    let bearer = format!("Bearer {}", tokens.member("access_token"));
    let headers = [("authorization", bearer.as_str())];
    let exported = app.send(request("GET", "/auth/export", &headers, "")).await;
    let (mut file, mut exported) = (file.json(), exported.json());
    for document in [&mut file, &mut exported] {
        for session in document["sessions"].as_array_mut().unwrap() {
            session["current"].take();
        }
    }
    assert_eq!(file, exported);
}

#[tokio::test]
async fn an_account_is_deleted_by_somebody_who_is_sure() {
    let app = TestApp::start().await;
    let tokens = register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let page = browser.visit(&app, "/account/delete").await;
    let again = browser.submit(&app, &page, &[("sure", "no")]).await;
    assert_eq!(
        (again.status.as_u16(), again.heading()),
        (400, "Delete the account")
    );
    assert!(goes_on(&app, &tokens).await);
    let deleted = browser.submit(&app, &page, &[("sure", "yes")]).await;
    assert_eq!(deleted.heading(), "Your account is deleted");
    assert!(!browser.cookies.contains_key("signet_sso"));
    assert_eq!(login(&app, PASSWORD).await.status, 401);
}

#[tokio::test]
async fn every_page_speaks_german_too() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (browser, _): (Browser, _) = signed_in(&app, ADA).await;
    let cookie = format!("signet_sso={}", browser.cookies["signet_sso"]);
    for (path, heading) in [
        ("", "Ihr Konto"),
        ("/profile", "Name"),
        ("/password", "Passwort"),
        ("/totp", "Authenticator-App"),
        ("/passkeys", "Passkeys"),
        ("/sessions", "Wo Sie angemeldet sind"),
        ("/applications", "Anwendungen mit Zugriff"),
        ("/delete", "Konto löschen"),
        ("/confirm?to=delete", "Bestätigen Sie, dass Sie es sind"),
    ] {
        let headers = [("cookie", cookie.as_str()), ("accept-language", "de")];
        let page = request("GET", &format!("/account{path}"), &headers, "");
        assert_eq!(app.send(page).await.heading(), heading);
    }
}
