//! One HTTP/1.1 connection that costs the generator as little as possible. It must not know Signet.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection that stays open, for one request at a time.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// A response; the body borrows the buffer of the connection.
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a str,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts connections");
        stream.set_nodelay(true).expect("a TCP socket");
        let patience = Some(ANSWER_WITHIN);
        stream.set_read_timeout(patience).expect("a TCP socket");
        Self {
            stream,
            received: Vec::with_capacity(4096),
        }
    }

    /// Sends the bytes of a request and reads the whole response.
    pub fn send(&mut self, request: &[u8]) -> Answer<'_> {
        self.stream.write_all(request).expect("an open connection");
        self.received.clear();
        let (status, begin, length) = loop {
            self.read_more();
            if let Some(head) = head(&self.received) {
                break head;
            }
        };
        while self.received.len() < begin + length {
            self.read_more();
        }
        let body = std::str::from_utf8(&self.received[begin..]).expect("text");
        Answer { status, body }
    }

    fn read_more(&mut self) {
        let mut buffer = [0; 4096];
        let read = self.stream.read(&mut buffer);
        let read = read.expect("an answer within the time limit");
        assert!(read > 0, "the server closed the connection");
        self.received.extend_from_slice(&buffer[..read]);
    }
}

impl Answer<'_> {
    /// Fails the run if the status is not the one that the measurement is about.
    pub fn expect(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// A text member of the JSON body, found without parsing the rest.
    pub fn member(&self, name: &str) -> &str {
        let begin = format!("\"{name}\":\"");
        let rest = self.body.split_once(&begin);
        let value = rest.and_then(|(_, rest)| rest.split_once('"'));
        value.expect("the member").0
    }
}

/// The bytes of a POST with a body of this type.
pub fn post(path: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// The bytes of a POST with a JSON body.
pub fn post_json(path: &str, body: &str) -> Vec<u8> {
    post(path, "application/json", body)
}

/// The bytes of a GET with header lines, each ending in CR and LF.
pub fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{headers}\r\n").into_bytes()
}

/// Status, where the body begins, and how long it is, once the head is complete.
fn head(received: &[u8]) -> Option<(u16, usize, usize)> {
    let end = received.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&received[..end]).expect("a head in ASCII");
    let status = head.get(9..12).and_then(|digits| digits.parse().ok());
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().expect("a length"))
    });
    Some((status.expect("a status"), end + 4, length.unwrap_or(0)))
}

/// Far more than any answer takes, so that a server that hangs ends the run.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
