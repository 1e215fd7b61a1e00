//! The service behind a gateway: it answers everything with 200 and remembers what it was sent.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::raw::{head_of, header};

/// A service on a free port of loopback, until the process ends.
#[derive(Debug)]
pub struct EchoService {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

/// One request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path and the query, byte by byte.
    pub target: String,
    /// The headers, their names as they were written.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// The headers that a service might take for the identity of who asks: it may read `_` for
    /// `-`, as many do.
    pub fn identity(&self) -> Vec<(String, &str)> {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| {
            let name = name.to_ascii_lowercase().replace('_', "-");
            (name, value.as_str())
        });
        headers
            .filter(|(name, _)| name.starts_with("x-auth"))
            .collect()
    }
}

impl EchoService {
    /// Starts it.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let received = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&received);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let requests = Arc::clone(&requests);
                // A gateway that hangs up in the middle has sent nothing.
                thread::spawn(move || serve(stream, &requests));
            }
        });
        Self { address, received }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has arrived since the last look.
    pub fn received(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().expect("whole requests"))
    }
}

/// One request for each connection.
fn serve(mut stream: TcpStream, requests: &Mutex<Vec<Received>>) -> io::Result<()> {
    let request = read(&mut stream)?;
    requests.lock().expect("whole requests").push(request);
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes")
}

fn read(stream: &mut TcpStream) -> io::Result<Received> {
    let mut bytes = Vec::new();
    let (head, begin) = loop {
        if let Some(found) = head_of(&bytes) {
            break found;
        }
        more(stream, &mut bytes)?;
    };
    let mut lines = head.lines();
    let mut first = lines
        .next()
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned);
    let headers: Vec<_> = lines.filter_map(header).collect();
    let value = |name: &str| {
        let mut headers = headers.iter();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    let length: usize = value("content-length").map_or(0, |text| text.parse().unwrap_or(0));
    let chunked = value("transfer-encoding").is_some();
    while bytes.len() < begin + length || (chunked && !bytes.ends_with(b"0\r\n\r\n")) {
        more(stream, &mut bytes)?;
    }
    Ok(Received {
        method: first.next().unwrap_or_default(),
        target: first.next().unwrap_or_default(),
        headers,
        body: bytes.split_off(begin),
    })
}

fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    let read = stream.read(&mut buffer)?;
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    bytes.extend_from_slice(&buffer[..read]);
    Ok(())
}
