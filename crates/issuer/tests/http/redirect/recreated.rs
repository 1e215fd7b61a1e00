//! A client that is removed and registered again under the same id, perhaps by another person: what
//! came from before is over. The clock stands still meanwhile.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use signet_verifier::Clock as _;

use super::browser::{Browser, PASSWORD, register};
use super::client::{CALLBACK, OFFLINE, Web, claims};
use super::device::Device;
use crate::admin::Admin;
use crate::support::{Answer, JSON, TestApp, request};

const ADA: &str = "ada@example.com";

/// A client without a secret that people type their passwords for.
pub(super) async fn direct(app: &TestApp) -> Web {
    let fields = json!({
        "authentication": "none",
        "first_party": true,
        "scopes": ["account"],
        "audiences": ["api"],
    });
    Web::register(app, "app", &fields).await
}

pub(super) async fn remove(app: &TestApp, client: &Web) {
    let path = format!("/admin/clients/{}", client.id);
    let removed = Admin::of(app).ask("DELETE", &path, "").await;
    assert_eq!(removed.status, 204, "{}", removed.text);
}

pub(super) async fn login(app: &TestApp, client: &Web) -> Answer {
    let body = json!({
        "email": ADA, "password": PASSWORD, "token_delivery": "body", "client_id": client.id,
    });
    let answer = app.post("/auth/login", &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

#[track_caller]
pub(super) fn refused(answer: &Answer) {
    let invalid = (400, "invalid_grant".to_owned());
    assert_eq!(answer.oauth_error(), invalid, "{}", answer.text);
}

/// The same at the endpoint of people, without a client.
pub(super) async fn refresh_directly(app: &TestApp, tokens: &Answer) -> Answer {
    let body = json!({"refresh_token": tokens.member("refresh_token")});
    app.post("/auth/refresh", &body.to_string()).await
}

/// How many sessions of each client the owner of a token has.
async fn sessions(app: &TestApp, own: &Answer) -> BTreeMap<String, usize> {
    let bearer = format!("Bearer {}", own.member("access_token"));
    let headers = [JSON, ("authorization", bearer.as_str())];
    let listed = app.send(request("GET", "/auth/sessions", &headers, ""));
    let listed = listed.await.json();
    let mut found = BTreeMap::new();
    for session in listed["sessions"].as_array().unwrap() {
        let client = session["client_id"].as_str().unwrap().to_owned();
        *found.entry(client).or_default() += 1;
    }
    found
}

fn counted<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    let pairs = expected.iter();
    pairs
        .map(|(client, number)| ((*client).to_owned(), *number))
        .collect()
}

#[tokio::test]
async fn sessions_of_a_removed_client_are_neither_listed_nor_refreshed_by_its_successor() {
    let app = TestApp::start().await;
    let own = register(&app, ADA).await;
    let first = direct(&app).await;
    let before = [login(&app, &first).await, login(&app, &first).await];
    let both = counted([("app", 2), ("signet", 1)]);
    assert_eq!(sessions(&app, &own).await, both);

    remove(&app, &first).await;
    assert_eq!(sessions(&app, &own).await, counted([("signet", 1)]));
    let gone = refresh_directly(&app, &before[0]).await;
    assert_eq!(gone.problem(), (401, "session_ended".to_owned()));

    let second = direct(&app).await;
    assert_eq!(sessions(&app, &own).await, counted([("signet", 1)]));
    let gone = refresh_directly(&app, &before[0]).await;
    assert_eq!(gone.problem(), (401, "session_ended".to_owned()));
    refused(&second.refresh(&app, &before[1]).await);

    // The successor has its own sessions at once.
    let after = login(&app, &second).await;
    assert_eq!(refresh_directly(&app, &after).await.status, 200);
    assert_eq!(second.refresh(&app, &after).await.status, 200);
    let one_each = counted([("app", 1), ("signet", 1)]);
    assert_eq!(sessions(&app, &own).await, one_each);
}

#[tokio::test]
async fn ten_successors_in_one_moment_get_no_session_of_each_other() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let mut before: Option<Answer> = None;
    for round in 0..10 {
        let client = direct(&app).await;
        if let Some(before) = &before {
            refused(&client.refresh(&app, before).await);
        }
        let signed_in = login(&app, &client).await;
        let own = client.refresh(&app, &signed_in).await;
        assert_eq!(own.status, 200, "{round}: {}", own.text);
        before = Some(own);
        remove(&app, &client).await;
    }
}

