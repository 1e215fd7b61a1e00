//! HTTP/2 on one connection: requests beside each other, each with its bounds.
//!
//! A connection ends if nothing happens on it: no request begins and no part of a body moves. So a
//! peer that stops reading, or stops in the middle of a header, holds nothing for long.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::header_timer::LargeHeaders;
use super::places::Serving;
use super::requests::{Caller, MAX_HEADER_BYTES, answer_http2, count_refusal};

/// Serves every request until the connection ends, is idle for too long, or the server stops. The
/// server waits for the `watcher` to be dropped.
pub(super) async fn serve<S>(
    stream: S,
    caller: Caller,
    large_headers: LargeHeaders,
    watcher: Watcher,
    mut stopped: watch::Receiver<bool>,
) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Activity::default();
    let of_requests = activity.clone();
    let service = service_fn(move |request| {
        call(
            caller.clone(),
            of_requests.clone(),
            large_headers.clone(),
            request,
        )
    });
    let connection = builder().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let outcome = tokio::select! {
        ended = connection.as_mut() => ended,
        () = activity.ends() => {
            connection.as_mut().graceful_shutdown();
            // An error means that the peer does not close either.
            let closed = tokio::time::timeout(CLOSE_WITHIN, connection).await;
            closed.unwrap_or(Ok(()))
        }
        () = told_to_stop(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    drop(watcher);
    outcome
}

async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the server is gone, which ends everything as well.
    let _gone = stopped.wait_for(|stopped| *stopped).await;
}

async fn call(
    caller: Caller,
    activity: Activity,
    large_headers: LargeHeaders,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    activity.note();
    let Some(serving) = caller.place.serve_beside() else {
        count_refusal();
        return Ok((StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")]).into_response());
    };
    let Some(large_header) = large_headers.admit(header_bytes(request.headers())) else {
        return Ok(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response());
    };
    let incoming = |body| Noted {
        body: Body::new(body),
        activity: activity.clone(),
        _held: None,
    };
    let request = request.map(|body| Body::new(incoming(body)));
    let response = answer_http2(caller.service, request, caller.peer).await;
    activity.note();
    Ok(response.map(|body| {
        Body::new(Noted {
            body,
            activity,
            _held: Some(Held {
                _serving: serving,
                _large_header: large_header,
            }),
        })
    }))
}

fn header_bytes(headers: &HeaderMap) -> usize {
    let fields = headers.iter();
    fields
        .map(|(name, value)| name.as_str().len() + value.len() + FIELD_OVERHEAD_BYTES)
        .sum()
}

fn builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_FAULTS)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PONG_WITHIN);
    builder
}

/// What happens on a connection.
#[derive(Clone, Debug, Default)]
struct Activity(Arc<watch::Sender<u64>>);

impl Activity {
    fn note(&self) {
        self.0
            .send_modify(|events| *events = events.wrapping_add(1));
    }

    /// Ready when nothing has happened for too long. The first request must come soon.
    async fn ends(&self) {
        let mut events = self.0.subscribe();
        let mut patience = FIRST_REQUEST_WITHIN;
        while tokio::time::timeout(patience, events.changed())
            .await
            .is_ok()
        {
            patience = IDLE_FOR;
        }
    }
}

/// What a request holds until its answer is sent.
struct Held {
    _serving: Serving,
    _large_header: Option<OwnedSemaphorePermit>,
}

/// A body whose parts are noted when they move.
struct Noted {
    body: Body,
    activity: Activity,
    _held: Option<Held>,
}

impl HttpBody for Noted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.activity.note();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How many requests of a connection run beside each other. Browsers and gateways open more
/// connections if they need more.
const MAX_STREAMS: u32 = 64;
/// How many requests a peer may take back before they have begun; RFC 9113 section 10.5. Beyond it
/// the connection ends.
const MAX_RESETS: usize = 20;
/// How many faulty requests a connection may send before it ends.
const MAX_FAULTS: usize = 100;
/// How many bytes of bodies may wait on a connection, in bytes. It bounds memory, and bodies are
/// small.
const WINDOW_BYTES: u32 = 64 * 1024;
/// How much of an answer may wait for a peer that does not read, in bytes.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// How often a quiet peer is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A peer that stopped within a header cannot answer.
const PONG_WITHIN: Duration = Duration::from_secs(10);
/// As for the first byte of HTTP/1.
const FIRST_REQUEST_WITHIN: Duration = Duration::from_secs(10);
/// As long as HTTP/1 keeps an idle connection: longer than gateways do (60 s).
const IDLE_FOR: Duration = Duration::from_secs(80);
/// How long a peer may take to close once it was told that the connection ends.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);
/// RFC 9113 section 6.5.2 counts so much for each field of a header.
const FIELD_OVERHEAD_BYTES: usize = 32;
