//! Connections of one listener: accepted, bounded, served, and finished at the end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use axum::http::uri::Authority;
use axum::http::{StatusCode, Version};
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::Service as _;

use super::header_timer::{CountedStream, HeaderTimer, LargeHeaders, ROUND, Reads};
use super::places::{Place, PlaceLimits, Places};
use crate::extract::Peer;

/// What the connections of one listener share.
pub(super) struct Connections {
    router: Router,
    graceful: GracefulShutdown,
    places: Places,
    large_headers: LargeHeaders,
    stopped: watch::Receiver<bool>,
}

impl Connections {
    /// Serves `router` on every connection until `stopped`; then finishes running requests.
    pub(super) async fn serve(
        listener: TcpListener,
        router: Router,
        limits: PlaceLimits,
        mut stopped: watch::Receiver<bool>,
    ) {
        let connections = Self {
            router,
            graceful: GracefulShutdown::new(),
            places: Places::new(limits),
            large_headers: LargeHeaders::new(),
            stopped: stopped.clone(),
        };
        tokio::select! {
            () = connections.accept_all(&listener) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        // Closes the socket, so that the kernel refuses new connections.
        drop(listener);
        let finished = connections.graceful.shutdown();
        if tokio::time::timeout(SHUTDOWN_GRACE, finished)
            .await
            .is_err()
        {
            tracing::warn!("some requests did not finish in time and were aborted");
        }
    }

    /// Waits for a place before it accepts, so that further callers wait in the kernel.
    async fn accept_all(&self, listener: &TcpListener) {
        while let Some(permit) = self.places.next().await {
            match listener.accept().await {
                Ok((stream, peer)) => match self.places.take(peer.ip(), permit) {
                    Some(place) => self.start(stream, peer, Arc::new(place)),
                    None => count_refusal(),
                },
                Err(error) => recover(error).await,
            }
        }
    }

    fn start(&self, stream: TcpStream, peer: SocketAddr, place: Arc<Place>) {
        // Small answers are sent without delay; if the socket refuses this option, it is still
        // served.
        let _unset = stream.set_nodelay(true);
        let (router, watcher) = (self.router.clone(), self.graceful.watcher());
        let large_headers = self.large_headers.clone();
        let stopped = self.stopped.clone();
        let held = Arc::clone(&place);
        let served = async move {
            // A connection has no buffers before its first byte.
            if !has_first_byte(&stream, stopped).await {
                return;
            }
            let (stream, reads) = CountedStream::new(stream, large_headers);
            let caller = Caller {
                router,
                peer,
                place: held,
                reads: Arc::clone(&reads),
            };
            let service = service_fn(move |request| caller.clone().call(request));
            let connection = builder(reads).serve_connection(TokioIo::new(stream), service);
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, "a connection ended early");
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                () = served => {}
                () = place.gives_way() => count_refusal(),
            }
        });
    }
}

fn builder(reads: Arc<Reads>) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(HeaderTimer::new(reads))
        .header_read_timeout(ROUND)
        // A peer that has finished sending waits for the answer.
        .half_close(true)
        .max_header_size(MAX_HEADER_BYTES)
        .max_buf_size(MAX_HEADER_BYTES);
    builder
}

/// Whether a byte or the end of the connection arrived in time, before the server stops.
async fn has_first_byte(stream: &TcpStream, mut stopped: watch::Receiver<bool>) -> bool {
    let mut first = [0];
    tokio::select! {
        peeked = stream.peek(&mut first) => peeked.is_ok(),
        () = tokio::time::sleep(FIRST_BYTE_WITHIN) => false,
        _ = stopped.wait_for(|stopped| *stopped) => false,
    }
}

/// Counts a connection that was closed because of a bound.
fn count_refusal() {
    metrics::counter!("signet_connections_refused_total").increment(1);
}

/// What a request needs from its connection.
#[derive(Clone)]
struct Caller {
    router: Router,
    peer: SocketAddr,
    place: Arc<Place>,
    reads: Arc<Reads>,
}

impl Caller {
    async fn call(self, request: Request<Incoming>) -> Result<Response, Infallible> {
        let _serving = self.place.serve();
        self.reads.set_serving(true);
        let response = call(self.router, request, self.peer).await;
        self.reads.set_serving(false);
        response
    }
}

async fn call(
    mut router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response, Infallible> {
    // Without a body, like the library's answer to what it cannot parse; /docs describes both.
    if !names_its_host(&request) || !is_plainly_framed(&request) {
        return Ok((StatusCode::BAD_REQUEST, [(CONNECTION, "close")]).into_response());
    }
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    router.call(request).await
}

/// RFC 9112 section 3.2: exactly one `Host`, except in HTTP/1.0, and the same as in an absolute
/// target. Its value is not checked here, but a proxy in front must not read another one.
fn names_its_host(request: &Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let target = request.uri().authority().map(Authority::as_str);
    match (hosts.next(), hosts.next(), target) {
        (None, _, None) => request.version() < Version::HTTP_11,
        (Some(_), None, None) => true,
        (Some(host), None, Some(target)) => host.as_bytes().eq_ignore_ascii_case(target.as_bytes()),
        _ => false,
    }
}

/// Servers disagree about codings other than `chunked` alone.
fn is_plainly_framed(request: &Request<Incoming>) -> bool {
    let mut codings = request.headers().get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    }
}

/// If the caller has closed, nothing is needed. If the process has no free file descriptors, it
/// waits.
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

/// How long running requests may take after the server is told to stop.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
/// How long a new connection may send nothing: browsers open some in advance.
const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(10);
/// The longest request line and headers, in bytes; longer ones get a 431 without a body.
const MAX_HEADER_BYTES: usize = 32 * 1024;
/// How long to wait if the system has no free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
