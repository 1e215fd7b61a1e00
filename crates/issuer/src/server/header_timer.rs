//! Closes connections whose headers arrive too slowly, and keeps idle ones.
//!
//! The HTTP library has one timeout for both; it begins when the library waits for the next
//! request. Gateways keep idle connections for a minute, and a request that is sent while the
//! server closes the connection is lost. A client that sends its headers byte by byte must not have
//! that minute. So the timer checks whether anything was read since it began.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The length of a round of the timer. Headers have between one and two rounds: at most 10 s.
pub(super) const ROUND: Duration = Duration::from_secs(5);

/// How many rounds a connection may be idle: 80 s, longer than gateways keep theirs (60 s).
const QUIET_ROUNDS: u32 = 16;

/// How long a peer may take to read the next bytes of an answer. Answers have a few kilobytes, so
/// only a peer that has stopped reading reaches this limit.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// The size beyond which a header needs one of the [`LargeHeaders`]: the first buffer of the
/// library.
const SMALL_HEADER_BYTES: usize = 8 * 1024;

/// How many connections may have larger incomplete headers at the same time: each takes 41 KB.
const MAX_LARGE_HEADERS: usize = 256;

/// The permits for large headers, shared by the connections of one listener.
#[derive(Clone, Debug)]
pub(super) struct LargeHeaders(Arc<Semaphore>);

impl LargeHeaders {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MAX_LARGE_HEADERS)))
    }

    /// A permit for a header of this length; the inner `None` says that it needs none. The outer
    /// `None` says that too many large headers are held.
    #[expect(clippy::option_option, reason = "a small header needs no permit")]
    pub(super) fn admit(&self, header_bytes: usize) -> Option<Option<OwnedSemaphorePermit>> {
        if header_bytes <= SMALL_HEADER_BYTES {
            return Some(None);
        }
        Arc::clone(&self.0).try_acquire_owned().ok().map(Some)
    }
}

/// What has been read from a connection.
#[derive(Default, Debug)]
pub(super) struct Reads {
    /// How many reads.
    times: AtomicU64,
    /// How many bytes since the last request began or ended.
    header_bytes: AtomicUsize,
    /// Whether a request runs, so that reads belong to its body.
    is_serving: AtomicBool,
}

impl Reads {
    /// Notes whether a request runs from now on.
    pub(super) fn set_serving(&self, is_serving: bool) {
        self.header_bytes.store(0, Ordering::Relaxed);
        self.is_serving.store(is_serving, Ordering::Relaxed);
    }

    fn times(&self) -> u64 {
        self.times.load(Ordering::Relaxed)
    }

    /// Notes a read. Returns the length of the header so far; zero within a body.
    fn count(&self, bytes: usize) -> usize {
        self.times.fetch_add(1, Ordering::Relaxed);
        if self.is_serving.load(Ordering::Relaxed) {
            return 0;
        }
        self.header_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes
    }
}

/// A connection that counts its reads, bounds its headers and fails if the peer does not read.
pub(super) struct CountedStream<S> {
    stream: S,
    reads: Arc<Reads>,
    large_headers: LargeHeaders,
    /// Held while the header is large.
    large_header: Option<OwnedSemaphorePermit>,
    /// The time by which the peer must read, while the socket is full.
    room_by: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl<S> CountedStream<S> {
    pub(super) fn new(stream: S, large_headers: LargeHeaders) -> (Self, Arc<Reads>) {
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

    /// Whether the header may have this length.
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

    /// Returns the result of a write, or fails if the peer has not read for too long.
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

impl<S: AsyncRead + Unpin> AsyncRead for CountedStream<S> {
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

impl<S: AsyncWrite + Unpin> AsyncWrite for CountedStream<S> {
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

/// The timer of one connection; the library uses it only for headers.
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

/// Ready if headers take too long, or if the connection is idle for too long.
struct HeaderSleep {
    round: Pin<Box<tokio::time::Sleep>>,
    seen: u64,
    reads: Arc<Reads>,
    phase: Phase,
}

/// What a connection that waits for a request has received.
#[derive(Clone, Copy)]
enum Phase {
    /// Nothing, for this many rounds.
    Quiet { rounds: u32 },
    /// The beginning of headers.
    Reading,
}

impl Phase {
    /// The phase after a round; none if the time is over.
    fn after_round(self, has_read: bool) -> Option<Self> {
        match self {
            // Headers began in the round before and are still incomplete.
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
