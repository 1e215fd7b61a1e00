//! Stopping: what runs is finished, and nothing new begins.

use serde_json::Value;
use signet_tests::{Api, PASSWORD, PATIENCE, Server, within};
use signet_verifier::{Clock, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::yield_now;

#[tokio::test]
async fn a_running_request_is_finished_and_then_it_stops() {
    let server = Server::start();
    let account = server.api().register().await;
    let address = server.api().address();
    let body = format!(r#"{{"email":"{}","password":"{PASSWORD}"}}"#, account.email);
    let (first, last) = body.split_at(10);
    let head = format!(
        "POST /auth/login HTTP/1.1\r\nhost: signet\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    let mut running = TcpStream::connect(address).await.unwrap();
    running.write_all(head.as_bytes()).await.unwrap();
    // The issuer asks for the body, so the request has begun.
    let mut interim = [0; 25];
    running.read_exact(&mut interim).await.unwrap();
    assert!(interim.starts_with(b"HTTP/1.1 100 "));
    running.write_all(first.as_bytes()).await.unwrap();

    server.ask_to_stop();
    let closed = async {
        while TcpStream::connect(address).await.is_ok() {
            yield_now().await;
        }
    };
    within(PATIENCE, "nobody is let in any more", closed).await;
    running.write_all(last.as_bytes()).await.unwrap();
    let mut answer = String::new();
    running.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let exit = server.stopped();
    assert!(exit.status.success(), "{exit:?}");
}

#[tokio::test]
async fn idle_connections_do_not_hold_it_up() {
    let server = Server::start();
    let idle = TcpStream::connect(server.api().address()).await.unwrap();
    server.api().get("/healthz").await.expect(200);
    let clock = SystemClock::new();
    let exit = server.stop();
    assert!(exit.status.success(), "{exit:?}");
    assert!(clock.monotonic().as_secs() < 8, "nothing was running");
    drop(idle);
}

#[tokio::test]
async fn a_request_that_does_not_end_is_given_up() {
    let server = Server::start();
    let mut stuck = TcpStream::connect(server.api().address()).await.unwrap();
    let head = "POST /auth/login HTTP/1.1\r\nhost: signet\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{";
    stuck.write_all(head.as_bytes()).await.unwrap();
    server.api().get("/healthz").await.expect(200);
    let clock = SystemClock::new();
    server.stop();
    assert!(clock.monotonic().as_secs() <= 12, "ten seconds at most");
}

#[tokio::test]
async fn a_server_that_drains_is_not_ready_and_still_serves() {
    let server = Server::with(&[("SIGNET_DRAIN", "3s")]);
    let operations = server.operations();
    let account = server.api().register().await;
    operations.get("/readyz").await.expect(200);
    server.ask_to_stop();
    let report = within(PATIENCE, "it says that it stops", not_ready(&operations)).await;
    assert_eq!(report["checks"]["server"]["detail"], "stopping");
    assert_eq!(report["checks"]["database"]["status"], "ok");
    operations.get("/livez").await.expect(200);
    let fresh = Api::at(server.api().address());
    fresh.login(&account.email).await;
    fresh.refresh(&account.refresh_token).await.expect(200);
    let exit = server.stopped();
    assert!(exit.status.success(), "{exit:?}");
}

/// What `/readyz` says when it is not ready.
async fn not_ready(operations: &Api) -> Value {
    loop {
        let report = operations.get("/readyz").await;
        if report.status == 503 {
            return report.json();
        }
        yield_now().await;
    }
}
