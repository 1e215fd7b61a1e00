//! A bounded queue between threads that log and a writer that may block.
//!
//! A thread that logs never waits. If the reader of the log has stopped and the queue is full, lines
//! are dropped and counted in a metric; when the log is read again, it reports their number. This
//! module must not know what the lines say.

use std::collections::VecDeque;
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
        let state = self.0.lock();
        let is_busy = |state: &mut State| state.is_writing || !state.lines.is_empty();
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
    filled: Condvar,
    drained: Condvar,
}

#[derive(Default, Debug)]
struct State {
    lines: VecDeque<Box<[u8]>>,
    bytes: usize,
    /// How many lines were dropped since the last report.
    dropped: u64,
    is_writing: bool,
}

impl Queue {
    /// Each change under the lock is complete, so the queue is whole even after a panic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line; `false` if the queue is full.
    fn push(&self, line: &[u8]) -> bool {
        let mut state = self.lock();
        let bytes = state.bytes.saturating_add(line.len());
        let fits = bytes <= MAX_QUEUED_BYTES;
        if fits {
            state.bytes = bytes;
            state.lines.push_back(line.into());
            self.filled.notify_one();
        } else {
            state.dropped = state.dropped.saturating_add(1);
        }
        fits
    }

    /// Waits for lines and takes all of them.
    fn take(&self) -> Batch {
        let mut state = self.lock();
        state.is_writing = false;
        if state.lines.is_empty() {
            self.drained.notify_all();
        }
        let is_idle = |state: &mut State| state.lines.is_empty();
        let waited = self.filled.wait_while(state, is_idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_writing = true;
        state.bytes = 0;
        Batch {
            lines: mem::take(&mut state.lines),
            dropped: mem::take(&mut state.dropped),
        }
    }
}

/// Lines that are written before the next look at the queue.
struct Batch {
    lines: VecDeque<Box<[u8]>>,
    /// How many lines were dropped after these.
    dropped: u64,
}

/// Writes lines for ever. If the log cannot be written, there is no place to report it.
fn write_all(queue: &Queue, mut output: impl Write) {
    loop {
        let Batch { lines, dropped } = queue.take();
        for line in lines {
            let _lost = output.write_all(&line);
        }
        let _lost = output.flush();
        if dropped > 0 {
            // The batch is written, so the queue has room for this line; it has the format of the others.
            tracing::warn!(
                log.dropped_lines = dropped,
                "log lines were dropped because the log was not read"
            );
        }
    }
}

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
