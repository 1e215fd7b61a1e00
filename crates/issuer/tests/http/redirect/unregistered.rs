//! Unregistered clients: their id is the URL of a document on a server of theirs.

use std::time::Duration;

use serde_json::json;
use url::form_urlencoded::byte_serialize;

use super::browser::{Browser, register};
use super::client::{CALLBACK, OFFLINE, claims, userinfo};
use super::client_server::{ClientServer, file};
use crate::admin::Admin;
use crate::support::{TestApp, request};

const ADA: &str = "ada@example.com";

/// The settings that admit unregistered clients of this machine.
fn admitted(authority: &str) -> Vec<(&str, &str)> {
    vec![
        ("SIGNET_CLIENT_METADATA_DOCUMENTS_ENABLED", "true"),
        ("SIGNET_CLIENT_METADATA_DOCUMENTS_SCOPES", "pages:read"),
        ("SIGNET_CLIENT_METADATA_DOCUMENTS_AUDIENCES", "wiki"),
        (
            "SIGNET_CLIENT_METADATA_DOCUMENTS_ALLOWED_NETWORKS",
            "127.0.0.0/8,::1",
        ),
        ("SIGNET_CLIENT_METADATA_DOCUMENTS_CA_FILE", authority),
    ]
}

/// An app with these settings, and these variables.
async fn admitting(variables: &[(&str, &str)]) -> TestApp {
    let authority = file("authority.pem");
    let mut all = admitted(&authority);
    all.retain(|(name, _)| !variables.iter().any(|(changed, _)| changed == name));
    all.extend(variables);
    TestApp::with(&all).await
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_person_signs_in_with_a_client_that_nobody_registered() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let client = server.client();
    register(&app, ADA).await;
    let (_, tokens) = client.allowed(&app, ADA).await;
    let access = tokens.member("access_token");
    assert_eq!(claims(&access)["client_id"], server.id);
    assert_eq!(claims(&access)["aud"], "wiki");
    assert_eq!(claims(&tokens.member("id_token"))["aud"], server.id);
    assert_eq!(userinfo(&app, &access).await.status, 200);
    assert_eq!(server.requests(), 1);
    for path in ["openid-configuration", "oauth-authorization-server"] {
        let document = app.get(&format!("/.well-known/{path}")).await.json();
        assert_eq!(document["client_id_metadata_document_supported"], true);
    }
}

#[tokio::test]
async fn consent_is_asked_each_time_and_names_the_host_first() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let client = server.client();
    register(&app, ADA).await;
    let (mut browser, _) = client.allowed(&app, ADA).await;
    let again = browser.visit(&app, &client.authorize(&OFFLINE)).await;
    assert_eq!(again.heading(), "Allow access?");
    assert!(
        again
            .text
            .contains("<strong>localhost (The &lt;Wiki&gt;)</strong>")
    );
    let address = format!("Only its address is certain: {}", server.id);
    assert!(again.text.contains(&address), "{}", again.text);
    let quiet = client.authorize(&[OFFLINE[0], ("prompt", "none")]);
    let refused = browser.visit(&app, &quiet).await.to_client(CALLBACK);
    assert_eq!(refused["error"], "consent_required");
}

#[tokio::test]
async fn sessions_continue_while_the_server_of_the_client_is_down() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let client = server.client();
    register(&app, ADA).await;
    let (_, tokens) = client.allowed(&app, ADA).await;
    drop(server);
    app.clock.advance(Duration::from_hours(25));
    let refreshed = client.refresh(&app, &tokens).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    let replica = app.replica().await;
    let refreshed = client.refresh(&replica, &refreshed).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
}

#[tokio::test]
async fn a_document_that_cannot_be_used_ends_in_a_page_that_says_why() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let client = server.client();
    let refused = async |expected: &str| {
        let page = app.get(&client.authorize(&[])).await;
        assert_eq!(page.status, 400, "{expected}");
        assert!(page.text.contains(expected), "{expected}: {}", page.text);
    };
    let head = |head: &str| Some(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n"));
    let elsewhere = format!("302 Found\r\nlocation: {}", server.id);
    server.answer_bytes(head(&elsewhere));
    refused("the answer has status 302, not 200").await;
    server.answer_bytes(head("404 Not Found"));
    refused("the answer has status 404, not 200").await;
    server.answer_bytes(head("200 OK\r\ncontent-type: text/html"));
    refused("another Content-Type than application/json").await;
    server.answer_bytes(Some("hello\r\n\r\n".to_owned()));
    refused("it cannot be fetched").await;
    server.answer_bytes(None);
    refused("it cannot be fetched").await;
    let padding = json!({"client_name": "a".repeat(5_120)});
    server.answer_with(&server.document(&padding), "");
    refused("it has more than 5,120 bytes").await;
    server.answer_with("{\"client_id\"", "");
    refused("it is no JSON object").await;
    let other = json!({"client_id": "https://localhost/client.json"});
    server.answer_with(&server.document(&other), "");
    refused("its client_id is not the URL").await;
    let secret = json!({"token_endpoint_auth_method": "client_secret_post"});
    server.answer_with(&server.document(&secret), "");
    refused("token_endpoint_auth_method must be none").await;
    let unsafe_uri = json!({"redirect_uris": ["http://wiki.example/cb"]});
    server.answer_with(&server.document(&unsafe_uri), "");
    refused("redirect_uris must have 1 to 20 URIs").await;
    assert_eq!(server.requests(), 10);
    // None of these answers was kept.
    server.answer_with(&server.document(&json!({})), "");
    assert_eq!(app.get(&client.authorize(&[])).await.status, 303);
    let foreign = client.authorize(&[("redirect_uri", "https://evil.example/cb")]);
    assert_eq!(app.get(&foreign).await.status, 400);
}

