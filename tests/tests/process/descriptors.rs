//! File descriptors that run out because of many connections.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use signet_tests::{Api, Folder, SOON, own_address, signet_program, within};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

#[tokio::test]
async fn the_operations_listener_answers_when_clients_hold_every_connection() {
    let folder = Folder::with_keys();
    let (public, operations) = (own_address(), own_address());
    let mut server = Command::new("sh")
        .arg("-c")
        .arg("ulimit -n 300 && exec \"$0\" serve")
        .arg(signet_program())
        .current_dir(folder.path())
        .env_clear()
        .env("SIGNET_LISTEN", public.to_string())
        .env("SIGNET_OPS_LISTEN", operations.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(server.stdout.take().unwrap());
    let ready = stdout.lines().next().expect("a line").unwrap();
    assert!(ready.starts_with("signet ready on "), "{ready}");

    let mut held = Vec::new();
    for _ in 0..400 {
        let mut connection = TcpStream::connect(public).await.unwrap();
        connection.write_all(b"GET /").await.unwrap();
        held.push(connection);
    }
    let report = Api::at(operations);
    let report = within(SOON, "operators get an answer", report.get("/readyz")).await;
    assert_eq!(
        report.expect(200).json()["checks"]["database"]["status"],
        "ok"
    );
    let honest = Api::at(public);
    let account = within(SOON, "an honest client is served", honest.register()).await;
    honest.refresh(&account.refresh_token).await.expect(200);
    server.kill().unwrap();
    server.wait().unwrap();
}
