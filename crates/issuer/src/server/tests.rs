//! Connections over real sockets: headers, keep-alive and the end.

mod tls;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::Listener;
use super::connections::Connections;
use super::places::PlaceLimits;
use crate::tls::Tls;

struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

async fn serve(router: Router) -> Server {
    serve_with(router, None).await
}

async fn serve_with(router: Router, tls: Option<Tls>) -> Server {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let listener = Listener { socket, tls };
    let (stop, stopped) = watch::channel(false);
    let limits = PlaceLimits::behind(&[]);
    let task = tokio::spawn(Connections::serve(listener, router, limits, stopped));
    Server {
        address,
        stop,
        task,
    }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// A route that says when a request has begun, and answers once it is released.
struct Held {
    router: Router,
    begun: mpsc::UnboundedReceiver<()>,
    release: watch::Sender<bool>,
}

impl Held {
    fn new() -> Self {
        let (announce, begun) = mpsc::unbounded_channel::<()>();
        let (release, released) = watch::channel(false);
        let handler = move || {
            let (announce, mut released) = (announce.clone(), released.clone());
            async move {
                announce.send(()).unwrap();
                released.wait_for(|released| *released).await.unwrap();
                "hello"
            }
        };
        Self {
            router: Router::new().route("/", get(handler)),
            begun,
            release,
        }
    }
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

/// Sends a request and reads the answer; the connection stays open.
async fn ask(stream: &mut TcpStream) -> String {
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"hello") {
        assert_ne!(
            stream.read_buf(&mut answer).await.unwrap(),
            0,
            "closed early"
        );
    }
    String::from_utf8(answer).unwrap()
}

async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    rest
}

