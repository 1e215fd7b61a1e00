//! The server of an unregistered client, with the document about the client.

use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::client::{CALLBACK, Web};

/// The server of a client, until it is dropped. It sends the same answer to each request.
pub(super) struct ClientServer {
    pub(super) id: String,
    answer: Arc<Mutex<Option<String>>>,
    requests: Arc<Mutex<usize>>,
    _serving: JoinSet<()>,
}

impl ClientServer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answer, requests) = (Arc::default(), Arc::default());
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&answer), Arc::clone(&requests)));
        let server = Self {
            id: format!("https://localhost:{port}/client.json"),
            answer,
            requests,
            _serving: serving,
        };
        server.answer_with(&server.document(&json!({})), "");
        server
    }

    /// The usual document with these members.
    pub(super) fn document(&self, changes: &Value) -> String {
        let mut document = json!({
            "client_id": self.id,
            "client_name": "The <Wiki>",
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "none",
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        document.to_string()
    }

    /// Answers with a body, and with further headers.
    pub(super) fn answer_with(&self, body: &str, headers: &str) {
        let length = body.len();
        self.answer_bytes(Some(format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}"
        )));
    }

    /// Answers with these bytes, or not at all.
    pub(super) fn answer_bytes(&self, answer: Option<String>) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(super) fn requests(&self) -> usize {
        *self.requests.lock().unwrap()
    }

    pub(super) fn client(&self) -> Web {
        Web {
            id: self.id.clone(),
            secret: String::new(),
        }
    }
}

async fn serve(
    listener: TcpListener,
    answer: Arc<Mutex<Option<String>>>,
    requests: Arc<Mutex<usize>>,
) {
    let chain = CertificateDer::pem_file_iter(file("server.pem")).unwrap();
    let chain = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(file("server-key.pem")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    // Connections without an answer stay open.
    let mut open = Vec::new();
    while let Ok((stream, _)) = listener.accept().await {
        let Ok(mut stream) = acceptor.accept(stream).await else {
            continue;
        };
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        *requests.lock().unwrap() += 1;
        let answer = answer.lock().unwrap().clone();
        match answer {
            Some(answer) => {
                // The other side may have enough of a long answer.
                drop(stream.write_all(answer.as_bytes()).await);
                drop(stream.shutdown().await);
            }
            None => open.push(stream),
        }
    }
}

/// A file of the authority that signed the certificate for `localhost`.
pub(super) fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/tests/redis/tls");
    folder.join(name).to_str().unwrap().to_owned()
}
