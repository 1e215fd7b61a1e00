//! Connections of one listener: accepted, bounded, served, and finished at the end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use metrics::Gauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::handshake::{Begun, begin};
use super::header_timer::LargeHeaders;
use super::places::{Place, PlaceLimits, Places};
use super::requests::{Caller, Service, count_refusal};
use super::{Listener, http1, http2};
use crate::tls::Tls;

/// What the connections of one listener share.
pub(super) struct Connections {
    service: Service,
    graceful: GracefulShutdown,
    places: Places,
    open: Gauge,
    large_headers: LargeHeaders,
    tls: Option<Tls>,
    stopped: watch::Receiver<bool>,
}

impl Connections {
    /// Serves `service` on every connection until `stopped`; then finishes running requests.
    pub(super) async fn serve(
        listener: Listener,
        service: impl Into<Service>,
        limits: PlaceLimits,
        mut stopped: watch::Receiver<bool>,
    ) {
        let Listener { socket, tls } = listener;
        let connections = Self {
            open: metrics::gauge!("signet_connections", "listener" => limits.listener),
            service: service.into(),
            graceful: GracefulShutdown::new(),
            places: Places::new(limits),
            large_headers: LargeHeaders::new(),
            tls,
            stopped: stopped.clone(),
        };
        tokio::select! {
            () = connections.accept_all(&socket) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        // Closes the socket, so that the kernel refuses new connections.
        drop(socket);
        let finished = connections.graceful.shutdown();
        if tokio::time::timeout(SHUTDOWN_GRACE, finished)
            .await
            .is_err()
        {
            tracing::warn!("some requests did not finish in time and were aborted");
        }
    }

    /// Accepts a caller before it looks for a place, so that no connection gives way if there is no
    /// caller. While this caller waits for its place, further ones wait in the kernel.
    async fn accept_all(&self, socket: &TcpListener) {
        loop {
            match socket.accept().await {
                Ok((stream, peer)) => self.admit(stream, peer).await,
                Err(error) => recover(error).await,
            }
        }
    }

    async fn admit(&self, stream: TcpStream, peer: SocketAddr) {
        let permit = self.places.next().await;
        match permit.and_then(|permit| self.places.take(peer.ip(), permit)) {
            Some(place) => self.start(stream, peer, Arc::new(place)),
            None => count_refusal(),
        }
    }

    fn start(&self, stream: TcpStream, peer: SocketAddr, place: Arc<Place>) {
        // Small answers are sent without delay; if the socket refuses this option, it is still
        // served.
        let _unset = stream.set_nodelay(true);
        let caller = Caller {
            service: self.service.clone(),
            peer,
            place: Arc::clone(&place),
        };
        let connection = Connection {
            caller,
            large_headers: self.large_headers.clone(),
            watcher: self.graceful.watcher(),
            stopped: self.stopped.clone(),
        };
        let tls = self.tls.clone();
        let open = Open::count(self.open.clone());
        tokio::spawn(async move {
            let _until_the_end = open;
            tokio::select! {
                () = connection.serve(stream, tls.as_ref()) => {}
                () = place.gives_way() => count_refusal(),
            }
        });
    }
}

/// An open connection, counted until it is dropped.
struct Open(Gauge);

impl Open {
    fn count(gauge: Gauge) -> Self {
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

/// What a connection needs while it is served.
struct Connection {
    caller: Caller,
    large_headers: LargeHeaders,
    watcher: Watcher,
    stopped: watch::Receiver<bool>,
}

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<&Tls>) {
        let Self {
            caller,
            large_headers,
            watcher,
            stopped,
        } = self;
        let begun = begin(stream, tls, large_headers.clone(), stopped.clone()).await;
        let served = match begun {
            None => return,
            Some(Begun::Plain(stream)) => {
                http1::serve(stream, caller, large_headers, watcher).await
            }
            Some(Begun::Http1(stream)) => {
                http1::serve(stream, caller, large_headers, watcher).await
            }
            Some(Begun::Http2(stream)) => {
                let served = http2::serve(stream, caller, large_headers, watcher, stopped);
                // Boxed: connections of HTTP/1 need less room.
                Box::pin(served).await
            }
        };
        if let Err(error) = served {
            tracing::debug!(%error, "a connection ended early");
        }
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
/// How long to wait if the system has no free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
