//! One request on a connection of its own. An answer that does not come is no error here.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer.
pub struct Answer {
    pub status: u16,
    body: String,
}

impl Answer {
    /// The access token in the body.
    pub fn access_token(&self) -> Option<&str> {
        self.member("access_token")
    }

    /// The refresh token in the body.
    pub fn refresh_token(&self) -> Option<&str> {
        self.member("refresh_token")
    }

    /// The challenge for a proof of work, and how many bits of a solution must be zero.
    pub fn challenge(&self) -> Option<(&str, u32)> {
        let (_, bits) = self.body.split_once("\"proof_of_work_bits\":")?;
        let bits = bits.split(['}', ',']).next()?;
        Some((self.member("proof_of_work")?, bits.trim().parse().ok()?))
    }

    fn member(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("\"{name}\":\""))?;
        Some(rest.split_once('"')?.0)
    }
}

/// Sends a request and reads the answer; none if the server refuses or closes the connection.
pub fn ask(address: SocketAddr, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(request).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let status = text.get(9..12)?.parse().ok()?;
    let body = text.split_once("\r\n\r\n")?.1.to_owned();
    Some(Answer { status, body })
}

/// A GET. `from` is the client's address, and further header lines behind it.
pub fn get(path: &str, from: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nX-Forwarded-For: {from}\r\n\r\n"
    )
    .into_bytes()
}

/// A POST with a JSON body.
pub fn json(path: &str, body: &str, from: &str) -> Vec<u8> {
    post(path, "application/json", body, from)
}

/// A POST with a form.
pub fn form(path: &str, body: &str, from: &str) -> Vec<u8> {
    post(path, "application/x-www-form-urlencoded", body, from)
}

fn post(path: &str, kind: &str, body: &str, from: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\nX-Forwarded-For: {from}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Longer than any answer should take.
const PATIENCE: Duration = Duration::from_secs(20);
