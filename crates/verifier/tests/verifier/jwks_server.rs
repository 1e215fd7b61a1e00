//! A JWKS server that does what a test tells it to, well or badly. Knows HTTP and nothing else.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a connection.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// Answers with a status, header lines and a body.
    Answer {
        status: u16,
        headers: String,
        body: String,
    },
    /// Answers 304 to a request with this `ETag`, and the body to others.
    Tagged { etag: String, body: String },
    /// Reads and says nothing.
    Hang,
    /// Closes the connection at once.
    Close,
    /// Sends the beginning of a body and then nothing more.
    Stall,
    /// Promises more than it sends.
    BreakOff,
    /// Sends what is no HTTP.
    Noise,
    /// Sends a body without an end.
    Endless,
}

impl Behaviour {
    pub(crate) fn keys(jwks: impl Into<String>) -> Self {
        Self::Answer {
            status: 200,
            headers: "Cache-Control: public, max-age=300\r\n".to_owned(),
            body: jwks.into(),
        }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Answer {
            status,
            headers: "Location: /elsewhere\r\n".to_owned(),
            body: String::new(),
        }
    }
}

#[derive(Debug)]
struct State {
    behaviour: Behaviour,
    /// The request lines and headers that came, in order.
    requests: Vec<String>,
}

/// The handle of a running server; it ends with the test's runtime.
#[derive(Clone, Debug)]
pub(crate) struct JwksServer {
    pub(crate) origin: String,
    state: Arc<Mutex<State>>,
}

impl JwksServer {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            behaviour,
            requests: Vec::new(),
        }));
        let server = Self { origin, state };
        tokio::spawn(server.clone().accept(listener));
        server
    }

    async fn accept(self, listener: TcpListener) {
        while let Ok((connection, _)) = listener.accept().await {
            let server = self.clone();
            tokio::spawn(async move { server.serve(connection).await });
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/jwks.json", self.origin)
    }

    pub(crate) fn becomes(&self, behaviour: Behaviour) {
        self.state.lock().unwrap().behaviour = behaviour;
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }

    /// Serves one connection; errors are the client's leaving.
    pub(crate) async fn serve<S>(&self, mut stream: S) -> Option<()>
    where
        S: AsyncReadExt + AsyncWriteExt + Unpin,
    {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.ok()?);
        }
        let request = String::from_utf8(request).ok()?.to_ascii_lowercase();
        let behaviour = {
            let mut state = self.state.lock().unwrap();
            state.requests.push(request.clone());
            state.behaviour.clone()
        };
        let head = |status: u16, headers: &str, length: usize| {
            format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\r\n")
        };
        let answer = match behaviour {
            Behaviour::Answer {
                status,
                headers,
                body,
            } => head(status, &headers, body.len()) + &body,
            Behaviour::Tagged { etag, .. } if request.contains(&etag.to_ascii_lowercase()) => {
                format!("HTTP/1.1 304 X\r\nETag: {etag}\r\n\r\n")
            }
            Behaviour::Tagged { etag, body } => {
                head(200, &format!("ETag: {etag}\r\n"), body.len()) + &body
            }
            Behaviour::Hang => std::future::pending().await,
            Behaviour::Stall => {
                let beginning = head(200, "", 1_000) + "{";
                stream.write_all(beginning.as_bytes()).await.ok()?;
                std::future::pending().await
            }
            Behaviour::Close => String::new(),
            Behaviour::BreakOff => head(200, "", 1_000) + "{\"keys\":[",
            Behaviour::Noise => "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(),
            Behaviour::Endless => loop {
                let endless = format!("HTTP/1.1 200 X\r\n\r\n{}", " ".repeat(10_000));
                stream.write_all(endless.as_bytes()).await.ok()?;
            },
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
        stream.shutdown().await.ok()
    }
}

/// A free port on which no server listens.
pub(crate) async fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    port
}
