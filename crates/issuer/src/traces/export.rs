//! The task that sends spans to the collector.

use std::io;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::encode::request;
use super::queue::{EndedSpan, SpanReceiver, count_dropped};
use crate::config::TraceSettings;
use crate::outgoing::{Outgoing, Post};

/// Sends spans in batches.
pub(crate) struct Exporter {
    spans: SpanReceiver,
    endpoint: String,
    outgoing: Outgoing,
    has_failed: bool,
}

impl Exporter {
    /// Sends the spans of a queue as the settings say.
    ///
    /// # Errors
    ///
    /// Fails if the certificates cannot be read.
    pub(crate) fn new(settings: &TraceSettings, spans: SpanReceiver) -> io::Result<Self> {
        let outgoing = match &settings.ca_file {
            None => Outgoing::trusting_public(),
            Some(file) => Outgoing::trusting(file)?,
        };
        Ok(Self {
            spans,
            endpoint: settings.traces_url(),
            outgoing,
            has_failed: false,
        })
    }

    /// Sends until `stopped`, and then once what is left.
    pub(crate) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut batch = Vec::with_capacity(BATCH_SPANS);
        while !*stopped.borrow() {
            let gathered = self.gather(&mut batch);
            tokio::select! {
                () = gathered => {}
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
            while let Some(span) = self.next_queued(&batch) {
                batch.push(span);
            }
            if !batch.is_empty() {
                self.export(&batch).await;
            }
            batch.clear();
        }
    }

    /// Waits for a span, and then a while for more. What is gathered stays if it is dropped.
    async fn gather(&mut self, batch: &mut Vec<EndedSpan>) {
        if self.spans.0.recv_many(batch, BATCH_SPANS).await == 0 {
            // No span can come any more.
            return std::future::pending().await;
        }
        let more = async {
            while batch.len() < BATCH_SPANS {
                let room = BATCH_SPANS.saturating_sub(batch.len());
                self.spans.0.recv_many(batch, room).await;
            }
        };
        let _full_or_over = timeout(BATCH_TIME, more).await;
    }

    fn next_queued(&mut self, batch: &[EndedSpan]) -> Option<EndedSpan> {
        let has_room = batch.len() < BATCH_SPANS;
        has_room.then(|| self.spans.0.try_recv().ok()).flatten()
    }

    /// Sends a batch. A failure is logged once until it works again, and the batch is dropped: a
    /// collector that is late must not cost memory.
    async fn export(&mut self, batch: &[EndedSpan]) {
        let post = Post {
            url: &self.endpoint,
            content_type: "application/x-protobuf",
            body: request(batch),
        };
        let sent = timeout(EXPORT_TIMEOUT, self.outgoing.post(post)).await;
        let problem = match sent {
            Ok(Ok(status)) if status.is_success() => None,
            Ok(Ok(status)) => Some(format!("it answers {}", status.as_u16())),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it does not answer in time".to_owned()),
        };
        let spans = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        if problem.is_some() {
            count_dropped("collector", spans);
        } else {
            metrics::counter!("signet_trace_spans_exported_total").increment(spans);
        }
        match &problem {
            Some(problem) if !self.has_failed => tracing::warn!(
                otlp.endpoint = self.endpoint,
                problem,
                "traces cannot be sent to the collector and are dropped until it works again"
            ),
            None if self.has_failed => tracing::info!("traces are sent to the collector again"),
            _ => {}
        }
        self.has_failed = problem.is_some();
    }
}

/// About 100 KB.
const BATCH_SPANS: usize = 512;
/// How long a span waits for others.
const BATCH_TIME: Duration = Duration::from_secs(1);
/// A collector that needs longer is down.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
