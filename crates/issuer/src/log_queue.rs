//! A bounded queue between threads that log and a writer that may block.
//!
//! A thread that logs never waits. If the reader of the log has stopped and the queue is full, lines
//! are dropped and counted in a metric; when the log is read again, it reports their number. After
//! each write the writer pauses, so that a busy server wakes it once for many lines. This module
//! must not know what the lines say.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Accepts lines and never blocks. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct LogQueue(Arc<Queue>);

impl LogQueue {
    /// Starts a thread that writes the lines of the queue to `output`.
    ///
    /// # Errors
    ///
    /// Fails if the system cannot start a thread.
    pub(crate) fn writing_to(output: impl Write + Send + 'static) -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let lines = Arc::clone(&queue);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_all(&lines, output))?;
        Ok(Self(queue))
    }

    /// Waits until every line is written, at most `patience`: a reader that has stopped must not
    /// keep the process from ending.
    pub(crate) fn drain(&self, patience: Duration) {
        let mut state = self.0.lock();
        state.is_draining = true;
        self.0.wake.notify_one();
        let is_busy = |state: &mut State| state.writer != Writer::Waiting;
        let _waited = self.0.drained.wait_timeout_while(state, patience, is_busy);
    }
}

/// Receives whole lines: the subscriber formats an event and then writes it in one call.
impl Write for LogQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if !self.0.push(line) {
            metrics::counter!("signet_log_lines_dropped_total").increment(1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'writer> MakeWriter<'writer> for LogQueue {
    type Writer = Self;

    fn make_writer(&'writer self) -> Self {
        self.clone()
    }
}

#[derive(Default, Debug)]
struct Queue {
    state: Mutex<State>,
    /// Wakes the writer.
    wake: Condvar,
    drained: Condvar,
}

#[derive(Default, Debug)]
struct State {
    /// Whole lines.
    text: Vec<u8>,
    /// How many lines were dropped since the last report.
    dropped: u64,
    writer: Writer,
    /// Whether a caller waits for the last lines, so that the writer must not pause.
    is_draining: bool,
}

/// What the thread that writes is doing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Writer {
    /// It writes or pauses; it will look at the queue again without being woken.
    #[default]
    Busy,
    /// The queue is empty, and the thread waits to be woken.
    Waiting,
}

impl Queue {
    /// Each change under the lock is complete, so the queue is whole even after a panic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line; `false` if the queue is full.
    fn push(&self, line: &[u8]) -> bool {
        let mut state = self.lock();
        let fits = state.text.len().saturating_add(line.len()) <= MAX_QUEUED_BYTES;
        if fits {
            state.text.extend_from_slice(line);
            self.wake_if_waiting(&mut state);
        } else {
            state.dropped = state.dropped.saturating_add(1);
        }
        fits
    }

    /// Wakes the writer once: it takes all lines that arrive until it looks.
    fn wake_if_waiting(&self, state: &mut State) {
        if state.writer == Writer::Waiting {
            state.writer = Writer::Busy;
            self.wake.notify_one();
        }
    }

    /// Pauses, waits for lines and takes all of them; `written` is their buffer from now on.
    fn take(&self, mut written: Vec<u8>) -> Batch {
        written.clear();
        written.shrink_to(KEPT_BYTES);
        let is_calm = |state: &mut State| !state.is_draining;
        let paused = self.wake.wait_timeout_while(self.lock(), PAUSE, is_calm);
        let mut state = paused.unwrap_or_else(PoisonError::into_inner).0;
        if state.text.is_empty() {
            state.writer = Writer::Waiting;
            self.drained.notify_all();
            let is_waiting = |state: &mut State| state.writer == Writer::Waiting;
            let woken = self.wake.wait_while(state, is_waiting);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        Batch {
            text: mem::replace(&mut state.text, written),
            dropped: mem::take(&mut state.dropped),
        }
    }
}

/// Lines that are written before the next look at the queue.
#[derive(Default)]
struct Batch {
    text: Vec<u8>,
    /// How many lines were dropped after these.
    dropped: u64,
}

/// Writes lines for ever. If the log cannot be written, there is no place to report it.
fn write_all(queue: &Queue, mut output: impl Write) {
    let mut batch = Batch::default();
    loop {
        batch = queue.take(batch.text);
        let _lost = output.write_all(&batch.text);
        let _lost = output.flush();
        if batch.dropped > 0 {
            // The batch is written, so the queue has room for this line; it has the format of the others.
            tracing::warn!(
                log.dropped_lines = batch.dropped,
                "log lines were dropped because the log was not read"
            );
        }
    }
}

/// How long the writer leaves lines in the queue after a write. Waking it costs more than writing a
/// line, and a reader of the log does not notice the delay.
const PAUSE: Duration = Duration::from_millis(5);

/// How much memory an empty buffer keeps.
const KEPT_BYTES: usize = 64 * 1024;

/// About 10,000 lines: some seconds of a busy server.
const MAX_QUEUED_BYTES: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use tracing::Dispatch;

    use super::*;
    use crate::config::{Sources, load};
    use crate::logging;

    #[test]
    fn a_full_pipe_that_nobody_reads_blocks_nobody() {
        let (reader, writer) = io::pipe().unwrap();
        let queue = LogQueue::writing_to(writer).unwrap();
        let settings = load(&Sources::default()).unwrap().settings;
        let subscriber = logging::subscriber(&settings.log, queue.clone(), false);
        let dispatch = Dispatch::new(subscriber);
        let text = "x".repeat(1_000);
        tracing::dispatcher::with_default(&dispatch, || {
            for _ in 0..10_000 {
                tracing::info!(text);
            }
        });
        let dropped = queue.0.lock().dropped;
        assert!((1..10_000).contains(&dropped), "{dropped}");
        // Nothing more fits, and still no thread waits for long.
        queue.drain(Duration::ZERO);
        let lines = BufReader::new(reader).lines();
        let written = lines.take(10_000 - usize::try_from(dropped).unwrap());
        assert!(written.map(Result::unwrap).all(|line| line.contains("xxx")));
    }

    #[test]
    fn many_lines_wake_the_writer_once() {
        let queue = Queue::default();
        queue.lock().writer = Writer::Waiting;
        assert!(queue.push(b"one\n"));
        assert_eq!(queue.lock().writer, Writer::Busy);
        assert!(queue.push(b"two\n"));
        let batch = queue.take(Vec::new());
        assert_eq!(batch.text, b"one\ntwo\n");
        assert_eq!(queue.lock().text, b"");
    }

    #[test]
    fn what_was_logged_is_written_before_the_end() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut queue = LogQueue::writing_to(writer).unwrap();
        queue.write_all(b"one\n").unwrap();
        queue.write_all(b"two\n").unwrap();
        queue.drain(Duration::from_secs(10));
        let mut written = [0; 8];
        io::Read::read_exact(&mut reader, &mut written).unwrap();
        assert_eq!(&written, b"one\ntwo\n");
    }
}
