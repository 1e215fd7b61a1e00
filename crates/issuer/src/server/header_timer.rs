//! Slow headers are cut off, quiet connections are not.
//!
//! The HTTP library has one time-out for both: it begins when it waits for the next request.
//! Gateways keep connections for a minute without a word, and a request sent into one that is
//! just being closed is lost; a client that sends its headers byte by byte deserves no minute. So
//! the timer looks whether anything has been read since it began.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How often the timer looks. Headers have at least one whole round and less than two: 10 s.
pub(super) const ROUND: Duration = Duration::from_secs(5);

/// How many rounds a connection may be quiet: 80 s, longer than gateways keep theirs (60 s).
const QUIET_ROUNDS: u32 = 16;

/// How long a peer may take to read the next bytes of an answer: no answer is longer than a few
/// kilobytes, so only one that has stopped reading needs it.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// How often something was read from a connection.
type Reads = Arc<AtomicU64>;

/// A connection that counts its reads, and gives up on a peer that does not read.
pub(super) struct CountedStream {
    stream: TcpStream,
    reads: Reads,
    /// Until when the peer has to make room, while there is none.
    room_by: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl CountedStream {
    pub(super) fn new(stream: TcpStream) -> (Self, Reads) {
        let reads = Reads::default();
        let counted = Self {
            stream,
            reads: Arc::clone(&reads),
            room_by: None,
        };
        (counted, reads)
    }

    /// Passes on what a write gave, unless the peer has made no room for too long.
    fn within_patience(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.room_by = None;
            return written;
        }
        let room_by = self
            .room_by
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_PATIENCE)));
        ready!(room_by.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for CountedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let outcome = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        self.reads.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(outcome)
    }
}

impl AsyncWrite for CountedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within_patience(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.within_patience(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The timer of one connection; the library uses it for nothing but headers.
pub(super) struct HeaderTimer {
    reads: Reads,
}

impl HeaderTimer {
    pub(super) fn new(reads: Reads) -> Self {
        Self { reads }
    }
}

impl Timer for HeaderTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until((tokio::time::Instant::now() + duration).into_std())
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(HeaderSleep {
            round: Box::pin(tokio::time::sleep_until(deadline.into())),
            seen: self.reads.load(Ordering::Relaxed),
            reads: Arc::clone(&self.reads),
            quiet_rounds: 0,
        })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

/// Ready when headers have been coming for too long, or nothing has come for very long.
struct HeaderSleep {
    round: Pin<Box<tokio::time::Sleep>>,
    seen: u64,
    reads: Reads,
    quiet_rounds: u32,
}

impl Sleep for HeaderSleep {}

impl Future for HeaderSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.round.as_mut().poll(cx));
            let reads = self.reads.load(Ordering::Relaxed);
            // Headers began in a round and were not complete at the end of the next one.
            let was_reading = self.quiet_rounds == READING;
            self.quiet_rounds = match reads == self.seen {
                _ if was_reading => return Poll::Ready(()),
                true if self.quiet_rounds + 1 >= QUIET_ROUNDS => return Poll::Ready(()),
                true => self.quiet_rounds + 1,
                false => READING,
            };
            self.seen = reads;
            let next = tokio::time::Instant::now() + ROUND;
            self.round.as_mut().reset(next);
        }
    }
}

/// The state of a connection that has begun to send headers.
const READING: u32 = u32::MAX;
