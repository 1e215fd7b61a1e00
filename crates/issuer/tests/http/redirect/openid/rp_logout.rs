//! The plan of RP-Initiated Logout.

use url::form_urlencoded::Serializer;

use super::super::browser::Browser;
use super::Plan;
use crate::oauth::FORM;
use crate::support::{Answer, request};

const BYE: &str = "https://wiki.example/bye";

/// A person who is signed in, and the ID token of the client.
async fn signed_in() -> (Plan, String) {
    let mut plan = Plan::begin().await;
    let tokens = plan.tokens(&[]).await;
    let id_token = tokens["id_token"].as_str().unwrap().to_owned();
    (plan, id_token)
}

async fn logout(plan: &mut Plan, parameters: &[(&str, &str)]) -> Answer {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(parameters);
    let path = format!("/oauth/logout?{}", query.finish());
    plan.browser.visit(&plan.app, &path).await
}

async fn is_signed_in(plan: &mut Plan) -> bool {
    plan.ask(&[("prompt", "none")])
        .await
        .location()
        .contains("code=")
}

/// Asks, and is shown a page that is no error and leads nowhere without the person.
async fn asks_the_person(plan: &mut Plan, parameters: &[(&str, &str)]) -> Answer {
    let page = logout(plan, parameters).await;
    assert_eq!((page.status.as_u16(), page.heading()), (200, "Sign out?"));
    assert!(is_signed_in(plan).await);
    page
}

/// Asks, and is shown an error that leads nowhere.
async fn is_refused(plan: &mut Plan, parameters: &[(&str, &str)]) {
    let page = logout(plan, parameters).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (400, None));
    assert!(is_signed_in(plan).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let plan = Plan::begin().await;
    let document = plan
        .app
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        document["end_session_endpoint"],
        "http://127.0.0.1:8080/oauth/logout"
    );
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let (mut plan, hint) = signed_in().await;
    let sent = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "s 1"),
    ];
    let done = logout(&mut plan, &sent).await;
    assert_eq!(done.location(), format!("{BYE}?state=s+1"));
    assert!(!is_signed_in(&mut plan).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params_and_only_state() {
    let (mut plan, _) = signed_in().await;
    asks_the_person(&mut plan, &[]).await;
    let page = asks_the_person(&mut plan, &[("state", "s")]).await;
    let done = plan.browser.submit(&plan.app, &page, &[]).await;
    assert_eq!(done.heading(), "You are signed out");
    assert!(!is_signed_in(&mut plan).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let (mut plan, hint) = signed_in().await;
    let done = logout(&mut plan, &[("id_token_hint", &hint), ("state", "s")]).await;
    assert_eq!(done.heading(), "You are signed out");
    assert!(!is_signed_in(&mut plan).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let (mut plan, hint) = signed_in().await;
    let sent = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    assert_eq!(logout(&mut plan, &sent).await.location(), BYE);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_and_modified_id_token_hint() {
    let (mut plan, hint) = signed_in().await;
    let (signed, signature) = hint.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    for hint in ["bad", &format!("{signed}.{turned}")] {
        is_refused(
            &mut plan,
            &[("id_token_hint", hint), ("post_logout_redirect_uri", BYE)],
        )
        .await;
        asks_the_person(&mut plan, &[("id_token_hint", hint)]).await;
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let (mut plan, _) = signed_in().await;
    is_refused(&mut plan, &[("post_logout_redirect_uri", BYE)]).await;
    let named = [("client_id", "wiki"), ("post_logout_redirect_uri", BYE)];
    let page = asks_the_person(&mut plan, &named).await;
    let done = plan.browser.submit(&plan.app, &page, &[]).await;
    assert_eq!(done.location(), BYE);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri_and_query_added() {
    let (mut plan, hint) = signed_in().await;
    for uri in [
        "https://evil.test/",
        &format!("{BYE}/other"),
        &format!("{BYE}?foo=bar"),
    ] {
        is_refused(
            &mut plan,
            &[("id_token_hint", &hint), ("post_logout_redirect_uri", uri)],
        )
        .await;
    }
    let other = [("id_token_hint", hint.as_str()), ("client_id", "blog")];
    is_refused(&mut plan, &other).await;
}

/// RP-Initiated Logout 1.0 section 2: both methods. The page of a client sends the form.
#[tokio::test]
async fn a_client_may_send_the_parameters_as_a_form() {
    let (mut plan, hint) = signed_in().await;
    let mut body = Serializer::new(String::new());
    let sent = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "s"),
        ("unknown", "x"),
    ];
    body.extend_pairs(sent);
    let headers = [
        ("origin", "https://wiki.example"),
        ("sec-fetch-site", "cross-site"),
        FORM,
    ];
    let repeated = plan
        .app
        .send(request("POST", "/oauth/logout", &headers, &body.finish()));
    let repeated = repeated.await;
    assert!(
        !repeated.location().contains("unknown"),
        "{}",
        repeated.location()
    );
    let mut stranger = Browser::default();
    let nobody = stranger.visit(&plan.app, repeated.location()).await;
    assert_eq!(nobody.location(), format!("{BYE}?state=s"));
    assert!(is_signed_in(&mut plan).await);
    let done = plan.browser.visit(&plan.app, repeated.location()).await;
    assert_eq!(done.location(), format!("{BYE}?state=s"));
    assert!(!is_signed_in(&mut plan).await);
}

#[tokio::test]
async fn the_question_speaks_the_language_that_the_client_asks_for() {
    let (mut plan, _) = signed_in().await;
    let page = logout(&mut plan, &[("ui_locales", "de")]).await;
    assert_eq!(page.heading(), "Abmelden?");
}
