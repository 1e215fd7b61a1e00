//! The record of every request: one line in the log, two metrics, and its id.
//!
//! It names the route that matched, never the path or the query that was sent, and no header but
//! the request id.

use std::time::Duration;

use axum::extract::Request;
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use signet_store::StoreError;
use tracing::{Instrument as _, Span};

use super::endpoints::Endpoint;
use super::meters::MethodName;
use super::request_id::{RequestIds, X_REQUEST_ID};
use crate::app::App;
use crate::error::{Chain, Code, Failure};
use crate::extract::Peer;
use crate::refusals::RefusedRequest;
use crate::traces::RequestTrace;

/// A request that runs.
pub(crate) struct Observed<'a> {
    app: &'a App,
    endpoint: &'a Endpoint,
    method: MethodName,
    id: HeaderValue,
    began: Duration,
    trace: RequestTrace,
    span: Span,
}

impl<'a> Observed<'a> {
    /// Gives the request an id and begins its record.
    pub(crate) fn begin(
        app: &'a App,
        endpoint: &'a Endpoint,
        ids: &RequestIds,
        request: &mut Request,
    ) -> Self {
        let id = ids.take_or_make(request.headers());
        let method = MethodName::of(request.method());
        let trace = RequestTrace::begin(
            app.settings.traces.as_ref(),
            request.headers(),
            is_from_gateway(app, request),
            (method.as_str(), &endpoint.route),
        );
        // Below the span of the trace, so that a task of the request which gets this span has both.
        let span = trace.span.in_scope(|| {
            let request_id = id.to_str().unwrap_or_default();
            tracing::info_span!("request", request.id = request_id, trace.id = trace.id())
        });
        // Two values of the header would be two ids for one request.
        request.headers_mut().insert(X_REQUEST_ID, id.clone());
        Self {
            app,
            endpoint,
            method,
            id,
            began: app.flows.clock.monotonic(),
            trace,
            span,
        }
    }

    /// Runs the request and records the answer.
    pub(crate) async fn run(self, answer: impl Future<Output = Response>) -> Response {
        let answer = answer.instrument(self.span.clone());
        let mut response = answer.instrument(self.trace.span.clone()).await;
        self.record(&response);
        let headers = response.headers_mut();
        headers.insert(X_REQUEST_ID, self.id);
        headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        response
    }

    fn record(&self, response: &Response) {
        let now = self.app.flows.clock.monotonic();
        let took = now.saturating_sub(self.began);
        self.measure(response, took);
        let failure = response.extensions().get::<Failure>();
        self.trace.answered(
            response.status().as_u16(),
            failure.map(|failure| failure.name),
        );
        if let Some(requests) = self.counted(response, now) {
            self.span.in_scope(|| self.write(response, took, requests));
        }
    }

    /// Returns how many requests the line of this one counts; `None` if it has no line of its own. A
    /// bug always has one.
    fn counted(&self, response: &Response, now: Duration) -> Option<u64> {
        let Some(failure) = response.extensions().get::<Failure>() else {
            let status = response.status();
            if status.is_client_error() || status.is_server_error() {
                return Some(1);
            }
            let answered = (self.method.as_str(), &*self.endpoint.route);
            return self.app.samples.counted_by(answered, now);
        };
        let is_urgent = match self.weight(Some(failure)) {
            Weight::Broken => return Some(1),
            Weight::Degraded => true,
            Weight::Usual | Weight::Routine => false,
        };
        let refusal = RefusedRequest {
            code: failure.name,
            route: &self.endpoint.route,
            status: response.status().as_u16(),
            request_id: self.id.to_str().unwrap_or_default(),
            cause: failure.cause.as_deref(),
            is_urgent,
        };
        self.app.refusals.has_own_line(&refusal, now).then_some(1)
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
                    http.method = self.method.as_str(),
                    http.route = &*self.endpoint.route,
                    http.status = status,
                    latency_us,
                    error.code = code,
                    error.cause = cause,
                    http.requests = (requests > 1).then_some(requests),
                    "request"
                )
            };
        }
        match self.weight(failure) {
            Weight::Broken => line!(error),
            Weight::Degraded => line!(warn),
            Weight::Usual => line!(info),
            Weight::Routine => line!(debug),
        }
    }

    fn measure(&self, response: &Response, took: Duration) {
        let (status, route) = (response.status(), &*self.endpoint.route);
        if let Some(failure) = response.extensions().get::<Failure>() {
            count_failure(status, route.to_owned(), failure.name);
        }
        let answered = (self.method, status);
        self.endpoint.meters.count(route, answered, took);
    }

    fn weight(&self, failure: Option<&Failure>) -> Weight {
        let cause = failure.and_then(|failure| failure.cause.as_deref());
        let store = cause.and_then(|cause| cause.downcast_ref::<StoreError>());
        match (failure.map(|failure| failure.code), store) {
            (Some(Code::InternalError), _) | (_, Some(StoreError::Corrupt { .. })) => {
                Weight::Broken
            }
            (Some(Code::Unavailable | Code::Overloaded), _) => Weight::Degraded,
            (None, _) if self.endpoint.is_routine => Weight::Routine,
            _ => Weight::Usual,
        }
    }
}

/// Whether a trusted proxy has sent the request.
fn is_from_gateway(app: &App, request: &Request) -> bool {
    let peer = request.extensions().get::<Peer>();
    peer.is_some_and(|Peer(peer)| {
        let mut gateways = app.settings.trusted_proxies.iter();
        gateways.any(|gateway| gateway.contains(&peer.ip()))
    })
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

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
