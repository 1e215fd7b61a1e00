//! What calls of a backend cost: their time, their waits and their failures, for metrics and traces.
//!
//! A handle is made once, when the backend is opened, so that a call needs no look-up. This module
//! must not know any driver.

use std::time::Duration;

use metrics::Histogram;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use crate::error::StoreError;

/// The target of the spans that traces consist of. The log has no lines about them.
pub const TRACE_TARGET: &str = "signet::trace";

/// The time that calls of one kind take, from the caller's point of view.
#[derive(Clone)]
pub(crate) struct CallTimes {
    times: Histogram,
    backend: &'static str,
    kind: &'static str,
}

impl CallTimes {
    /// The calls of this kind to this backend.
    pub(crate) fn of(backend: &'static str, kind: &'static str) -> Self {
        let times = metrics::histogram!(
            "signet_store_call_duration_seconds", "backend" => backend, "kind" => kind
        );
        Self {
            times,
            backend,
            kind,
        }
    }

    /// Makes a call and records its time, also if it fails.
    pub(crate) async fn record<T>(&self, call: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let answer = call.instrument(self.span()).await;
        self.times.record(began.elapsed());
        answer
    }

    /// The same for a call on this thread.
    pub(crate) fn record_here<T>(&self, call: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let answer = self.span().in_scope(call);
        self.times.record(began.elapsed());
        answer
    }

    /// The span of a call; disabled without traces.
    fn span(&self) -> Span {
        tracing::info_span!(
            target: TRACE_TARGET,
            "store call",
            db.system.name = self.backend,
            db.operation.name = self.kind
        )
    }
}

/// The time that calls wait until a connection or a thread begins to work on them.
#[derive(Clone)]
pub(crate) struct WaitTimes(Histogram);

impl WaitTimes {
    /// The waits for this backend.
    pub(crate) fn of(backend: &'static str) -> Self {
        let waits = metrics::histogram!("signet_store_wait_seconds", "backend" => backend);
        Self(waits)
    }

    /// Records a wait.
    pub(crate) fn record(&self, waited: Duration) {
        self.0.record(waited);
    }
}

/// Counts an operation that has failed.
pub(crate) fn count_failure(error: &StoreError) {
    let (store, reason) = match error {
        StoreError::Unavailable { store, .. } => (*store, "unavailable"),
        StoreError::Corrupt { store, .. } => (*store, "corrupt"),
    };
    metrics::counter!("signet_store_errors_total", "store" => store, "reason" => reason)
        .increment(1);
}
