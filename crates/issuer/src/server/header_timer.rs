//! Slow headers are cut off, quiet connections are not.
//!
//! The HTTP library has one time-out for both: it begins when it waits for the next request.
//! Gateways keep connections for a minute without a word, and a request sent into one that is
//! just being closed is lost; a client that sends its headers byte by byte deserves no minute. So
//! the timer looks whether anything has been read since it began.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How often the timer looks. Headers have at least one whole round and less than two: 10 s.
pub(super) const ROUND: Duration = Duration::from_secs(5);

/// How many rounds a connection may be quiet: 80 s, longer than gateways keep theirs (60 s).
const QUIET_ROUNDS: u32 = 16;

/// How long a peer may take to read the next bytes of an answer: no answer is longer than a few
/// kilobytes, so only one that has stopped reading needs it.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// How much of a header is read before it needs one of the [`LargeHeaders`]: what the library
/// reads into its first buffer.
const SMALL_HEADER_BYTES: usize = 8 * 1024;

/// How many connections may have incomplete headers beyond that at once: they take 41 KB each.
const MAX_LARGE_HEADERS: usize = 256;

/// The right to send more than a small header, shared by the connections of one listener.
#[derive(Clone, Debug)]
pub(super) struct LargeHeaders(Arc<Semaphore>);

impl LargeHeaders {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MAX_LARGE_HEADERS)))
    }
}

/// What was read from a connection.
#[derive(Default, Debug)]
pub(super) struct Reads {
    /// How often.
    times: AtomicU64,
    /// How many bytes since the last request began or ended.
    header_bytes: AtomicUsize,
    /// Whether a request is being served, so that what is read is its body.
    is_serving: AtomicBool,
}

impl Reads {
    /// Notes whether a request is being served from now on.
    pub(super) fn set_serving(&self, is_serving: bool) {
        self.header_bytes.store(0, Ordering::Relaxed);
        self.is_serving.store(is_serving, Ordering::Relaxed);
    }

    fn times(&self) -> u64 {
        self.times.load(Ordering::Relaxed)
    }

    /// Notes a read; gives how long the header is so far, which is zero within a body.
    fn count(&self, bytes: usize) -> usize {
        self.times.fetch_add(1, Ordering::Relaxed);
        if self.is_serving.load(Ordering::Relaxed) {
            return 0;
        }
        self.header_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes
    }
}

/// A connection that counts its reads, bounds its headers, and gives up on a peer that does not
/// read.
pub(super) struct CountedStream {
    stream: TcpStream,
    reads: Arc<Reads>,
    large_headers: LargeHeaders,
    /// Held while the header is large.
    large_header: Option<OwnedSemaphorePermit>,
    /// Until when the peer has to make room, while there is none.
    room_by: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl CountedStream {
    pub(super) fn new(stream: TcpStream, large_headers: LargeHeaders) -> (Self, Arc<Reads>) {
        let reads = Arc::new(Reads::default());
        let counted = Self {
            stream,
            reads: Arc::clone(&reads),
            large_headers,
            large_header: None,
            room_by: None,
        };
        (counted, reads)
    }

    /// Whether the header may be so long.
    fn admits(&mut self, header_bytes: usize) -> bool {
        if header_bytes <= SMALL_HEADER_BYTES {
            self.large_header = None;
            return true;
        }
        if self.large_header.is_none() {
            let rights = Arc::clone(&self.large_headers.0);
            self.large_header = rights.try_acquire_owned().ok();
        }
        self.large_header.is_some()
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
        let before = buffer.filled().len();
        let outcome = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        let bytes = buffer.filled().len().saturating_sub(before);
        let header_bytes = self.reads.count(bytes);
        if self.admits(header_bytes) {
            Poll::Ready(outcome)
        } else {
            Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()))
        }
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
    reads: Arc<Reads>,
}

impl HeaderTimer {
    pub(super) fn new(reads: Arc<Reads>) -> Self {
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
            seen: self.reads.times(),
            reads: Arc::clone(&self.reads),
            phase: Phase::Quiet { rounds: 0 },
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
    reads: Arc<Reads>,
    phase: Phase,
}

/// What a connection that waits for a request has done so far.
#[derive(Clone, Copy)]
enum Phase {
    /// Nothing, for so many rounds.
    Quiet { rounds: u32 },
    /// It has begun to send headers.
    Reading,
}

impl Phase {
    /// The phase after a round in which something was read, or not; none when time is up.
    fn after_round(self, has_read: bool) -> Option<Self> {
        match self {
            // Headers began in a round and were not complete at the end of the next one.
            Self::Reading => None,
            Self::Quiet { .. } if has_read => Some(Self::Reading),
            Self::Quiet { rounds } if rounds + 1 >= QUIET_ROUNDS => None,
            Self::Quiet { rounds } => Some(Self::Quiet { rounds: rounds + 1 }),
        }
    }
}

impl Sleep for HeaderSleep {}

impl Future for HeaderSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.round.as_mut().poll(cx));
            let reads = self.reads.times();
            match self.phase.after_round(reads != self.seen) {
                Some(phase) => self.phase = phase,
                None => return Poll::Ready(()),
            }
            self.seen = reads;
            let next = tokio::time::Instant::now() + ROUND;
            self.round.as_mut().reset(next);
        }
    }
}
