//! A request between its connection and the router: framing, host and the address of the peer.
//!
//! This module must not know routes.

use std::future::ready;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{HeaderValue, StatusCode, Uri, Version};
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use tower::Service as _;

use super::host::is_host;
use super::places::Place;
use crate::extract::Peer;
use crate::middleware::service::ListenerService;

/// What answers requests.
#[derive(Clone)]
pub(super) enum Service {
    /// A server that serves.
    Listener(ListenerService),
    /// One that waits for its stores.
    Waiting(Router),
}

impl From<ListenerService> for Service {
    fn from(service: ListenerService) -> Self {
        Self::Listener(service)
    }
}

impl From<Router> for Service {
    fn from(router: Router) -> Self {
        Self::Waiting(router)
    }
}

/// What a request needs from its connection.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) service: Service,
    pub(super) peer: SocketAddr,
    pub(super) place: Arc<Place>,
}

/// Counts a connection that was closed, or a request that was refused, because of a bound.
pub(super) fn count_refusal() {
    metrics::counter!("signet_connections_refused_total").increment(1);
}

/// A request that is answered. It is on the heap, so that an idle connection has no room for it.
pub(super) type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Answers a request of HTTP/1.
pub(super) fn answer(service: Service, request: Request<Body>, peer: SocketAddr) -> Answering {
    // Without a body, like the library's answer to what it cannot parse; /docs describes both.
    if !names_its_host(&request) || !is_plainly_framed(&request) {
        let refusal = (StatusCode::BAD_REQUEST, [(CONNECTION, "close")]);
        return Box::pin(ready(refusal.into_response()));
    }
    call(service, request, peer)
}

/// Answers a request of HTTP/2, which reaches the router in the form of HTTP/1.1: the authority is
/// its `Host`, the target is a path (RFC 9113 section 8.3.1).
pub(super) fn answer_http2(
    service: Service,
    request: Request<Body>,
    peer: SocketAddr,
) -> Answering {
    match in_origin_form(request) {
        Some(request) => call(service, request, peer),
        None => Box::pin(ready(StatusCode::BAD_REQUEST.into_response())),
    }
}

fn call(service: Service, mut request: Request<Body>, peer: SocketAddr) -> Answering {
    request.extensions_mut().insert(Peer(peer));
    match service {
        Service::Listener(service) => Box::pin(service.answer(request)),
        Service::Waiting(mut router) => Box::pin(async move {
            let Ok(response) = router.call(request).await;
            response
        }),
    }
}

/// RFC 9112 section 3.2: exactly one `Host`, except in HTTP/1.0, and the same as in an absolute
/// target. A proxy in front must not read another one, so its value must be a host.
fn names_its_host(request: &Request<Body>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let target = request.uri().authority().map(Authority::as_str);
    match (hosts.next(), hosts.next(), target) {
        (None, _, None) => request.version() < Version::HTTP_11,
        (Some(host), None, None) => is_host(host.as_bytes()),
        (Some(host), None, Some(target)) => is_host(host.as_bytes()) && is_same_host(host, target),
        _ => false,
    }
}

fn is_same_host(host: &HeaderValue, authority: &str) -> bool {
    host.as_bytes().eq_ignore_ascii_case(authority.as_bytes())
}

/// Servers disagree about codings other than `chunked` alone.
fn is_plainly_framed(request: &Request<Body>) -> bool {
    let mut codings = request.headers().get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    }
}

/// None without exactly one valid host, or without a path, as in `CONNECT`.
fn in_origin_form(mut request: Request<Body>) -> Option<Request<Body>> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (host, further) = (hosts.next(), hosts.next());
    let authority = request.uri().authority().map(Authority::as_str);
    let host = match (host, further, authority) {
        (None, _, Some(authority)) => HeaderValue::from_str(authority).ok()?,
        (Some(host), None, None) => host.clone(),
        (Some(host), None, Some(authority)) if is_same_host(host, authority) => host.clone(),
        _ => return None,
    };
    if !is_host(host.as_bytes()) {
        return None;
    }
    let path: &PathAndQuery = request.uri().path_and_query()?;
    let uri = Uri::from(path.clone());
    *request.uri_mut() = uri;
    request.headers_mut().insert(HOST, host);
    Some(request)
}

/// The longest request line and headers, in bytes; longer ones get a 431 without a body.
pub(super) const MAX_HEADER_BYTES: usize = 32 * 1024;
