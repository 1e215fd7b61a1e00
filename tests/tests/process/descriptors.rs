//! File descriptors that run out because of many connections.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use signet_tests::{Api, Folder, SOON, own_address, signet_program, within};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn the_operations_listener_answers_when_clients_hold_every_connection() {
    let server = SmallServer::start();
    let mut held = Vec::new();
    for _ in 0..400 {
        held.push(server.connect(b"GET /").await);
    }
    let report = within(SOON, "operators get an answer", server.report()).await;
    assert_eq!(report.1["checks"]["database"]["status"], "ok");
    let honest = Api::at(server.public);
    let account = within(SOON, "an honest client is served", honest.register()).await;
    honest.refresh(&account.refresh_token).await.expect(200);
}

#[tokio::test]
async fn a_public_listener_that_accepts_nobody_is_not_ready_until_it_does() {
    let server = SmallServer::start();
    let ready = (200, json!({"status": "ok"}));
    assert_eq!(server.public_listener().await, ready);
    let mut held = Vec::new();
    for _ in 0..PUBLIC_CONNECTIONS {
        let mut connection = server.connect(UNFINISHED).await;
        let mut answer = [0; GO_ON.len()];
        connection.read_exact(&mut answer).await.unwrap();
        assert_eq!(
            answer, GO_ON,
            "the request is served and its connection is not idle"
        );
        held.push(connection);
    }
    let unusable = json!({"status": "unusable", "detail": "does not answer"});
    assert_eq!(server.public_listener().await, (503, unusable));
    drop(held);
    assert_eq!(server.public_listener().await, ready);
}

/// A server that may have few files and sockets open: half of them are for the public listener.
struct SmallServer {
    process: Child,
    public: SocketAddr,
    operations: SocketAddr,
    _folder: Folder,
}

impl SmallServer {
    fn start() -> Self {
        let folder = Folder::with_keys();
        let (public, operations) = (own_address(), own_address());
        let mut process = Command::new("sh")
            .arg("-c")
            .arg("ulimit -n 300 && exec \"$0\" serve")
            .arg(signet_program())
            .current_dir(folder.path())
            .env_clear()
            .env("SIGNET_LISTEN", public.to_string())
            .env("SIGNET_OPS_LISTEN", operations.to_string())
            .env("SIGNET_LIMITS_ENABLED", "false")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let server = Self {
            process,
            public,
            operations,
            _folder: folder,
        };
        let ready = stdout.lines().next().expect("a line").unwrap();
        assert!(ready.starts_with("signet ready on "), "{ready}");
        server
    }

    /// A connection to the public listener on which `begin` was sent.
    async fn connect(&self, begin: &[u8]) -> TcpStream {
        let mut connection = TcpStream::connect(self.public).await.unwrap();
        connection.write_all(begin).await.unwrap();
        connection
    }

    /// The status and the body of `/readyz`.
    async fn report(&self) -> (u16, serde_json::Value) {
        let reply = Api::at(self.operations).get("/readyz").await;
        (reply.status, reply.json())
    }

    /// The status of `/readyz`, and what it says of the public listener.
    async fn public_listener(&self) -> (u16, serde_json::Value) {
        let (status, report) = self.report().await;
        (status, report["checks"]["public_listener"].clone())
    }
}

impl Drop for SmallServer {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _ended_already = self.process.wait();
    }
}

/// Half of the files that the server may open.
const PUBLIC_CONNECTIONS: usize = 150;
/// A request whose body never comes.
const UNFINISHED: &[u8] =
    b"POST /auth/login HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n\
    content-type: application/json\r\ncontent-length: 9\r\n\r\n";
/// How the server answers when it waits for a body.
const GO_ON: [u8; 25] = *b"HTTP/1.1 100 Continue\r\n\r\n";
