//! A collector of traces: takes what is posted to it, and reads as much of it as tests look at.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A collector on a free port of loopback. It serves until the process ends.
pub struct Collector {
    address: SocketAddr,
    posted: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// A span that has arrived.
#[derive(Debug, Default)]
pub struct Span {
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub name: String,
    pub kind: u64,
    pub began: u64,
    pub ended: u64,
    pub attributes: BTreeMap<String, String>,
}

impl Collector {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let posted = Arc::<Mutex<Vec<_>>>::default();
        let kept = Arc::clone(&posted);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let body = take(stream);
                kept.lock().expect("whole bodies").push(body);
            }
        });
        Self { address, posted }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every body so far.
    pub fn posted(&self) -> Vec<Vec<u8>> {
        self.posted.lock().expect("whole bodies").clone()
    }

    /// Every span so far.
    pub fn spans(&self) -> Vec<Span> {
        let posted = self.posted();
        let resources = posted.iter().flat_map(|body| parts(body, 1));
        let scopes = resources.flat_map(|resource| parts(&resource, 2));
        let spans = scopes.flat_map(|scope| parts(&scope, 2));
        spans.map(|span| read_span(&span)).collect()
    }
}

/// Reads a request, answers it with 200 and gives its body.
fn take(stream: TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut head = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if line == "\r\n" {
            break;
        }
        let line = line.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        head.push_str(&line);
    }
    assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf\r\n"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    reader.get_mut().write_all(answer).expect("a reader");
    body
}

fn read_span(span: &[u8]) -> Span {
    let mut read = Span::default();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for (field, value) in fields(span) {
        match (field, value) {
            (1, Value::Bytes(bytes)) => read.trace = hex(&bytes),
            (2, Value::Bytes(bytes)) => read.id = hex(&bytes),
            (4, Value::Bytes(bytes)) => read.parent = hex(&bytes),
            (5, Value::Bytes(bytes)) => read.name = text(&bytes),
            (6, Value::Number(number)) => read.kind = number,
            (7, Value::Number(number)) => read.began = number,
            (8, Value::Number(number)) => read.ended = number,
            (9, Value::Bytes(bytes)) => {
                let name = text(&parts(&bytes, 1)[0]);
                let value = match fields(&parts(&bytes, 2)[0]).remove(0) {
                    (1, Value::Bytes(bytes)) => text(&bytes),
                    (3, Value::Number(number)) => number.to_string(),
                    other => panic!("{other:?}"),
                };
                read.attributes.insert(name, value);
            }
            _ => {}
        }
    }
    read
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// The messages, texts and bytes of a field.
fn parts(message: &[u8], wanted: u64) -> Vec<Vec<u8>> {
    let of_field = |(field, value)| match value {
        Value::Bytes(bytes) if field == wanted => Some(bytes),
        _ => None,
    };
    fields(message).into_iter().filter_map(of_field).collect()
}

#[derive(Debug)]
enum Value {
    Number(u64),
    Bytes(Vec<u8>),
}

/// The fields of a message of Protocol Buffers.
fn fields(mut message: &[u8]) -> Vec<(u64, Value)> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message);
        let value = match tag & 7 {
            0 => Value::Number(varint(&mut message)),
            1 => Value::Number(u64::from_le_bytes(
                bytes(&mut message, 8).try_into().unwrap(),
            )),
            2 => {
                let length = usize::try_from(varint(&mut message)).unwrap();
                Value::Bytes(bytes(&mut message, length))
            }
            other => panic!("an unknown kind of field: {other}"),
        };
        fields.push((tag >> 3, value));
    }
    fields
}

fn bytes(message: &mut &[u8], length: usize) -> Vec<u8> {
    let (taken, rest) = message.split_at(length);
    *message = rest;
    taken.to_vec()
}

fn varint(message: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes(message, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}
