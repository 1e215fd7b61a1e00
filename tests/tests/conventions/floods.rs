//! Ten thousand idle connections, and floods of large headers: well-behaved clients are served all
//! the while, and the memory does not grow from one flood to the next.

use std::net::SocketAddr;

use futures::future::{join, join_all};
use signet_tests::{PATIENCE, SOON, Server, Usage, until, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::crowds::{HEALTHZ, connect, make_room_for_sockets, read_answers, serve_honest};

#[tokio::test]
async fn honest_clients_are_served_beside_ten_thousand_idle_connections() {
    make_room_for_sockets(IDLE + 1_000);
    let server = Server::start();
    let account = server.api().register().await;
    let process = server.process_id();
    let before = Usage::of(process);
    println!("before: {before}");
    let mut crowd = Vec::new();
    for _ in 0..IDLE / AT_ONCE {
        let connections = (0..AT_ONCE).map(|_| kept(&server));
        crowd.extend(join_all(connections).await);
    }
    let served = serve_honest(&server, &account.refresh_token);
    let token = within(SOON, "everything is served", served).await;
    let beside = Usage::of(process);
    println!("beside them: {beside}");
    assert!(beside.files > PLACES, "{beside}");
    drop(crowd);
    serve_honest(&server, &token).await;
    // The allocator gives memory back some seconds after it was freed.
    let half = (before.resident + beside.resident) / 2;
    until(PATIENCE, "most of their memory is given back", || {
        Usage::of(process).resident < half
    });
    println!("after them: {}", Usage::of(process));
}

#[tokio::test]
async fn honest_clients_are_served_beside_floods_of_large_headers() {
    make_room_for_sockets(2 * FLOOD);
    let server = Server::start();
    let mut token = server.api().register().await.refresh_token;
    let address = server.api().address();
    let mut memory = Vec::new();
    for flood in 1..=FLOODS {
        let refused = join_all((0..FLOOD).map(|_| send_large_headers(address)));
        let served = serve_honest(&server, &token);
        let both = join(refused, served);
        let what = format!("flood {flood} is over, and everything was served");
        let (refused, next) = within(SOON, &what, both).await;
        token = next;
        // A client that still sends when the connection is closed can lose the response.
        let refused: Vec<_> = refused.into_iter().flatten().collect();
        assert!(refused.iter().all(|status| status == "431"), "{refused:?}");
        let usage = Usage::of(server.process_id());
        println!("{} of {FLOOD} read 431; {usage}", refused.len());
        memory.push(usage.resident);
    }
    let grown = memory[FLOODS - 1].saturating_sub(memory[FLOODS / 2]);
    assert!(grown < ROOM, "{memory:?}");
}

/// A connection that has had a response and is kept for the next request.
async fn kept(server: &Server) -> TcpStream {
    let mut stream = connect(server).await;
    stream.write_all(HEALTHZ).await.expect("an open connection");
    read_answers(&mut stream, 1).await;
    stream
}

/// Sends headers of 64 KiB. Returns the status that was read, if one was.
async fn send_large_headers(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let line = format!("x-large: {}\r\n", "x".repeat(1_000));
    let headers = line.repeat(64 * 1024 / line.len() + 1);
    let request = format!("GET /healthz HTTP/1.1\r\nhost: signet\r\n{headers}\r\n");
    let _refused_early = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).map(str::to_owned)
}

/// More than the public listener has places, so the oldest ones make room.
const IDLE: usize = 10_200;
const AT_ONCE: usize = 100;
/// How many connections the public listener keeps, without those that just came or went.
const PLACES: u64 = 9_900;
const FLOOD: usize = 200;
const FLOODS: usize = 6;

/// In KiB: what the allocator may keep.
const ROOM: u64 = 16 * 1024;
