//! The queue between requests that end spans and the task that sends them.

use std::sync::Arc;
use std::time::Duration;

use signet_verifier::Clock;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::ids::{SpanId, TraceId};

/// A span that has ended.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct EndedSpan {
    pub(super) trace: TraceId,
    pub(super) id: SpanId,
    pub(super) parent: Option<SpanId>,
    pub(super) name: &'static str,
    /// Whether a caller of Signet waits for it.
    pub(super) is_request: bool,
    /// Nanoseconds since 1970.
    pub(super) began: u64,
    pub(super) ended: u64,
    pub(super) attributes: Vec<Attribute>,
}

/// The name and the value of an attribute.
pub(super) type Attribute = (&'static str, Value);

/// The value of an attribute.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Value {
    Text(String),
    Number(i64),
}

/// The end of the queue where spans enter. It never waits.
#[derive(Clone)]
pub(crate) struct SpanSender {
    spans: Sender<EndedSpan>,
    clock: Arc<dyn Clock>,
    /// A time of day, and the monotonic time at that moment.
    origin: (Duration, Duration),
}

/// The end of the queue where the exporter takes spans.
pub(crate) struct SpanReceiver(pub(super) Receiver<EndedSpan>);

/// Makes a queue for spans in the time of `clock`.
pub(crate) fn span_queue(clock: &Arc<dyn Clock>) -> (SpanSender, SpanReceiver) {
    let (spans, receiver) = channel(MAX_QUEUED_SPANS);
    let sender = SpanSender {
        spans,
        origin: (
            Duration::from_millis(clock.now().as_millis()),
            clock.monotonic(),
        ),
        clock: Arc::clone(clock),
    };
    (sender, SpanReceiver(receiver))
}

impl SpanSender {
    /// The time, in nanoseconds since 1970, finer than the clock of the day shows it.
    pub(super) fn now(&self) -> u64 {
        let (day, monotonic) = self.origin;
        let passed = self.clock.monotonic().saturating_sub(monotonic);
        u64::try_from(day.saturating_add(passed).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Queues a span, or drops and counts it if the queue is full.
    pub(super) fn send(&self, span: EndedSpan) {
        if self.spans.try_send(span).is_err() {
            count_dropped("queue_full", 1);
        }
    }
}

/// Counts spans that never reach the collector.
pub(super) fn count_dropped(reason: &'static str, spans: u64) {
    metrics::counter!("signet_trace_spans_dropped_total", "reason" => reason).increment(spans);
}

/// About 2 MB. At 5,000 spans a second it bridges a collector that is late by almost two seconds.
const MAX_QUEUED_SPANS: usize = 8_192;
