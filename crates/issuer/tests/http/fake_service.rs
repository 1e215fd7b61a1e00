//! A service of another party on this machine, which gives every request the same answer.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A service on this machine, until it is dropped.
pub(crate) struct FakeService {
    origin: String,
    requests: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl FakeService {
    /// A service that answers each request with these bytes, or not at all.
    pub(crate) async fn answering(answer: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::default();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, answer, Arc::clone(&requests)));
        Self {
            origin,
            requests,
            _serving: serving,
        }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The requests so far, with their bodies.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// An answer with this body.
pub(crate) fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// Answers that no client can use, by what is wrong with them. A usable answer has this body; `None`
/// is no answer.
pub(crate) fn unusable(body: &str) -> [(&'static str, Option<String>); 7] {
    let usable = ok(body);
    [
        ("garbage", Some(ok("<html>"))),
        ("huge", Some(ok(&body.repeat(10_000)))),
        ("cut off", Some(usable.replace("length: ", "length: 9"))),
        ("refused", Some(usable.replace("200 OK", "503 Busy"))),
        (
            "elsewhere",
            Some(usable.replace("200 OK", "307 Moved\r\nlocation: /usable")),
        ),
        ("no HTTP", Some("hello\r\n\r\n".to_owned())),
        ("slow", None),
    ]
}

async fn serve(listener: TcpListener, answer: Option<String>, requests: Arc<Mutex<Vec<String>>>) {
    // Connections without an answer stay open.
    let mut open = Vec::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let request = request(&mut stream).await;
        requests.lock().unwrap().push(request);
        match &answer {
            // The client may have enough of a long answer.
            Some(answer) => drop(stream.write_all(answer.as_bytes()).await),
            None => open.push(stream),
        }
    }
}

async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(bytes).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
    head + &String::from_utf8(body).unwrap()
}
