//! Progress of long work, on standard error if that is a terminal.
//!
//! This module must not know the work.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::say;

/// A line that shows how far the work is. Dropping it removes the line.
pub(super) struct Progress(Option<Shown>);

struct Shown {
    line: Arc<Line>,
    /// The thread ends when this is dropped.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread and the work share.
struct Line {
    what: &'static str,
    count: AtomicU64,
    /// Held while something is printed.
    printing: Mutex<()>,
}

impl Progress {
    /// Shows that `what` goes on, for example `making keys`.
    pub(super) fn of(what: &'static str) -> Self {
        Self(stderr().is_terminal().then(|| Shown::begin(what)).flatten())
    }

    /// The same for work that prints its result while it goes on: a terminal shows that instead.
    pub(super) fn beside_output(what: &'static str) -> Self {
        if stdout().is_terminal() {
            return Self(None);
        }
        Self::of(what)
    }

    /// Counts what has been done.
    pub(super) fn count(&self, more: usize) {
        if let Self(Some(shown)) = self {
            let more = u64::try_from(more).unwrap_or(u64::MAX);
            shown.line.count.fetch_add(more, Ordering::Relaxed);
        }
    }

    /// Prints a line to standard output, above the line of the progress.
    pub(super) fn say(&self, text: impl Display) {
        match self {
            Self(Some(shown)) => shown.line.print(|| say(text)),
            Self(None) => say(text),
        }
    }
}

impl Shown {
    /// Without a thread there is no line.
    fn begin(what: &'static str) -> Option<Self> {
        let line = Arc::new(Line {
            what,
            count: AtomicU64::new(0),
            printing: Mutex::new(()),
        });
        let (stop, stopped) = channel();
        let drawn = Arc::clone(&line);
        let thread = Builder::new()
            .spawn(move || drawn.draw_until(&stopped))
            .ok()?;
        Some(Self {
            line,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

impl Line {
    fn draw_until(&self, stopped: &Receiver<()>) {
        let mut tick = 0;
        self.draw(tick);
        while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
            tick += 1;
            self.draw(tick);
        }
        // What was counted since the last pause is seen too, if only for a moment.
        self.draw(tick);
        self.print(|| {});
    }

    fn draw(&self, tick: u64) {
        let count = self.count.load(Ordering::Relaxed);
        let text = text(self.what, count, tick / TICKS_A_SECOND);
        self.print(|| {
            let _gone = write!(stderr(), "{text}");
        });
    }

    /// Removes the line and prints something in its place.
    fn print(&self, print: impl FnOnce()) {
        let _held = self.printing.lock().unwrap_or_else(PoisonError::into_inner);
        let _gone = write!(stderr(), "{REMOVED}");
        print();
    }
}

/// `importing accounts: 1200 (3 s)`; the count only if something is counted.
fn text(what: &str, count: u64, seconds: u64) -> String {
    match count {
        0 => format!("{what} ({seconds} s)"),
        count => format!("{what}: {count} ({seconds} s)"),
    }
}

const PAUSE: Duration = Duration::from_millis(200);
const TICKS_A_SECOND: u64 = 5;
/// The cursor at the beginning of a line without text.
const REMOVED: &str = "\r\x1b[K";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_is_done_how_much_and_for_how_long() {
        assert_eq!(text("making keys", 0, 0), "making keys (0 s)");
        assert_eq!(
            text("importing accounts", 1_200, 3),
            "importing accounts: 1200 (3 s)"
        );
    }
}
