//! Connections with TLS: the handshake, HTTP/2 and its limits.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, Uri};
use axum::routing::{get, post};
use http_body_util::BodyExt as _;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{Held, Server, connect, hello, serve_with};
use crate::tls::tests::certificate;
use crate::tls::{Tls, any_server};

async fn serve(router: Router) -> Server {
    let folder = TempDir::new().unwrap();
    let tls = Tls::load(&certificate(folder.path())).unwrap();
    serve_with(router, Some(tls)).await
}

/// A connection of this protocol.
async fn secure(server: &Server, protocol: &[u8]) -> TlsStream<TcpStream> {
    try_secure(server, protocol).await.unwrap()
}

async fn try_secure(server: &Server, protocol: &[u8]) -> io::Result<TlsStream<TcpStream>> {
    let mut config = (*any_server().unwrap()).clone();
    config.alpn_protocols = vec![protocol.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, connect(server).await).await
}

async fn http2(server: &Server) -> SendRequest<Body> {
    let stream = TokioIo::new(secure(server, b"h2").await);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream)
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

fn request(path: &str) -> Request<Body> {
    let request = Request::get(format!("https://localhost{path}"));
    request.body(Body::empty()).unwrap()
}

async fn text(body: hyper::body::Incoming) -> String {
    let bytes = body.collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn http1_is_served_behind_tls() {
    let server = serve(hello()).await;
    let mut stream = secure(&server, b"http/1.1").await;
    let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_request_of_http2_reaches_the_router_as_one_of_http1() {
    let shown = |uri: Uri, headers: HeaderMap| async move {
        format!("{uri} {}", headers["host"].to_str().unwrap())
    };
    let server = serve(Router::new().route("/shown", get(shown))).await;
    let mut sender = http2(&server).await;
    let response = sender.send_request(request("/shown?a=b")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response.into_body()).await, "/shown?a=b localhost");
    let mut two_hosts = request("/shown");
    let other = "example.com".parse().unwrap();
    two_hosts.headers_mut().insert("host", other);
    let response = sender.send_request(two_hosts).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn plain_http_and_unknown_protocols_are_not_answered() {
    let server = serve(hello()).await;
    let mut plain = connect(&server).await;
    plain
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _reset = plain.read_to_end(&mut answer).await;
    // An alert of TLS: fatal.
    assert_eq!(answer.first(), Some(&21), "{answer:?}");
    assert!(try_secure(&server, b"spdy/3").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_unfinished_handshake_is_dropped_after_ten_seconds() {
    let server = serve(hello()).await;
    // The head of a record of 512 bytes that never comes.
    for sent in [&b"\x16\x03\x01\x02\x00\x01"[..], b""] {
        let mut stream = connect(&server).await;
        let began = tokio::time::Instant::now();
        stream.write_all(sent).await.unwrap();
        let mut rest = Vec::new();
        let _reset = stream.read_to_end(&mut rest).await;
        assert_eq!(began.elapsed().as_secs(), 10, "{sent:?}");
    }
}

#[tokio::test]
async fn a_peer_that_only_shakes_hands_does_not_hold_the_end() {
    let server = serve(hello()).await;
    let quiet = secure(&server, b"http/1.1").await;
    let used = http2(&server).await;
    server.stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), server.task)
        .await
        .unwrap()
        .unwrap();
    drop((quiet, used));
}

#[tokio::test]
async fn requests_of_http2_are_finished_before_the_end() {
    let mut held = Held::new();
    let server = serve(held.router.clone()).await;
    let mut sender = http2(&server).await;
    let asking = tokio::spawn(async move {
        let response = sender.send_request(request("/")).await.unwrap();
        text(response.into_body()).await
    });
    held.begun.recv().await.unwrap();
    server.stop.send(true).unwrap();
    held.release.send(true).unwrap();
    assert_eq!(asking.await.unwrap(), "hello");
    server.task.await.unwrap();
}

#[tokio::test]
async fn headers_of_http2_have_32_kib_at_most() {
    let server = serve(hello()).await;
    let mut sender = http2(&server).await;
    for (bytes, status) in [(7_000, 200), (31 * 1024, 200), (33 * 1024, 431)] {
        let mut large = request("/");
        let value = "x".repeat(bytes).parse().unwrap();
        large.headers_mut().insert("cookie", value);
        let response = sender.send_request(large).await.unwrap();
        assert_eq!(response.status(), status, "{bytes}");
    }
}

#[tokio::test]
async fn a_connection_of_http2_runs_64_requests_at_a_time() {
    let mut held = Held::new();
    let server = serve(held.router.clone()).await;
    let mut first = http2(&server).await;
    // The answer of the first request says that the settings of the server have arrived.
    let missing = first.send_request(request("/missing")).await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    let asking: Vec<_> = (0..70)
        .map(|_| tokio::spawn(first.send_request(request("/"))))
        .collect();
    for _ in 0..64 {
        held.begun.recv().await.unwrap();
    }
    assert!(held.begun.try_recv().is_err());
    held.release.send(true).unwrap();
    for asked in asking {
        assert_eq!(asked.await.unwrap().unwrap().status(), StatusCode::OK);
    }
}

/// Everything that the server sends, as frames: type, stream and payload.
async fn frames(stream: &mut TlsStream<TcpStream>) -> Vec<(u8, Vec<u8>)> {
    let mut bytes = Vec::new();
    let _reset = stream.read_to_end(&mut bytes).await;
    let mut rest = &bytes[..];
    let mut frames = Vec::new();
    while let [high, middle, low, kind, _, _, _, _, _, behind @ ..] = rest {
        let length = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
        let end = length.min(behind.len());
        frames.push((*kind, behind[..end].to_vec()));
        rest = &behind[end..];
    }
    frames
}

/// The beginning of a connection, and what follows on it.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [length[1], length[2], length[3], kind, flags];
    [&head, &stream.to_be_bytes()[..], payload].concat()
}

fn preface() -> Vec<u8> {
    [
        &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
        &frame(4, 0, 0, &[]),
    ]
    .concat()
}

/// `GET https://localhost/` from the static table of HPACK and one literal.
const GET: &[u8] = b"\x82\x87\x84\x41\x09localhost";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// RFC 9113 section 7.
const ENHANCE_YOUR_CALM: [u8; 4] = [0, 0, 0, 11];

#[tokio::test]
async fn requests_that_are_taken_back_at_once_end_the_connection() {
    let server = serve(hello()).await;
    let mut stream = secure(&server, b"h2").await;
    let mut flood = preface();
    for number in 0..500 {
        let id = 2 * number + 1;
        flood.extend(frame(HEADERS, END_STREAM | END_HEADERS, id, GET));
        flood.extend(frame(RST_STREAM, 0, id, &[0, 0, 0, 8]));
    }
    let _reset = stream.write_all(&flood).await;
    let frames = frames(&mut stream).await;
    let (_, goaway) = frames.iter().find(|(kind, _)| *kind == GOAWAY).unwrap();
    assert_eq!(goaway[4..8], ENHANCE_YOUR_CALM);
    // Others are served.
    let response = http2(&server).await.send_request(request("/")).await;
    assert_eq!(response.unwrap().status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_connection_of_http2_without_a_request_ends_after_ten_seconds() {
    let server = serve(hello()).await;
    for unfinished in [&b""[..], &frame(HEADERS, END_STREAM, 1, GET)] {
        let mut stream = secure(&server, b"h2").await;
        let began = tokio::time::Instant::now();
        let sent = [&preface(), unfinished].concat();
        stream.write_all(&sent).await.unwrap();
        frames(&mut stream).await;
        let waited = began.elapsed().as_secs();
        assert!((10..=15).contains(&waited), "{waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_of_http2_that_takes_no_answer_is_given_up() {
    let long = || async { "x".repeat(1024 * 1024) };
    let server = serve(Router::new().route("/", get(long))).await;
    let mut stream = secure(&server, b"h2").await;
    let request = frame(HEADERS, END_STREAM | END_HEADERS, 1, GET);
    let sent = [preface(), request].concat();
    let began = tokio::time::Instant::now();
    stream.write_all(&sent).await.unwrap();
    let frames = frames(&mut stream).await;
    let data: usize = frames
        .iter()
        .filter(|(kind, _)| *kind == 0)
        .map(|(_, payload)| payload.len())
        .sum();
    assert_eq!(data, 65_535, "the window that the peer gave");
    let waited = began.elapsed().as_secs();
    assert!((20..=85).contains(&waited), "{waited}");
}

#[tokio::test]
async fn a_body_of_http2_is_received() {
    let length = |body: String| async move { body.len().to_string() };
    let server = serve(Router::new().route("/", post(length))).await;
    let mut sender = http2(&server).await;
    let request = Request::post("https://localhost/");
    let request = request.body(Body::from("x".repeat(300_000))).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(text(response.into_body()).await, "300000");
}
