//! Crowds of clients that are slow, silent, half gone or too talkative: well-behaved clients
//! are served all the while.

use http::Method;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signet_tests::{Account, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::hostile::still_well;

#[tokio::test]
async fn honest_clients_are_served_beside_a_thousand_who_do_nothing() {
    make_room_for_sockets(FILES);
    let server = Server::start();
    let account = server.api().register().await;
    let mut crowd = crowd_of(&server, IDLE, b"").await;
    let token = serve_honest(&server, &account.refresh_token).await;

    // They were not cut off meanwhile: a gateway keeps connections for the next request.
    for stream in crowd.iter_mut().step_by(100) {
        stream.write_all(HEALTHZ).await.expect("an open connection");
        let answer = read_answers(stream, 1).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    still_well(server, &with_token(account, token)).await;
}

#[tokio::test]
async fn honest_clients_are_served_beside_slow_and_half_gone_ones() {
    make_room_for_sockets(FILES);
    let server = Server::start();
    let account = server.api().register().await;
    let started_head = b"GET /auth/me HTTP/1.1\r\nhost: signet\r\nx-slow: ";
    let started_body = b"POST /auth/login HTTP/1.1\r\nhost: signet\r\ncontent-length: 100\r\n\
                         content-type: application/json\r\n\r\n{\"email\": ";
    let mut crowds = vec![
        crowd_of(&server, SLOW, started_head).await,
        crowd_of(&server, SLOW, started_body).await,
        crowd_of(&server, SLOW, HEALTHZ).await,
    ];
    let mut half_gone = crowd_of(&server, SLOW, started_head).await;
    for stream in &mut half_gone {
        stream.shutdown().await.expect("an open connection");
    }
    crowds.push(half_gone);
    // These are gone without a word, in the middle of a request.
    drop(crowd_of(&server, SLOW, started_body).await);

    let mut token = account.refresh_token.clone();
    for _ in 0..5 {
        // One more byte from each, so that none looks dead.
        for stream in crowds.iter_mut().take(2).flatten() {
            let _cut_off = stream.write_all(b"x").await;
        }
        token = serve_honest(&server, &token).await;
    }
    // The end would wait for requests that have begun.
    drop(crowds);
    still_well(server, &with_token(account, token)).await;
}

#[tokio::test]
async fn who_asks_without_reading_holds_up_nobody() {
    let server = Server::start();
    let account = server.api().register().await;
    let jwks = b"GET /.well-known/jwks.json HTTP/1.1\r\nhost: signet\r\n\r\n";
    let many = jwks.repeat(UNREAD);
    let mut deaf = crowd_of(&server, 4, b"").await;
    for stream in &mut deaf {
        // As much as goes into the pipe: the issuer stops reading when its answers find no room.
        let _unsent = stream.try_write(&many);
    }
    let token = serve_honest(&server, &account.refresh_token).await;
    drop(deaf);
    still_well(server, &with_token(account, token)).await;
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start();
    let account = server.api().register().await;
    let mut stream = connect(&server).await;
    let me = format!(
        "GET /auth/me HTTP/1.1\r\nhost: signet\r\nauthorization: Bearer {}\r\n\r\n",
        account.access_token
    );
    let nowhere = "GET /nowhere HTTP/1.1\r\nhost: signet\r\n\r\n";
    let round = format!("{}{me}{nowhere}", String::from_utf8_lossy(HEALTHZ));
    let rounds = 40;
    stream
        .write_all(round.repeat(rounds).as_bytes())
        .await
        .expect("an open connection");
    let answers = read_answers(&mut stream, 3 * rounds).await;
    let statuses: Vec<_> = answers
        .match_indices("HTTP/1.1 ")
        .map(|(at, begin)| &answers[at + begin.len()..][..3])
        .collect();
    assert_eq!(statuses, ["200", "200", "404"].repeat(rounds));
    assert_eq!(answers.matches(&account.email).count(), rounds);
    still_well(server, &account).await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_the_connection_closed() {
    let server = Server::start();
    let account = server.api().register().await;
    for (request, status) in no_requests() {
        let mut stream = connect(&server).await;
        // The issuer may refuse before it has read everything.
        let _cut_off = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        let begin: String = request.chars().take(100).collect();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{begin}: {answer}"
        );
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{begin}: {answer}");
    }
    still_well(server, &account).await;
}

/// A body whose two lengths contradict each other cannot hide a second request behind the first:
/// RFC 9112 section 6.1.
#[tokio::test]
async fn no_request_is_smuggled_behind_two_lengths() {
    let server = Server::start();
    let account = server.api().register().await;
    let hidden = format!(
        "DELETE /auth/sessions/{} HTTP/1.1\r\nhost: signet\r\nauthorization: Bearer {}\r\n\r\n",
        account.session_id, account.access_token
    );
    let request = format!(
        "POST /auth/logout-all HTTP/1.1\r\nhost: signet\r\ncontent-length: {}\r\n\
         transfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
        hidden.len() + 5
    );
    let mut stream = connect(&server).await;
    stream
        .write_all(request.as_bytes())
        .await
        .expect("an open connection");
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    still_well(server, &account).await;
}

/// What is no request, or too much of one, and the status that answers it.
fn no_requests() -> Vec<(String, &'static str)> {
    let long = "x".repeat(33 * 1024);
    let many = "x: y\r\n".repeat(101);
    let long_chunk = "{".repeat(0x8000);
    let login = "POST /auth/login HTTP/1.1\r\nhost: signet\r\ncontent-type: application/json\r\n";
    vec![
        ("\0\0\0\0\r\n\r\n".to_owned(), "400"),
        ("GET\r\n\r\n".to_owned(), "400"),
        ("GET /healthz HTTP/9.9\r\nhost: x\r\n\r\n".to_owned(), "400"),
        ("GET /healthz HTTP/1.1\r\n\r\n".to_owned(), "400"),
        (
            "GET /healthz HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "GET /healthz HTTP/1.1\r\nhost: x y\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "GET /healthz HTTP/1.1\r\nhost: user@x\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "GET /healthz HTTP/1.1\r\nhost : x\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "GET /healthz HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n\r\n".to_owned(),
            "400",
        ),
        (
            format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n"),
            "431",
        ),
        (
            format!("GET /healthz HTTP/1.1\r\nhost: x\r\na: {long}\r\n\r\n"),
            "431",
        ),
        (format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"), "431"),
        (format!("{login}content-length: -1\r\n\r\n"), "400"),
        (
            format!("{login}content-length: 1\r\ncontent-length: 2\r\n\r\n{{}}"),
            "400",
        ),
        (
            format!("{login}content-length: 9999999999\r\n\r\n{{"),
            "413",
        ),
        (format!("{login}transfer-encoding: gzip\r\n\r\n"), "400"),
        (
            format!("{login}transfer-encoding: chunked\r\n\r\nzz\r\n"),
            "400",
        ),
        (
            format!("{login}transfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n"),
            "400",
        ),
        (
            format!(
                "{login}connection: close\r\ntransfer-encoding: chunked\r\n\r\n8000\r\n{long_chunk}\r\n0\r\n\r\n"
            ),
            "413",
        ),
    ]
}

/// What people do all day, on connections of their own and on ones that are kept.
pub(crate) async fn serve_honest(server: &Server, refresh_token: &str) -> String {
    let api = server.api();
    api.get("/.well-known/jwks.json").await.expect(200);
    let token = api.next_token(refresh_token).await;
    let account = api.register().await;
    api.login(&account.email).await;
    api.me(&account.access_token).await.expect(200);
    let request = api.request(Method::GET, "/healthz");
    api.send(request.header("connection", "close"))
        .await
        .expect(200);
    token
}

/// The same account with its newest token.
fn with_token(account: Account, refresh_token: String) -> Account {
    Account {
        refresh_token,
        ..account
    }
}

/// This many connections, on each of which this has been sent.
async fn crowd_of(server: &Server, size: usize, sent: &[u8]) -> Vec<TcpStream> {
    let mut crowd = Vec::with_capacity(size);
    for _ in 0..size {
        let mut stream = connect(server).await;
        stream.write_all(sent).await.expect("an open connection");
        crowd.push(stream);
    }
    crowd
}

pub(crate) async fn connect(server: &Server) -> TcpStream {
    let connected = TcpStream::connect(server.api().address()).await;
    connected.expect("a connection")
}

/// Reads until this many answers have been complete; all of them have bodies of JSON objects.
pub(crate) async fn read_answers(stream: &mut TcpStream, count: usize) -> String {
    let mut answers = Vec::new();
    while !are_complete(&String::from_utf8_lossy(&answers), count) {
        let read = stream.read_buf(&mut answers).await.expect("an answer");
        assert_ne!(
            read,
            0,
            "closed early: {}",
            String::from_utf8_lossy(&answers)
        );
    }
    String::from_utf8(answers).expect("text")
}

fn are_complete(answers: &str, count: usize) -> bool {
    answers.matches("HTTP/1.1 ").count() == count && answers.ends_with('}')
}

/// The sockets of a crowd are files, and processes begin with room for about a thousand.
pub(crate) fn make_room_for_sockets(needed: usize) {
    let limit = getrlimit(Resource::Nofile);
    assert!(
        limit.maximum.is_none_or(|files| files >= needed as u64),
        "this test needs {needed} open files: raise `ulimit -Hn`, which is {:?}",
        limit.maximum
    );
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).expect("room for sockets");
}

const IDLE: usize = 1_000;
/// The crowd, and as much again for everything else.
const FILES: usize = 2 * IDLE;
const SLOW: usize = 100;
/// Their answers are some 5 MB, more than the kernel holds for a connection.
const UNREAD: usize = 4_000;
pub(crate) const HEALTHZ: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: signet\r\n\r\n";
