//! The record of every request: one line in the log, two metrics, and its id.
//!
//! It names the route that matched, never the path or the query that was sent, and no header but
//! the request id.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use signet_store::StoreError;
use tracing::Instrument as _;

use super::request_id::{X_REQUEST_ID, take_or_make};
use crate::app::App;
use crate::error::{Chain, Code, Failure};
use crate::extract::Peer;
use crate::refusals::RefusedRequest;
use crate::traces::RequestTrace;

/// Gives the request an id, runs it and records the answer.
pub(crate) async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = take_or_make(request.headers());
    let began = app.flows.clock.monotonic();
    let matched = request.extensions().get::<MatchedPath>();
    let line = Line {
        method: method_name(request.method()),
        route: matched.map_or_else(|| UNMATCHED.into(), |path| path.as_str().into()),
    };
    let trace = RequestTrace::begin(
        app.settings.traces.as_ref(),
        request.headers(),
        is_from_gateway(&app, &request),
        (line.method, &line.route),
    );
    // Below the span of the trace, so that a task of the request which gets this span has both.
    let span = trace.span.in_scope(|| {
        let request_id = id.to_str().unwrap_or_default();
        tracing::info_span!("request", request.id = request_id, trace.id = trace.id())
    });
    // Two values of the header would be two ids for one request.
    request.headers_mut().insert(X_REQUEST_ID, id.clone());
    let answered = next.run(request).instrument(span.clone());
    let mut response = answered.instrument(trace.span.clone()).await;
    let now = app.flows.clock.monotonic();
    let took = now.saturating_sub(began);
    line.measure(&response, took);
    let failure = response.extensions().get::<Failure>();
    trace.answered(
        response.status().as_u16(),
        failure.map(|failure| failure.name),
    );
    if let Some(requests) = line.counted(&app, &response, &id, now) {
        span.in_scope(|| line.write(&response, took, requests));
    }
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, id);
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    response
}

/// Whether a trusted proxy has sent the request.
fn is_from_gateway(app: &App, request: &Request) -> bool {
    let peer = request.extensions().get::<Peer>();
    peer.is_some_and(|Peer(peer)| {
        let mut gateways = app.settings.trusted_proxies.iter();
        gateways.any(|gateway| gateway.contains(&peer.ip()))
    })
}

/// What is known before the request runs.
struct Line {
    method: &'static str,
    route: Box<str>,
}

impl Line {
    /// Returns how many requests the line of this one counts; `None` if it has no line of its own. A
    /// bug always has one.
    fn counted(
        &self,
        app: &App,
        response: &Response,
        id: &HeaderValue,
        now: Duration,
    ) -> Option<u64> {
        let Some(failure) = response.extensions().get::<Failure>() else {
            let status = response.status();
            if status.is_client_error() || status.is_server_error() {
                return Some(1);
            }
            return app.samples.counted_by((self.method, &self.route), now);
        };
        let is_urgent = match weight(Some(failure), &self.route) {
            Weight::Broken => return Some(1),
            Weight::Degraded => true,
            Weight::Usual | Weight::Routine => false,
        };
        let refusal = RefusedRequest {
            code: failure.name,
            route: &self.route,
            status: response.status().as_u16(),
            request_id: id.to_str().unwrap_or_default(),
            cause: failure.cause.as_deref(),
            is_urgent,
        };
        app.refusals.has_own_line(&refusal, now).then_some(1)
    }

    fn write(&self, response: &Response, took: Duration, requests: u64) {
        let status = response.status().as_u16();
        let failure = response.extensions().get::<Failure>();
        let code = failure.map(|failure| failure.name);
        let cause = failure.and_then(|failure| failure.cause.as_deref());
        let cause = cause.map(|cause| tracing::field::display(Chain(cause)));
        let latency_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    http.method = self.method,
                    http.route = &*self.route,
                    http.status = status,
                    latency_us,
                    error.code = code,
                    error.cause = cause,
                    http.requests = (requests > 1).then_some(requests),
                    "request"
                )
            };
        }
        match weight(failure, &self.route) {
            Weight::Broken => line!(error),
            Weight::Degraded => line!(warn),
            Weight::Usual => line!(info),
            Weight::Routine => line!(debug),
        }
    }

    fn measure(&self, response: &Response, took: Duration) {
        let status = response.status();
        let route = self.route.to_string();
        if let Some(failure) = response.extensions().get::<Failure>() {
            count_failure(status, route.clone(), failure.name);
        }
        metrics::counter!(
            "signet_http_requests_total",
            "method" => self.method, "route" => route.clone(), "status" => status.as_u16().to_string()
        )
        .increment(1);
        metrics::histogram!(
            "signet_http_request_duration_seconds", "method" => self.method, "route" => route
        )
        .record(took.as_secs_f64());
    }
}

/// Keeps what clients did wrong apart from what the server did wrong.
fn count_failure(status: StatusCode, route: String, code: &'static str) {
    let counter = if status.is_server_error() {
        metrics::counter!("signet_http_failures_total", "route" => route, "code" => code)
    } else {
        metrics::counter!("signet_http_refusals_total", "route" => route, "code" => code)
    };
    counter.increment(1);
}

/// How urgently an operator should look.
enum Weight {
    /// A bug of Signet or damaged data.
    Broken,
    /// A dependency of the server does not answer or is too slow.
    Degraded,
    /// A request.
    Usual,
    /// A routine request that comes every few seconds.
    Routine,
}

fn weight(failure: Option<&Failure>, route: &str) -> Weight {
    let cause = failure.and_then(|failure| failure.cause.as_deref());
    let store = cause.and_then(|cause| cause.downcast_ref::<StoreError>());
    match (failure.map(|failure| failure.code), store) {
        (Some(Code::InternalError), _) | (_, Some(StoreError::Corrupt { .. })) => Weight::Broken,
        (Some(Code::Unavailable | Code::Overloaded), _) => Weight::Degraded,
        (None, _) if ROUTINE.iter().any(|prefix| route.starts_with(prefix)) => Weight::Routine,
        _ => Weight::Usual,
    }
}

/// Clients may send any method, and the number of metrics must not depend on clients.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The route of a request that no route matched.
const UNMATCHED: &str = "unmatched";
/// Probes, scrapes, public documents, and requests that gateways let through.
const ROUTINE: [&str; 10] = [
    "/healthz",
    "/livez",
    "/readyz",
    "/metrics",
    "/.well-known/",
    "/forward-auth/",
    "/openapi.json",
    "/docs",
    "/client.js",
    "/redirect.js",
];
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
