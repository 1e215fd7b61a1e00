//! HTTP/1 on one connection: one request at a time.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};

use super::header_timer::{CountedStream, HeaderTimer, LargeHeaders, ROUND, Reads};
use super::requests::{Caller, MAX_HEADER_BYTES, answer};

/// Serves every request until the connection ends, or until the server stops.
pub(super) async fn serve<S>(
    stream: S,
    caller: Caller,
    large_headers: LargeHeaders,
    watcher: Watcher,
) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (stream, reads) = CountedStream::new(stream, large_headers);
    let of_requests = Arc::clone(&reads);
    let service =
        service_fn(move |request| call(caller.clone(), Arc::clone(&of_requests), request));
    let connection = builder(reads).serve_connection(TokioIo::new(stream), service);
    watcher.watch(connection).await
}

async fn call(
    caller: Caller,
    reads: Arc<Reads>,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let _serving = caller.place.serve();
    reads.set_serving(true);
    let response = answer(caller.service, request.map(Body::new), caller.peer).await;
    reads.set_serving(false);
    Ok(response)
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
