//! The server: accepts connections, serves them and stops in order.
//!
//! This module must not know routes; it serves whatever routers it is given.

mod connections;
mod header_timer;
mod places;
#[cfg(test)]
mod tests;
mod waiting;

use std::io;

use signet_flows::background;

use axum::Extension;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::App;
use crate::health::PublicListener;
use crate::{metrics, routes};
use connections::Connections;
use places::PlaceLimits;
pub use waiting::open_when_possible;

/// The sockets that a server listens on, bound by the caller.
#[derive(Debug)]
pub struct Listeners {
    /// The public listener.
    pub public: TcpListener,
    /// The operations listener; loopback by default.
    pub operations: TcpListener,
}

/// Serves `app` until `shutdown` is ready. Then it accepts no connections and finishes running
/// requests, for at most 10 s.
///
/// # Errors
///
/// Fails if the stores cannot finish their writes.
pub async fn run(
    listeners: Listeners,
    app: App,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let limits = PlaceLimits::behind(&app.settings.trusted_proxies);
    let watched = PublicListener::at(listeners.public.local_addr()?);
    let public = Connections::serve(
        listeners.public,
        routes::public(&app),
        limits.clone(),
        stopped.clone(),
    );
    let operations = Connections::serve(
        listeners.operations,
        routes::operations(&app).layer(Extension(watched)),
        limits,
        stopped.clone(),
    );
    let upkeep = metrics::upkeep(&app.metrics, stopped.clone());
    let background = background::run(&app.flows, stopped);
    let stopping = async {
        shutdown.await;
        tracing::info!("stopping: no new connections, finishing running requests");
        // An error means that no receiver is left, so there is nothing to stop.
        let _nobody_listens = stop.send(true);
    };
    tokio::join!(public, operations, background, upkeep, stopping);
    app.flows.stores.close().await.map_err(io::Error::other)?;
    tracing::info!("stopped");
    Ok(())
}
