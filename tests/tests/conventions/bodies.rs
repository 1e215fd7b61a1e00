//! Bodies: their size, their type, and how long they may take.

use http::Method;
use serde_json::json;
use signet_tests::{PASSWORD, Reply, Server, StoreChoice, fresh_email};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::body_routes::body_routes;

pub(crate) async fn a_body_has_at_most_16_kib(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let bystander = api.register().await;
    for route in body_routes() {
        // After a fresh sign-in, a body without a password deletes the account.
        let account = api.register().await;
        let post = async |length: usize| -> Reply {
            route.send(api, &account, filled(length).into()).await
        };
        post(16 * 1024 + 1).await.problem(413, "body_too_large");
        post(1024 * 1024).await.problem(413, "body_too_large");
        assert_ne!(post(16 * 1024).await.status, 413, "{}", route.path);
    }
    api.me(&bystander.access_token).await.expect(200);
}

pub(crate) async fn a_body_without_a_length_is_counted_too(stores: StoreChoice) {
    let server = stores.serve();
    let chunk = "x".repeat(0x1000);
    let mut request = head("/auth/login", "transfer-encoding: chunked");
    for _ in 0..5 {
        request.push_str(&format!("1000\r\n{chunk}\r\n"));
    }
    request.push_str("0\r\n\r\n");
    let answer = exchange(&server, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains(r#""code":"body_too_large""#), "{answer}");
}

pub(crate) async fn a_client_that_asks_first_is_told_that_its_body_is_too_long(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let too_long = "content-length: 16385\r\nexpect: 100-continue";
    let answer = exchange(&server, head("/auth/login", too_long).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains(r#""code":"body_too_large""#), "{answer}");
    let fitting = "content-length: 2\r\nexpect: 100-continue";
    let request = head("/auth/login", fitting) + "{}";
    let answer = exchange(&server, request.as_bytes()).await;
    assert!(answer.contains("HTTP/1.1 400 "), "{answer}");
}

pub(crate) async fn a_body_is_json_and_says_so(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    for route in body_routes() {
        for content_type in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "json",
            "*/*",
        ] {
            let request = route.request(api, &account);
            let request = request.header("content-type", content_type);
            let reply = api.send(request.body(route.body())).await;
            reply.problem(415, "unsupported_media_type");
        }
        let untyped = route.request(api, &account).body(route.body());
        let reply = api.send(untyped).await;
        reply.problem(415, "unsupported_media_type");
    }
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        let request = api.request(Method::POST, "/auth/register");
        let request = request.header("content-type", content_type);
        let body = json!({"email": fresh_email(), "password": PASSWORD}).to_string();
        api.send(request.body(body)).await.expect(201);
    }
}

// It takes ten seconds and asks no store: once is enough.
#[tokio::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    let server = StoreChoice::Sqlite.serve();
    let request = head("/auth/login", "content-length: 100") + "{\"email\":";
    let answer = exchange(&server, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(r#""code":"request_timeout""#), "{answer}");
}

pub(crate) async fn a_header_block_too_large_is_refused(stores: StoreChoice) {
    let server = stores.serve();
    let cookie = format!("cookie: signet_refresh={}", "x".repeat(600_000));
    let request = head("/auth/refresh", &cookie) + "\r\n";
    let answer = exchange(&server, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    server.api().register().await;
}

/// The head of a JSON request.
fn head(path: &str, header: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: signet\r\nconnection: close\r\n\
         content-type: application/json\r\n{header}\r\n\r\n"
    )
}

/// Sends these bytes, leaves the connection open, and reads until the issuer closes it.
async fn exchange(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.api().address())
        .await
        .expect("a connection");
    // The issuer may refuse before it has read everything.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// A JSON object of this many bytes.
fn filled(length: usize) -> String {
    let frame = r#"{"filler":""}"#.len();
    json!({"filler": "x".repeat(length - frame)}).to_string()
}