#[tokio::test]
async fn a_disabled_client_keeps_its_sessions() {
    let app = TestApp::start().await;
    let own = register(&app, ADA).await;
    let client = direct(&app).await;
    let tokens = login(&app, &client).await;
    let admin = Admin::of(&app);
    for (act, status) in [("disable", 401), ("enable", 200)] {
        let path = format!("/admin/clients/app/{act}");
        assert_eq!(admin.ask("POST", &path, "").await.status, 200);
        let listed = counted([("app", 1), ("signet", 1)]);
        assert_eq!(sessions(&app, &own).await, listed, "{act}");
        let answer = refresh_directly(&app, &tokens).await;
        assert_eq!(answer.status, status, "{act}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_successor_of_a_third_party_gets_no_session_even_with_a_new_consent() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let first = Web::foreign(&app).await;
    let (_, before) = first.allowed(&app, ADA).await;
    assert_eq!(first.refresh(&app, &before).await.status, 200);
    remove(&app, &first).await;
    let second = Web::foreign(&app).await;
    let (_, after) = second.allowed(&app, ADA).await;
    refused(&second.refresh(&app, &before).await);
    assert_eq!(second.refresh(&app, &after).await.status, 200);
}

#[tokio::test]
async fn a_code_of_a_removed_client_is_refused_to_its_successor() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let first = direct(&app).await;
    let mut browser = Browser::default();
    let asks = [("scope", "account")];
    let page = browser.visit(&app, &first.authorize(&asks)).await;
    let sent = browser.sign_in(&app, &page, ADA).await;
    let code = sent.to_client(CALLBACK)["code"].clone();
    remove(&app, &first).await;
    let second = direct(&app).await;
    refused(&second.redeem(&app, &code).await);
    let sent = browser.visit(&app, &second.authorize(&asks)).await;
    let code = sent.to_client(CALLBACK)["code"].clone();
    assert_eq!(second.redeem(&app, &code).await.status, 200);
}

#[tokio::test]
async fn a_page_of_consent_of_a_removed_client_allows_its_successor_nothing() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let first = Web::foreign(&app).await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, &first.authorize(&OFFLINE)).await;
    let consent = browser.sign_in(&app, &page, ADA).await;
    assert_eq!(consent.heading(), "Allow access?");
    remove(&app, &first).await;
    let second = Web::foreign(&app).await;
    let allowed = browser.submit(&app, &consent, &[("decision", "allow")]);
    assert_eq!(allowed.await.heading(), "That did not work");
    let asked = browser.visit(&app, &second.authorize(&OFFLINE)).await;
    assert_eq!(asked.heading(), "Allow access?");
}

#[tokio::test]
async fn a_device_that_waits_for_a_removed_client_gets_nothing_as_its_successor() {
    let app = TestApp::start().await;
    let mut device = Device::own(&app).await;
    remove(&app, &device.client).await;
    device.register_again().await;
    let page = device.open(&mut Browser::default()).await;
    assert_eq!(page.heading(), "Connect a device");
    let waits = (400, "authorization_pending".to_owned());
    assert_eq!(device.error().await, waits);
}

#[tokio::test]
async fn the_id_token_of_a_successor_is_issued_at_the_time_of_the_clock() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    remove(&app, &Web::foreign(&app).await).await;
    let (_, tokens) = Web::foreign(&app).await.allowed(&app, ADA).await;
    let now = app.clock.now().as_seconds();
    assert_eq!(claims(&tokens.member("id_token"))["iat"], now);
    // That of the access token is later than every denial.
    let access = claims(&tokens.member("access_token"));
    assert!(access["iat"].as_u64().unwrap() > now);
}

#[tokio::test]
async fn a_client_that_becomes_a_third_partys_refreshes_only_with_a_consent() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let wiki = Web::own(&app).await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, &wiki.authorize(&OFFLINE)).await;
    let sent = browser.sign_in(&app, &page, ADA).await;
    let before = wiki.redeem(&app, &sent.to_client(CALLBACK)["code"]).await;
    assert_eq!(wiki.refresh(&app, &before).await.status, 200);
    let change = |first_party: bool| json!({ "first_party": first_party });
    let admin = Admin::of(&app);
    let patch = async |change: Value| {
        let change = change.to_string();
        let changed = admin.ask("PATCH", "/admin/clients/wiki", &change).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    };
    patch(change(false)).await;
    refused(&wiki.refresh(&app, &before).await);
    // The session is over: a consent, or the operator's own client, does not bring it back.
    let (_, after) = wiki.allowed(&app, ADA).await;
    refused(&wiki.refresh(&app, &before).await);
    assert_eq!(wiki.refresh(&app, &after).await.status, 200);
    patch(change(true)).await;
    refused(&wiki.refresh(&app, &before).await);
    assert_eq!(wiki.refresh(&app, &after).await.status, 200);
}
