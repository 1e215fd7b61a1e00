//! The server: listeners in, connections served, an orderly end.
//!
//! This module must not know routes; it serves whatever routers it is given.

mod connections;
mod header_timer;
mod places;
#[cfg(test)]
mod tests;

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

/// The sockets that a server listens on, bound by the caller.
#[derive(Debug)]
pub struct Listeners {
    /// For everybody.
    pub public: TcpListener,
    /// For operators; loopback unless configured otherwise.
    pub operations: TcpListener,
}

/// Serves `app` until `shutdown` is ready, then stops accepting and finishes what runs, for at
/// most 10 s.
///
/// # Errors
///
/// When the stores cannot finish what was handed to them.
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
        tracing::info!("stopping: no new connections, finishing what runs");
        // Every receiver may be gone already, and then there is nothing to stop.
        let _nobody_listens = stop.send(true);
    };
    tokio::join!(public, operations, background, upkeep, stopping);
    app.flows.stores.close().await.map_err(io::Error::other)?;
    tracing::info!("stopped");
    Ok(())
}
