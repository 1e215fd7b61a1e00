//! Traces of requests, sent to a collector over OTLP.
//!
//! A request that is sampled has a span, and its calls of the stores and its password jobs have spans
//! below it. Spans wait in a bounded queue, and a task sends them in batches, so no request waits for
//! the collector. A span names no person and no token. This module must not know routes.

mod context;
mod encode;
mod export;
mod ids;
mod layer;
mod queue;

use axum::http::HeaderMap;
use signet_store::TRACE_TARGET;
use tracing::Span;
use tracing::field::Empty;

pub(crate) use export::Exporter;
pub(crate) use layer::SpanLayer;
pub(crate) use queue::span_queue;

use context::Incoming;
use ids::{SpanId, TraceId};

use crate::config::TraceSettings;

/// The place of a request in a trace.
pub(crate) struct RequestTrace {
    /// The trace, for the log; none without traces.
    id: Option<TraceId>,
    /// The span of the request; disabled unless the request is sampled.
    pub(crate) span: Span,
}

impl RequestTrace {
    /// Continues the trace that the request names, or begins one. A gateway decides whether its
    /// requests are sampled; for other callers the setting does.
    pub(crate) fn begin(
        settings: Option<&TraceSettings>,
        headers: &HeaderMap,
        from_gateway: bool,
        (method, route): (&str, &str),
    ) -> Self {
        let incoming = Incoming::read(headers);
        let Some(settings) = settings else {
            return Self {
                id: incoming.map(|incoming| incoming.trace),
                span: Span::none(),
            };
        };
        let is_sampled = match incoming {
            Some(incoming) if from_gateway => incoming.is_sampled,
            _ => ids::draws_one_in(settings.one_in),
        };
        let trace = incoming.map_or_else(TraceId::random, |incoming| incoming.trace);
        let span = if is_sampled {
            let parent = incoming.map(|incoming| incoming.parent.to_string());
            tracing::info_span!(
                target: TRACE_TARGET,
                "request",
                trace.id = %trace,
                trace.span = %SpanId::random(),
                trace.parent = parent,
                http.request.method = method,
                http.route = route,
                http.response.status_code = Empty,
                error.code = Empty,
            )
        } else {
            Span::none()
        };
        Self {
            id: Some(trace),
            span,
        }
    }

    /// The id of the trace, as lines of the log show it.
    pub(crate) fn id(&self) -> Option<String> {
        self.id.map(|id| id.to_string())
    }

    /// Notes how the request was answered.
    pub(crate) fn answered(&self, status: u16, error: Option<&str>) {
        self.span.record("http.response.status_code", status);
        if let Some(error) = error {
            self.span.record("error.code", error);
        }
    }
}