#[tokio::test]
async fn quiet_connections_do_not_hold_the_end() {
    let server = serve(hello()).await;
    let mut used = connect(&server).await;
    let mut never_used = connect(&server).await;
    assert!(ask(&mut used).await.starts_with("HTTP/1.1 200 OK"));
    server.stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), server.task)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read_to_end(&mut used).await, b"");
    assert_eq!(read_to_end(&mut never_used).await, b"");
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_running_request_is_finished_before_the_end() {
    let mut held = Held::new();
    let server = serve(held.router.clone()).await;
    let mut stream = connect(&server).await;
    let asking = tokio::spawn(async move { ask(&mut stream).await });
    held.begun.recv().await.unwrap();
    server.stop.send(true).unwrap();
    held.release.send(true).unwrap();
    assert!(asking.await.unwrap().contains("connection: close"));
    server.task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_ends_is_cut_off_ten_seconds_after_the_stop() {
    let (begun, mut has_begun) = mpsc::channel::<()>(1);
    let handler = move || {
        let begun = begun.clone();
        async move {
            begun.send(()).await.unwrap();
            std::future::pending::<&'static str>().await
        }
    };
    let server = serve(Router::new().route("/", get(handler))).await;
    let mut stream = connect(&server).await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    has_begun.recv().await.unwrap();
    let stopped = tokio::time::Instant::now();
    server.stop.send(true).unwrap();
    server.task.await.unwrap();
    assert_eq!(stopped.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn headers_that_trickle_are_cut_off_within_ten_seconds() {
    let server = serve(hello()).await;
    let mut stream = connect(&server).await;
    let began = tokio::time::Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
    read_to_end(&mut stream).await;
    let waited = began.elapsed();
    assert!((5..=10).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_is_closed_after_ten_seconds() {
    let server = serve(hello()).await;
    let mut stream = connect(&server).await;
    let began = tokio::time::Instant::now();
    assert_eq!(read_to_end(&mut stream).await, b"");
    assert_eq!(began.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn more_than_256_unfinished_large_headers_are_refused() {
    let server = serve(hello()).await;
    let begin = format!("GET / HTTP/1.1\r\nhost: x\r\ncookie: {}", "x".repeat(9_000));
    let mut streams = Vec::new();
    for _ in 0..300 {
        let mut stream = connect(&server).await;
        stream.write_all(begin.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    // Small ones are served beside them.
    ask(&mut connect(&server).await).await;
    let mut admitted = 0;
    for mut stream in streams {
        let _cut_off = stream.write_all(b"\r\n\r\n").await;
        let mut answer = Vec::new();
        let _cut_off = stream.read_buf(&mut answer).await;
        admitted += usize::from(answer.starts_with(b"HTTP/1.1 200"));
    }
    assert_eq!(admitted, 256);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stops_reading_is_given_up() {
    const LENGTH: usize = 64 * 1024 * 1024;
    let long = || async { "x".repeat(LENGTH) };
    let server = serve(Router::new().route("/", get(long))).await;
    let mut stream = connect(&server).await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    stream.readable().await.unwrap();
    tokio::time::sleep(Duration::from_secs(31)).await;
    let mut received = Vec::new();
    // It is closed behind the bytes that had found room, or reset.
    let _cut_off = stream.read_to_end(&mut received).await;
    assert!(received.len() < LENGTH);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_connection_is_kept_for_longer_than_a_gateway_keeps_it() {
    let server = serve(hello()).await;
    let mut stream = connect(&server).await;
    ask(&mut stream).await;
    let began = tokio::time::Instant::now();
    assert_eq!(read_to_end(&mut stream).await, b"");
    assert_eq!(began.elapsed().as_secs(), 80);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_has_finished_sending_still_gets_its_answer() {
    let mut held = Held::new();
    let server = serve(held.router.clone()).await;
    let mut stream = connect(&server).await;
    let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    held.begun.recv().await.unwrap();
    stream.shutdown().await.unwrap();
    // Time stands still until the server has noticed and has nothing more to do.
    let mut nothing = [0];
    let waited = Duration::from_millis(50);
    let early = tokio::time::timeout(waited, stream.read(&mut nothing)).await;
    assert!(early.is_err(), "given up");
    held.release.send(true).unwrap();
    let answer = String::from_utf8(read_to_end(&mut stream).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("hello"), "{answer}");
}

/// Sends a request and reads the status of the answer.
async fn status_of(server: &Server, request: &str) -> String {
    let mut stream = connect(server).await;
    // The server may close before it has read everything.
    let _cut_off = stream.write_all(request.as_bytes()).await;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    String::from_utf8(answer.to_vec()).unwrap()
}

#[tokio::test]
async fn a_request_names_one_host() {
    let server = serve(hello()).await;
    for (request, status) in [
        ("GET / HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 200"),
        ("GET http://x/ HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 200"),
        ("GET http://x/ HTTP/1.1\r\nhost: y\r\n\r\n", "HTTP/1.1 400"),
        (
            "GET http://X:80/ HTTP/1.1\r\nhost: x\r\n\r\n",
            "HTTP/1.1 400",
        ),
        ("GET http://X/ HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 200"),
        ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400"),
        ("GET http://x/ HTTP/1.1\r\n\r\n", "HTTP/1.1 400"),
        (
            "GET / HTTP/1.1\r\nhost: x\r\nHost: x\r\n\r\n",
            "HTTP/1.1 400",
        ),
        (
            "GET / HTTP/1.0\r\nhost: x\r\nhost: y\r\n\r\n",
            "HTTP/1.0 400",
        ),
        ("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200"),
    ] {
        assert_eq!(status_of(&server, request).await, status, "{request}");
    }
}

#[tokio::test]
async fn a_body_is_chunked_or_has_a_length() {
    let server = serve(Router::new().route("/", post(|| async { "hello" }))).await;
    for (codings, status) in [
        ("transfer-encoding: chunked", "HTTP/1.1 200"),
        ("transfer-encoding: Chunked", "HTTP/1.1 200"),
        ("transfer-encoding: gzip, chunked", "HTTP/1.1 400"),
        ("transfer-encoding: identity, chunked", "HTTP/1.1 400"),
        (
            "transfer-encoding: gzip\r\ntransfer-encoding: chunked",
            "HTTP/1.1 400",
        ),
        (
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
            "HTTP/1.1 400",
        ),
        ("transfer-encoding: gzip", "HTTP/1.1 400"),
    ] {
        let request = format!("POST / HTTP/1.1\r\nhost: x\r\n{codings}\r\n\r\n0\r\n\r\n");
        assert_eq!(status_of(&server, &request).await, status, "{codings}");
    }
}

#[tokio::test]
async fn headers_of_32_kib_are_served_and_one_more_byte_is_a_431() {
    let server = serve(hello()).await;
    let (begin, end) = ("GET / HTTP/1.1\r\nhost: x\r\ncookie: ", "\r\n\r\n");
    for (length, status) in [
        (32 * 1024, "HTTP/1.1 200"),
        (32 * 1024 + 1, "HTTP/1.1 431"),
        (40 * 1024, "HTTP/1.1 431"),
        (64 * 1024, "HTTP/1.1 431"),
    ] {
        let cookie = "x".repeat(length - begin.len() - end.len());
        let request = format!("{begin}{cookie}{end}");
        assert_eq!(status_of(&server, &request).await, status, "{length}");
    }
}
