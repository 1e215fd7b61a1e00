//! The empty server: the same binary started again as a process of its own, with one axum route
//! that does nothing, one that serves bytes, and one that signs. What Signet adds to it is what Signet
//! costs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::process::{Signal, set_parent_process_death_signal};

use crate::bare::USUAL_TOKEN_BYTES;

/// The argument that makes this program the empty server.
pub const ARGUMENT: &str = "empty-server";

/// A running empty server.
pub struct EmptyServer {
    child: Child,
    pub address: SocketAddr,
}

impl EmptyServer {
    /// Starts one that serves `bytes` at `/bytes`.
    pub fn start(bytes: &str) -> Self {
        let program = std::env::current_exe().expect("a program");
        let child = Command::new(program)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("the program runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(bytes.as_bytes()).expect("an open pipe");
        // The end of its input is the end of the bytes.
        drop(stdin);
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        let read = BufReader::new(stdout).read_line(&mut line);
        read.expect("an open pipe");
        let address = line.trim().parse().expect("an address");
        Self { child, address }
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for EmptyServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is the empty server, until it is killed or its parent ends.
pub fn serve() {
    set_parent_process_death_signal(Some(Signal::KILL)).expect("a Linux kernel");
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .expect("an open pipe");
    let bytes = Bytes::from(bytes);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let body = async move || ([(CONTENT_TYPE, "application/json")], bytes.clone());
        let key = Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));
        let token = async move |_: Bytes| ([(CONTENT_TYPE, "application/json")], signed(&key));
        let router = Router::new()
            .route("/empty", post(async || ()))
            .route("/signed", post(token))
            .route("/bytes", get(body));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        println!("{}", listener.local_addr().expect("an address"));
        axum::serve(listener, router).await.expect("a server");
    });
}

/// As much text as a usual token has, signed, and the signature behind it.
fn signed(key: &RsaKeyPair) -> String {
    let mut text = "x".repeat(USUAL_TOKEN_BYTES);
    let mut signature = vec![0; key.public_modulus_len()];
    let signed = key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    );
    signed.expect("a signature");
    URL_SAFE_NO_PAD.encode_string(&signature, &mut text);
    text
}
