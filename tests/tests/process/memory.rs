//! What the memory of the process holds of requests that are finished.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::FileExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use signet_tests::{SOON, Server, until};

#[test]
fn passwords_tokens_and_secrets_are_wiped_when_their_connection_ends() {
    let server = Server::start();
    let Some(memory) = Memory::of(&server) else {
        // Only root may read it, which is the promise to everyone else.
        return;
    };
    let client = server.add_client(&[
        "billing",
        "--grants",
        "client_credentials",
        "--audiences",
        "orders",
    ]);
    let secret = client["client_secret"].as_str().unwrap();
    let basic = STANDARD.encode(format!("billing:{secret}"));

    let typed = json!({"email": "ada@example.com", "password": OLD, "token_delivery": "body"});
    send(&server, &post("/auth/register", "", &typed), 201);
    let mut request = Begun::new(&server, &post("/auth/login", "", &typed));
    until(SOON, "the search finds a password", || {
        memory.content().contains(OLD)
    });
    let tokens = request.finish(200);
    let access_token = tokens["access_token"].as_str().unwrap();
    let refresh_token = tokens["refresh_token"].as_str().unwrap();

    let wrong = json!({"email": "ada@example.com", "password": WRONG});
    send(&server, &post("/auth/login", "", &wrong), 401);
    let bearer = format!("authorization: Bearer {access_token}\r\n");
    let me = format!("GET /auth/me HTTP/1.1\r\n{HEADERS}{bearer}\r\n");
    send(&server, &me, 200);
    let changed = json!({"current_password": OLD, "new_password": NEW});
    send(&server, &post("/auth/password", &bearer, &changed), 204);
    let refresh = json!({"refresh_token": refresh_token, "token_delivery": "body"});
    let refreshed = send(&server, &post("/auth/refresh", "", &refresh), 200);
    let form = "grant_type=client_credentials&client_secret=";
    let grant = format!("{form}{secret}&client_id=billing");
    let in_the_body = with_body("/oauth/token", FORM, &grant);
    let issued = send(&server, &in_the_body, 200);
    let header = format!("authorization: Basic {basic}\r\n{FORM}");
    let in_the_header = with_body("/oauth/token", &header, "grant_type=client_credentials");
    send(&server, &in_the_header, 200);

    let text = |document: &Value, name: &str| document[name].as_str().unwrap().to_owned();
    let secrets = [
        ("the password", OLD.to_owned()),
        ("a wrong password", WRONG.to_owned()),
        ("the new password", NEW.to_owned()),
        ("an access token", access_token.to_owned()),
        ("a used refresh token", refresh_token.to_owned()),
        ("the refresh token", text(&refreshed, "refresh_token")),
        ("a newer access token", text(&refreshed, "access_token")),
        ("a program's token", text(&issued, "access_token")),
        ("a client's secret", secret.to_owned()),
        ("a client's secret in the header", basic),
    ];
    until(SOON, "everything is wiped", || {
        let content = memory.content();
        let left = secrets.iter().filter(|(_, text)| content.contains(text));
        let left: Vec<_> = left.map(|(what, _)| what).collect();
        println!("not wiped: {left:?}");
        left.is_empty()
    });
}

/// The memory of a running server.
struct Memory {
    process: u32,
}

impl Memory {
    /// None if this user may not read it.
    fn of(server: &Server) -> Option<Self> {
        let process = server.process_id();
        match File::open(format!("/proc/{process}/mem")) {
            Ok(_) => Some(Self { process }),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::PermissionDenied);
                None
            }
        }
    }

    /// What the process can write, one region after the other.
    fn content(&self) -> String {
        let regions = fs::read_to_string(format!("/proc/{}/maps", self.process)).unwrap();
        let memory = File::open(format!("/proc/{}/mem", self.process)).unwrap();
        let mut content = String::new();
        for line in regions.lines().filter(|line| line.contains(" rw")) {
            let (range, _) = line.split_once(' ').unwrap();
            let (from, to) = range.split_once('-').unwrap();
            let [from, to] = [from, to].map(|hex| u64::from_str_radix(hex, 16).unwrap());
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            // A region that was unmapped meanwhile holds nothing.
            let read = memory.read_at(&mut bytes, from).unwrap_or(0);
            content.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
        content
    }
}

/// A request without its last byte, on a connection of its own.
struct Begun {
    stream: TcpStream,
    last: u8,
}

impl Begun {
    fn new(server: &Server, request: &str) -> Self {
        let mut stream = TcpStream::connect(server.api().address()).unwrap();
        let (last, begin) = request.as_bytes().split_last().unwrap();
        stream.write_all(begin).unwrap();
        Self {
            stream,
            last: *last,
        }
    }

    /// Sends the last byte and gives the body of the answer.
    fn finish(&mut self, status: u16) -> Value {
        self.stream.write_all(&[self.last]).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        let begin = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&begin), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_default()
    }
}

fn send(server: &Server, request: &str, status: u16) -> Value {
    Begun::new(server, request).finish(status)
}

fn post(path: &str, headers: &str, body: &Value) -> String {
    let headers = format!("{headers}content-type: application/json\r\n");
    with_body(path, &headers, &body.to_string())
}

fn with_body(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\n{HEADERS}{headers}content-length: {length}\r\n\r\n{body}")
}

const HEADERS: &str = "host: localhost\r\nconnection: close\r\n";
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
const OLD: &str = "violet harbour lantern";
const WRONG: &str = "violet harbour lamp";
const NEW: &str = "amber quarry whistle";