#[tokio::test]
async fn an_address_that_is_not_public_is_not_called() {
    const NETWORKS: &str = "SIGNET_CLIENT_METADATA_DOCUMENTS_ALLOWED_NETWORKS";
    let server = ClientServer::start().await;
    let app = admitting(&[(NETWORKS, "192.0.2.0/24")]).await;
    for id in [
        server.id.clone(),
        server.id.replace("localhost", "127.0.0.1"),
        "https://10.0.0.1/client.json".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        let page = app
            .get(&server.client().authorize(&[("client_id", &id)]))
            .await;
        assert_eq!(page.status, 400, "{id}");
        assert!(page.text.contains("it cannot be fetched"), "{id}");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn an_id_that_is_no_plain_url_of_an_admitted_host_is_not_fetched() {
    const HOSTS: &str = "SIGNET_CLIENT_METADATA_DOCUMENTS_HOSTS";
    let server = ClientServer::start().await;
    let unknown = async |app: &TestApp, id: &str| {
        let page = app
            .get(&server.client().authorize(&[("client_id", id)]))
            .await;
        assert_eq!(page.status, 400, "{id}");
        assert!(
            page.text.contains("is not known here"),
            "{id}: {}",
            page.text
        );
    };
    let app = admitting(&[]).await;
    let of_server = |from, to| server.id.replace(from, to);
    for id in [
        of_server("https", "http"),
        of_server("https", "HTTPS"),
        of_server("localhost", "LOCALHOST"),
        of_server("localhost", "user@localhost"),
        of_server("/client.json", "/../client.json"),
        of_server("/client.json", "/./client.json"),
        of_server("/client.json", "/%2e%2e/client.json"),
        of_server(".json", ".json#part"),
        of_server(".json", ".json?a=b"),
        of_server("/client.json", ""),
    ] {
        unknown(&app, &id).await;
    }
    unknown(&admitting(&[(HOSTS, "client.example")]).await, &server.id).await;
    let off = TestApp::start().await;
    unknown(&off, &server.id).await;
    let document = off.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document.get("client_id_metadata_document_supported"), None);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_document_is_kept_as_long_as_it_says() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let client = server.client();
    let document = server.document(&json!({}));
    server.answer_with(&document, "cache-control: max-age=600\r\n");
    for (wait, requests) in [(0, 1), (599, 1), (1, 2)] {
        app.clock.advance(Duration::from_secs(wait));
        assert_eq!(app.get(&client.authorize(&[])).await.status, 303);
        assert_eq!(server.requests(), requests);
    }
}

#[tokio::test]
async fn a_pushed_request_fetches_the_document_and_a_secret_is_refused() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let mut client = server.client();
    let url = client.authorize(&[]);
    let (_, query) = url.split_once('?').unwrap();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let form: Vec<_> = pairs
        .iter()
        .filter(|(name, _)| name != "client_id")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    server.answer_with("[]", "");
    let refused = client.ask(&app, "/oauth/par", &form).await;
    assert_eq!(refused.json()["error"], "unauthorized_client");
    server.answer_with(&server.document(&json!({})), "");
    let pushed = client.ask(&app, "/oauth/par", &form).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text);
    let name = pushed.member("request_uri");
    let (id, name) = (encoded(&server.id), encoded(&name));
    let path = format!("/oauth/authorize?client_id={id}&request_uri={name}");
    let page = Browser::default().visit(&app, &path).await;
    assert_eq!(page.heading(), "Sign in");
    client.secret = "guessed".to_owned();
    let refused = client.ask(&app, "/oauth/par", &form).await;
    assert_eq!(refused.json()["error"], "invalid_client");
    let refused = client.redeem(&app, "code").await;
    assert_eq!(refused.json()["error"], "invalid_client");
}

