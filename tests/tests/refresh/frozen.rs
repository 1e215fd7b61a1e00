//! A replica that is stopped for a while, and the requests that wait for it meanwhile.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use signet_tests::{Api, Folder, Server, StoreChoice};

use crate::tokens::generation;

pub(crate) async fn a_request_that_waited_for_a_stopped_replica_refreshes_nothing(
    stores: StoreChoice,
) {
    let (one, stopped) = replicas(stores);
    let api = one.api();
    let token = registered_at(&stopped).await;
    let mut patient = connect(stopped.api());
    pause_without_lock(&stopped);
    ask(&mut patient, &token);
    let next = api.next_token(&token).await;
    // Longer than the grace period and the shortest stall that counts.
    give_up_after(
        Duration::from_millis(2_500),
        &mut ask_again(&stopped, &token),
    );
    stopped.resume();
    assert_eq!(status(&mut patient), 503);
    let after = api.next_token(&next).await;
    assert_eq!(
        generation(&after),
        generation(&next) + 1,
        "nobody recovered"
    );
    let reply = stopped.api().get("/healthz").await;
    reply.expect(200);
    api.next_token(&after).await;
}

pub(crate) async fn a_request_of_a_client_that_has_gone_recovers_nothing(stores: StoreChoice) {
    let (one, stopped) = replicas(stores);
    let api = one.api();
    let token = registered_at(&stopped).await;
    let mut gone = connect(stopped.api());
    pause_without_lock(&stopped);
    ask(&mut gone, &token);
    drop(gone);
    let next = api.next_token(&token).await;
    // Longer than the grace period, shorter than a stall that counts.
    give_up_after(
        Duration::from_millis(1_300),
        &mut ask_again(&stopped, &token),
    );
    stopped.resume();
    stopped.api().get("/healthz").await.expect(200);
    let after = api.next_token(&next).await;
    assert_eq!(
        generation(&after),
        generation(&next) + 1,
        "nobody recovered"
    );
}

/// Two issuers on the same stores and keys.
fn replicas(stores: StoreChoice) -> (Server, Server) {
    let (servers, folder) = (Arc::new(stores.start()), Arc::new(Folder::with_keys()));
    let serve = || Server::on(Arc::clone(&servers), Arc::clone(&folder), SETTINGS);
    (serve(), serve())
}

/// Stops a replica at a moment when it does not hold the write lock of a shared SQLite file: with
/// the lock, it would stop the other replica too.
fn pause_without_lock(server: &Server) {
    let database = server.folder().database();
    loop {
        server.pause();
        let is_free = || {
            let connection = Connection::open(&database).expect("a database");
            connection.busy_timeout(Duration::ZERO).expect("a setting");
            connection
                .execute_batch("BEGIN IMMEDIATE; ROLLBACK")
                .is_ok()
        };
        if !database.exists() || is_free() {
            return;
        }
        server.resume();
    }
}

/// The refresh token of a new account.
async fn registered_at(server: &Server) -> String {
    server.api().register().await.refresh_token
}

fn connect(api: &Api) -> TcpStream {
    TcpStream::connect(api.address()).expect("a connection")
}

/// A request on a connection of its own.
fn ask_again(server: &Server, token: &str) -> TcpStream {
    let mut stream = connect(server.api());
    ask(&mut stream, token);
    stream
}

/// As a page does it, with the cookie and no body.
fn ask(stream: &mut TcpStream, token: &str) {
    let request = format!(
        "POST /auth/refresh HTTP/1.1\r\nHost: localhost\r\nCookie: signet_refresh={token}\r\n\
         Content-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("a request");
}

/// Waits for a response as long as an impatient client does, in vain.
fn give_up_after(patience: Duration, stream: &mut TcpStream) {
    stream.set_read_timeout(Some(patience)).expect("a socket");
    let read = stream.read(&mut [0; 16]);
    assert!(read.is_err(), "a stopped replica answers nothing");
}

fn status(stream: &mut TcpStream) -> u16 {
    let mut head = [0; 12];
    stream.read_exact(&mut head).expect("a response");
    let head = String::from_utf8_lossy(&head).into_owned();
    let status = head.strip_prefix("HTTP/1.1 ").expect("a status line");
    status.parse().expect("a status")
}

const SETTINGS: &[(&str, &str)] = &[("SIGNET_REFRESH_GRACE", "1s")];
