//! The audit trail of events: a piece of work gathers its events, and ends when they are durable.
//!
//! Without a sink nothing is gathered. This module must not know which events there are, nor what
//! gathers them: requests, commands and background work do.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures::future::join_all;
use signet_core::audit::{AuditEvent, AuditTime};
use signet_store::AuditSink;
use signet_verifier::Clock;
use tokio::sync::{mpsc, oneshot};

/// The audit trail. Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    queue: Option<mpsc::Sender<Batch>>,
    clock: Arc<dyn Clock>,
}

/// Events could not be made durable. What they tell of has happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the audit trail cannot be written")]
pub struct AuditUnavailable;

/// The events of a piece of work, and who waits for them.
struct Batch {
    events: Vec<AuditEvent>,
    done: oneshot::Sender<Result<(), AuditUnavailable>>,
}

/// What a piece of work has gathered.
struct Gatherer {
    clock: Arc<dyn Clock>,
    events: RefCell<Vec<AuditEvent>>,
}

tokio::task_local! {
    static GATHERER: Gatherer;
}

impl Audit {
    /// Starts the trail. It keeps nothing without a sink; with several, each has every event.
    pub fn start(sinks: Vec<Arc<dyn AuditSink>>, clock: Arc<dyn Clock>) -> Self {
        let queue = (!sinks.is_empty()).then(|| {
            let (queue, batches) = mpsc::channel(QUEUED);
            tokio::spawn(append_all(sinks, batches));
            queue
        });
        Self { queue, clock }
    }

    /// Whether events are kept.
    pub fn is_on(&self) -> bool {
        self.queue.is_some()
    }

    /// Does `work`, and returns its result when every event that it has emitted is durable.
    ///
    /// # Errors
    ///
    /// [`AuditUnavailable`]; the work is done then.
    pub async fn recording<T>(&self, work: impl Future<Output = T>) -> Result<T, AuditUnavailable> {
        let Some(queue) = &self.queue else {
            return Ok(work.await);
        };
        let gatherer = Gatherer {
            clock: Arc::clone(&self.clock),
            events: RefCell::default(),
        };
        let gathering = async {
            let result = work.await;
            (result, GATHERER.with(|gatherer| gatherer.events.take()))
        };
        let (result, events) = GATHERER.scope(gatherer, gathering).await;
        if !events.is_empty() {
            append(queue, events).await?;
        }
        Ok(result)
    }
}

/// Gathers an event for the piece of work that runs.
pub(crate) fn note(recorded: impl FnOnce(AuditTime) -> AuditEvent) {
    // Without a gatherer the trail is off.
    let _off = GATHERER.try_with(|gatherer| {
        let time = AuditTime(gatherer.clock.now());
        gatherer.events.borrow_mut().push(recorded(time));
    });
}

async fn append(
    queue: &mpsc::Sender<Batch>,
    events: Vec<AuditEvent>,
) -> Result<(), AuditUnavailable> {
    let (done, answer) = oneshot::channel();
    let batch = Batch { events, done };
    queue.send(batch).await.map_err(|_| AuditUnavailable)?;
    answer.await.map_err(|_| AuditUnavailable)?
}

/// Appends what waits together, so that many pieces of work share one wait for the disk.
async fn append_all(sinks: Vec<Arc<dyn AuditSink>>, mut batches: mpsc::Receiver<Batch>) {
    let mut waiting = Vec::new();
    while batches.recv_many(&mut waiting, QUEUED).await > 0 {
        let (mut events, mut callers) = (Vec::new(), Vec::new());
        for batch in waiting.drain(..) {
            events.extend(batch.events);
            callers.push(batch.done);
        }
        let appended = append_to_each(&sinks, &events).await;
        for done in callers {
            // A caller that has given up does not listen any more, and need not.
            let _unheard = done.send(appended);
        }
    }
}

/// A failure of one sink does not keep the events from the others.
async fn append_to_each(
    sinks: &[Arc<dyn AuditSink>],
    events: &[AuditEvent],
) -> Result<(), AuditUnavailable> {
    let mut outcome = Ok(());
    for appended in join_all(sinks.iter().map(|sink| sink.append(events))).await {
        if let Err(error) = appended {
            tracing::error!(%error, cause = ?error, "the audit trail cannot be written");
            outcome = Err(AuditUnavailable);
        }
    }
    outcome
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("is_on", &self.is_on())
            .finish()
    }
}

/// How many pieces of work wait in the queue and are appended together.
const QUEUED: usize = 1_024;
