//! The start while a store cannot be reached: both listeners answer, and opening is tried again until
//! it works. So a server that starts before its stores need not be started again. New certificates
//! are used meanwhile.
//!
//! This module must not know which stores there are.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use signet_flows::StartError;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

use super::connections::Connections;
use super::places::PlaceLimits;
use super::{Listener, Listeners, follow_certificates, public_places};
use crate::app::App;
use crate::error::{ApiError, Code};
use crate::health::{healthz, livez, not_open_yet};
use crate::middleware::request_id::{RequestIds, X_REQUEST_ID};

/// Opens the app with `open`. While a store cannot be reached, every request gets 503.
///
/// # Errors
///
/// [`StartError`] if it is no outage of a store.
pub(crate) async fn open_when_possible(
    listeners: &Listeners,
    mut open: impl AsyncFnMut() -> Result<App, StartError>,
) -> Result<App, StartError> {
    let mut waiting: Option<Waiting> = None;
    loop {
        let error = match open().await {
            Err(error) if error.outage().is_some() => error,
            opened => {
                if waiting.is_some() && opened.is_ok() {
                    tracing::info!("every store can be reached now");
                }
                return opened;
            }
        };
        let outage = Outage::of(&error);
        match &waiting {
            Some(waiting) => waiting.tell(outage),
            None => waiting = Some(Waiting::begin(listeners, outage)?),
        }
        sleep(PAUSE).await;
    }
}

/// What cannot be reached.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Outage {
    setting: &'static str,
    sentence: String,
}

impl Outage {
    fn of(error: &StartError) -> Self {
        Self {
            setting: error.outage().map_or("", |outage| outage.setting()),
            sentence: error.to_string(),
        }
    }

    fn log(&self) {
        tracing::warn!(
            "{}; the server waits and tries again until it works",
            self.sentence
        );
    }
}

/// The listeners while the server waits. They answer until this is dropped.
struct Waiting {
    outage: watch::Sender<Outage>,
    _until_dropped: watch::Sender<bool>,
}

impl Waiting {
    fn begin(listeners: &Listeners, outage: Outage) -> io::Result<Self> {
        outage.log();
        let (stop, stopped) = watch::channel(false);
        drop(tokio::spawn(follow_certificates(listeners, &stopped)));
        let (outage, seen) = watch::channel(outage);
        let routers = [
            (&listeners.public, public(), public_places(&[])),
            (
                &listeners.operations,
                operations(seen),
                PlaceLimits::of_operations(),
            ),
        ];
        for (listener, router, limits) in routers {
            let ids = Arc::new(RequestIds::new());
            let router = router.layer(from_fn_with_state(ids, with_request_id));
            let served = Connections::serve(again(listener)?, router, limits, stopped.clone());
            drop(tokio::spawn(served));
        }
        Ok(Self {
            outage,
            _until_dropped: stop,
        })
    }

    /// Logs an outage of another store than before.
    fn tell(&self, outage: Outage) {
        let is_new = self.outage.borrow().setting != outage.setting;
        if is_new {
            outage.log();
        }
        drop(self.outage.send_replace(outage));
    }
}

async fn with_request_id(
    State(ids): State<Arc<RequestIds>>,
    request: Request,
    next: Next,
) -> Response {
    let id = ids.take_or_make(request.headers());
    let mut response = next.run(request).await;
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

/// Answers every request with 503, except that the process is alive.
fn public() -> Router {
    Router::new().fallback(|uri: Uri| async move {
        match uri.path() {
            "/healthz" => healthz().await.into_response(),
            _ => unavailable().into_response(),
        }
    })
}

/// The same, and `/readyz` says what cannot be reached.
fn operations(outage: watch::Receiver<Outage>) -> Router {
    Router::new().fallback(move |uri: Uri| {
        let Outage { setting, sentence } = outage.borrow().clone();
        async move {
            match uri.path() {
                "/livez" => livez().await.into_response(),
                "/readyz" => not_open_yet(setting, sentence),
                _ => unavailable().into_response(),
            }
        }
    })
}

fn unavailable() -> ApiError {
    ApiError::from(Code::Unavailable).retry_after(RETRY_AFTER)
}

/// The same socket once more: it stays open when one of the two is closed.
fn again(listener: &Listener) -> io::Result<Listener> {
    let socket = rustix::io::dup(&listener.socket)?;
    Ok(Listener {
        socket: TcpListener::from_std(socket.into())?,
        tls: listener.tls.clone(),
    })
}

/// Between two tries. The server serves at most this much later than it could.
const PAUSE: Duration = Duration::from_millis(500);
/// When clients should try again.
const RETRY_AFTER: Duration = Duration::from_secs(2);
