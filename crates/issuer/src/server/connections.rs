//! Connections of one listener: accepted, bounded, served, and finished at the end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, HOST};
use axum::http::{StatusCode, Version};
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::Service as _;

use super::header_timer::{CountedStream, HeaderTimer, ROUND};
use crate::extract::Peer;

/// What the connections of one listener share.
pub(super) struct Connections {
    router: Router,
    graceful: GracefulShutdown,
    places: Arc<Semaphore>,
}

impl Connections {
    /// Serves `router` to whoever connects, until `stopped` says so; then finishes.
    pub(super) async fn serve(
        listener: TcpListener,
        router: Router,
        mut stopped: watch::Receiver<bool>,
    ) {
        let connections = Self {
            router,
            graceful: GracefulShutdown::new(),
            places: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        };
        tokio::select! {
            () = connections.accept_all(&listener) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        // Closes the socket: who connects from now on is refused at once.
        drop(listener);
        let finished = connections.graceful.shutdown();
        if tokio::time::timeout(SHUTDOWN_GRACE, finished)
            .await
            .is_err()
        {
            tracing::warn!("some requests did not finish in time and were cut off");
        }
    }

    /// Takes a place before it accepts, so that callers beyond the bound wait in the kernel.
    async fn accept_all(&self, listener: &TcpListener) {
        while let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, peer)) => self.start(stream, peer, place),
                Err(error) => recover(error).await,
            }
        }
    }

    fn start(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        // Small answers must not wait for more; a socket that refuses is served all the same.
        let _unset = stream.set_nodelay(true);
        let (stream, reads) = CountedStream::new(stream);
        let router = self.router.clone();
        let service = service_fn(move |request| call(router.clone(), request, peer));
        let connection = http1::Builder::new()
            .timer(HeaderTimer::new(reads))
            .header_read_timeout(ROUND)
            // Who has finished sending waits for the answer.
            .half_close(true)
            .max_header_size(MAX_HEADER_BYTES)
            .max_buf_size(MAX_HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
}

async fn call(
    mut router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response, Infallible> {
    // As bare as what cannot be read at all: hyper answers that, and /docs tells of both.
    if !names_its_host(&request) {
        return Ok((StatusCode::BAD_REQUEST, [(CONNECTION, "close")]).into_response());
    }
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    router.call(request).await
}

/// RFC 9112 section 3.2: one `Host` and no more, unless it is HTTP/1.0. What it says is not looked
/// at here, but a proxy in front must not have read another one.
fn names_its_host(request: &Request<Incoming>) -> bool {
    let hosts = request.headers().get_all(HOST).iter().count();
    hosts == 1 || hosts == 0 && request.version() < Version::HTTP_11
}

/// A caller that hung up is nothing; a process without file descriptors has to wait for some.
async fn recover(error: io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        return;
    }
    tracing::error!(%error, "cannot accept connections");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

/// How long requests may go on after the server was told to stop.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
/// How many connections are held at once; an idle one takes about 10 KB.
const MAX_CONNECTIONS: usize = 10_000;
/// How long a request line and its headers may be, in bytes; longer ones are a bare 431.
const MAX_HEADER_BYTES: usize = 32 * 1024;
/// How long to wait when the system gives no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