#[tokio::test]
async fn an_operator_sees_disables_and_deletes_a_client_that_people_use() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let client = server.client();
    register(&app, ADA).await;
    let (admin, path) = (
        Admin::of(&app),
        format!("/admin/clients/{}", encoded(&server.id)),
    );
    assert_eq!(admin.ask("GET", &path, "").await.status, 404);
    let (mut browser, tokens) = client.allowed(&app, ADA).await;
    let shown = admin.ask("GET", &path, "").await.json();
    assert_eq!(shown["metadata_document"], true);
    assert_eq!(shown["name"], "localhost (The <Wiki>)");
    let disabled = admin.ask("POST", &format!("{path}/disable"), "").await;
    assert_eq!(disabled.status, 200, "{}", disabled.text);
    let page = browser.visit(&app, &client.authorize(&OFFLINE)).await;
    assert_eq!(page.status, 400);
    let refused = client.refresh(&app, &tokens).await;
    assert_eq!(refused.json()["error"], "invalid_client");
    let access = tokens.member("access_token");
    assert_eq!(userinfo(&app, &access).await.status, 401);
    // A deleted one can ask again, as if it had never been used.
    let deleted = admin.ask("DELETE", &path, "").await;
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    let refused = client.refresh(&app, &tokens).await;
    assert_eq!(refused.json()["error"], "invalid_client");
    let (_, tokens) = client.allowed(&app, ADA).await;
    assert_eq!(
        userinfo(&app, &tokens.member("access_token")).await.status,
        200
    );
}

#[tokio::test]
async fn an_operator_blocks_a_client_that_nobody_has_used_by_registering_its_id() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let admin = Admin::of(&app);
    let new = json!({"client_id": server.id, "authentication": "none", "audiences": ["wiki"]});
    let added = admin.ask("POST", "/admin/clients", &new.to_string()).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let page = app.get(&server.client().authorize(&[])).await;
    assert_eq!(page.status, 400);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_change_does_not_make_an_unregistered_client_a_registered_one() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    register(&app, ADA).await;
    let (_, tokens) = server.client().allowed(&app, ADA).await;
    let (admin, path) = (
        Admin::of(&app),
        format!("/admin/clients/{}", encoded(&server.id)),
    );
    let before = admin.ask("GET", &path, "").await;
    for change in [
        json!({"audiences": ["orders"]}),
        json!({"redirect_uris": ["https://orders.example/cb"], "first_party": true}),
        json!({"name": "Orders"}),
    ] {
        let refused = admin.ask("PATCH", &path, &change.to_string()).await;
        assert_eq!(refused.problem(), (409, "conflict".to_owned()));
        let detail = refused.json()["detail"].to_string();
        assert!(detail.contains("register its id"), "{detail}");
    }
    let rotated = admin
        .ask("POST", &format!("{path}/rotate-secret"), "{}")
        .await;
    assert_eq!(rotated.problem(), (409, "conflict".to_owned()));
    assert_eq!(admin.ask("GET", &path, "").await.text, before.text);
    let refreshed = server.client().refresh(&app, &tokens).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
}

#[tokio::test]
async fn clients_of_a_host_that_is_no_longer_admitted_can_refresh_no_session() {
    const HOSTS: &str = "SIGNET_CLIENT_METADATA_DOCUMENTS_HOSTS";
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let client = server.client();
    register(&app, ADA).await;
    let (_, tokens) = client.allowed(&app, ADA).await;
    let authority = file("authority.pem");
    let mut variables = admitted(&authority);
    variables.push((HOSTS, "client.example"));
    for variables in [&variables[..], &[]] {
        let replica = app.replica_with(variables).await;
        let refused = client.refresh(&replica, &tokens).await;
        assert_eq!(refused.json()["error"], "invalid_client");
    }
}

#[tokio::test]
async fn a_person_sees_and_withdraws_what_an_unregistered_client_may() {
    let (app, server) = (admitting(&[]).await, ClientServer::start().await);
    let client = server.client();
    let own = register(&app, ADA).await;
    let (_, tokens) = client.allowed(&app, ADA).await;
    let bearer = format!("Bearer {}", own.member("access_token"));
    let headers = [("authorization", bearer.as_str())];
    let listed = app
        .send(request("GET", "/auth/consents", &headers, ""))
        .await;
    assert_eq!(listed.json()["consents"][0]["client_id"], server.id);
    let path = format!("/auth/consents/{}", encoded(&server.id));
    let gone = app.send(request("DELETE", &path, &headers, "")).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    let refused = client.refresh(&app, &tokens).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
}
