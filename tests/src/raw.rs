//! Requests written byte by byte, for spellings that no client library would send.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawReply {
    /// The status code.
    pub status: u16,
    /// The headers as they were written.
    pub headers: Vec<(String, String)>,
}

impl RawReply {
    /// The values of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let headers = self.headers.iter();
        let named = headers.filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// Sends a request on a connection of its own; `None` when the connection ends, or half a minute
/// passes, without an answer.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Option<RawReply> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    // Who refuses a request early does not read the rest of it.
    let _refused_early = stream.write_all(request);
    let mut answer = Vec::new();
    let mut buffer = [0; 16 * 1024];
    while head_of(&answer).is_none() {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
        }
    }
    let (head, _) = head_of(&answer)?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(header).collect();
    Some(RawReply { status, headers })
}

/// The bytes up to the empty line, and where the body begins.
pub(crate) fn head_of(bytes: &[u8]) -> Option<(String, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((String::from_utf8_lossy(&bytes[..end]).into_owned(), end + 4))
}

/// A header line, its name as it was written.
pub(crate) fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_owned(), value.trim().to_owned()))
}

/// Longer than any gateway waits for anybody.
const PATIENCE: Duration = Duration::from_secs(30);
