//! The server: accepts connections, serves them and stops in order.
//!
//! This module must not know routes; it serves whatever services it is given.

mod connections;
mod handshake;
mod header_timer;
mod host;
mod http1;
mod http2;
mod places;
mod requests;
#[cfg(test)]
mod tests;
mod waiting;

use std::io;
use std::time::Duration;

use signet_flows::background;

use ipnet::IpNet;
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::App;
use crate::health::Watched;
use crate::tls::Tls;
use crate::{metrics, routes};
use connections::Connections;
use places::PlaceLimits;
pub(crate) use waiting::open_when_possible;

/// The listeners of a server, bound by the caller.
#[derive(Debug)]
pub struct Listeners {
    /// The public listener.
    pub public: Listener,
    /// The operations listener; loopback by default.
    pub operations: Listener,
}

/// A bound socket, and the certificate if it speaks TLS.
#[derive(Debug)]
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// The certificate; none for plain HTTP.
    pub tls: Option<Tls>,
}

impl Listener {
    /// A listener of plain HTTP.
    pub fn plain(socket: TcpListener) -> Self {
        Self { socket, tls: None }
    }

    /// The address and the scheme, as in a URL.
    ///
    /// # Errors
    ///
    /// Fails if the system does not know the address.
    pub fn url(&self) -> io::Result<String> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{}", self.socket.local_addr()?))
    }
}

/// Serves `app` until `shutdown` is ready. Then `/readyz` says that the server stops, and it still
/// serves for the configured time, so that load balancers stop sending requests. At last it accepts
/// no connections and finishes running requests, for at most 10 s. The operations listener answers
/// until then.
///
/// # Errors
///
/// Fails if the stores cannot finish their writes.
pub async fn run(
    listeners: Listeners,
    app: App,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (drain, draining) = watch::channel(false);
    let (close, closed) = watch::channel(false);
    let (stop, stopped) = watch::channel(false);
    let places = public_places(&app.settings.trusted_proxies);
    let (public, operations) = (&listeners.public, &listeners.operations);
    let address = public.socket.local_addr()?;
    let (public, operations) = (public.tls.as_ref(), operations.tls.as_ref());
    let watched = Watched::at(address, public, operations, draining)?;
    let certificates = follow_certificates(&listeners, &stopped);
    let service = routes::public(&app);
    let public = async {
        Connections::serve(listeners.public, service, places, closed).await;
        tell(&stop);
    };
    let operations = Connections::serve(
        listeners.operations,
        routes::operations_of(&app, Some(watched)),
        PlaceLimits::of_operations(),
        stopped.clone(),
    );
    let upkeep = metrics::upkeep(&app.metrics, stopped.clone());
    let refusals = app
        .refusals
        .tell_for_ever(&app.flows.clock, stopped.clone());
    let background = background::run(&app.flows, stopped);
    let stopping = async {
        shutdown.await;
        tell(&drain);
        wait_for_load_balancers(app.settings.drain).await;
        tracing::info!("stopping: no new connections, finishing running requests");
        tell(&close);
    };
    tokio::join!(
        public,
        operations,
        certificates,
        background,
        upkeep,
        refusals,
        stopping
    );
    app.flows.stores.close().await.map_err(io::Error::other)?;
    tracing::info!("stopped");
    Ok(())
}

/// Uses new certificates of both listeners as soon as their files change.
fn follow_certificates(
    listeners: &Listeners,
    stopped: &watch::Receiver<bool>,
) -> impl Future<Output = ()> + use<> {
    let follow = |listener: &Listener| {
        let (tls, stopped) = (listener.tls.clone(), stopped.clone());
        async move {
            if let Some(tls) = tls {
                tls.follow(stopped).await;
            }
        }
    };
    let (public, operations) = (follow(&listeners.public), follow(&listeners.operations));
    async {
        tokio::join!(public, operations);
    }
}

/// An error means that no receiver is left, so there is nothing to tell.
fn tell(state: &watch::Sender<bool>) {
    let _nobody_listens = state.send(true);
}

async fn wait_for_load_balancers(drain: Duration) {
    if drain.is_zero() {
        return;
    }
    tracing::info!(
        drain_seconds = drain.as_secs(),
        "stopping: not ready, still serving for the time of the setting drain"
    );
    tokio::time::sleep(drain).await;
}

/// The limits of the public listener, within the files and sockets that this process may have open.
fn public_places(gateways: &[IpNet]) -> PlaceLimits {
    PlaceLimits::behind(gateways).within(getrlimit(Resource::Nofile).current)
}
