//! The pool on which passwords are hashed: few threads of low priority and a short queue, with a
//! share for each class of work.
//!
//! Hashing takes tens of milliseconds of a core and 19 MiB, so it must not run where requests are
//! served, nor on as many threads as there are callers. Each thread owns one workspace, which is
//! reused and let go after a while without work. This module must not know what is hashed.

mod lanes;
mod measure;
mod priority;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Instrument as _;

use lanes::Lanes;
pub use lanes::{HashClass, HashRequest, InFlight};

/// The pool; dropping it lets its threads finish what they are at.
///
/// `W` is the workspace that each thread owns, for example a hasher with its memory.
pub struct HashPool<W> {
    shared: Arc<Shared<W>>,
    finished: Arc<AtomicU64>,
}

/// How large a pool is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PoolSize {
    /// How many threads work.
    pub threads: NonZeroUsize,
    /// How many jobs of all classes may wait; one more is refused.
    pub queue: usize,
    /// How long a thread keeps its workspace without work.
    pub idle: Duration,
}

impl PoolSize {
    /// The size that goes with this many threads.
    pub fn of(threads: NonZeroUsize) -> Self {
        Self {
            threads,
            queue: threads.get().saturating_mul(QUEUE_PER_THREAD),
            idle: IDLE,
        }
    }
}

/// Why a job gave no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HashError {
    /// The share of the class was full; the job was not begun.
    #[error("the queue for password hashing is full")]
    Full,
    /// The network or the account has too many jobs in flight; the job was not begun.
    #[error("too many password jobs of this network or account are in flight")]
    Crowded,
    /// The job was begun and broke.
    #[error("a password hashing job broke")]
    Broken,
}

impl<W: 'static> HashPool<W> {
    /// Starts the threads. `make` makes a workspace, on the thread that will own it.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(size: PoolSize, make: fn() -> W) -> io::Result<Self> {
        let pool = Self {
            shared: Arc::new(Shared {
                queue: Mutex::new(Queue {
                    jobs: Lanes::new(size.queue),
                    closed: false,
                }),
                changed: Condvar::new(),
            }),
            finished: Arc::default(),
        };
        for index in 0..size.threads.get() {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new()
                .name(format!("hash-{index}"))
                .spawn(move || {
                    priority::lower(index);
                    shared.work(&mut Workspace::new(make), size.idle);
                })?;
        }
        Ok(pool)
    }

    /// Runs `job` on one of the threads. When the caller stops waiting before it has begun, it
    /// never does.
    ///
    /// # Errors
    ///
    /// [`HashError`]
    pub async fn run<T: Send + 'static>(
        &self,
        request: HashRequest,
        job: impl FnOnce(&mut W) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let (reply, result) = oneshot::channel();
        let finished = Arc::clone(&self.finished);
        let (class, asked) = (request.class, Instant::now());
        let answer = move |workspace: &mut Workspace<W>, place: Place<W>| {
            if reply.is_closed() {
                return;
            }
            measure::began(class, asked.elapsed());
            let output = job(workspace.warm());
            finished.fetch_add(1, Ordering::Relaxed);
            measure::finished(class);
            // Before the answer, after which the caller may ask again.
            drop(place);
            // The request may have ended meanwhile; that is no error.
            let _unwanted = reply.send(output);
        };
        self.shared.push(request, answer)?;
        let waiting = result.instrument(measure::span(class));
        waiting.await.map_err(|_| HashError::Broken)
    }

    /// How many jobs have been run since the start.
    pub fn finished(&self) -> u64 {
        self.finished.load(Ordering::Relaxed)
    }
}

impl<W> Drop for HashPool<W> {
    fn drop(&mut self) {
        self.shared.queue().closed = true;
        self.shared.changed.notify_all();
    }
}

impl<W> fmt::Debug for HashPool<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashPool").finish_non_exhaustive()
    }
}

type Job<W> = Box<dyn FnOnce(&mut Workspace<W>) + Send>;

struct Shared<W> {
    queue: Mutex<Queue<W>>,
    changed: Condvar,
}

struct Queue<W> {
    jobs: Lanes<Job<W>>,
    closed: bool,
}

/// The place of a job in the pool; dropped when the job is done or was never begun.
struct Place<W> {
    shared: Arc<Shared<W>>,
    parties: Vec<InFlight>,
}

impl<W> Drop for Place<W> {
    fn drop(&mut self) {
        self.shared.queue().jobs.leave(&self.parties);
    }
}

/// What a thread does next.
enum Next<W> {
    Run(Job<W>),
    CoolDown,
    Stop,
}

impl<W: 'static> Shared<W> {
    fn push(
        self: &Arc<Self>,
        request: HashRequest,
        job: impl FnOnce(&mut Workspace<W>, Place<W>) + Send + 'static,
    ) -> Result<(), HashError> {
        let mut queue = self.queue();
        let admitted = queue.jobs.admit(&request);
        admitted.inspect_err(|error| measure::refused(request.class, *error))?;
        let place = Place {
            shared: Arc::clone(self),
            parties: request.parties,
        };
        let counted = move |workspace: &mut Workspace<W>| job(workspace, place);
        queue.jobs.push(request.class, Box::new(counted));
        measure::show_queue(&queue.jobs);
        drop(queue);
        self.changed.notify_one();
        Ok(())
    }
}

impl<W> Shared<W> {
    fn work(&self, workspace: &mut Workspace<W>, idle: Duration) {
        loop {
            match self.next(workspace.is_warm().then_some(idle)) {
                Next::Run(job) => Self::run(job, workspace),
                Next::CoolDown => workspace.cool_down(),
                Next::Stop => return,
            }
        }
    }

    fn run(job: Job<W>, workspace: &mut Workspace<W>) {
        if catch_unwind(AssertUnwindSafe(|| job(workspace))).is_err() {
            // The panic hook has said why; what it left behind is not to be trusted.
            workspace.cool_down();
        }
    }

    /// Waits for something to do; with `patience`, no longer than that.
    fn next(&self, patience: Option<Duration>) -> Next<W> {
        let mut queue = self.queue();
        loop {
            if let Some(job) = queue.jobs.pop() {
                measure::show_queue(&queue.jobs);
                return Next::Run(job);
            }
            if queue.closed {
                return Next::Stop;
            }
            let Some(patience) = patience else {
                queue = self
                    .changed
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let waited = self.changed.wait_timeout(queue, patience);
            let (returned, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            queue = returned;
            if timeout.timed_out() && queue.jobs.len() == 0 {
                return Next::CoolDown;
            }
        }
    }

    /// Jobs run outside the lock, so a poisoned queue is still whole.
    fn queue(&self) -> MutexGuard<'_, Queue<W>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a thread owns: made when it is first needed, let go when it is not.
struct Workspace<W> {
    make: fn() -> W,
    made: Option<W>,
}

impl<W> Workspace<W> {
    fn new(make: fn() -> W) -> Self {
        Self { make, made: None }
    }

    fn warm(&mut self) -> &mut W {
        self.made.get_or_insert_with(self.make)
    }

    fn is_warm(&self) -> bool {
        self.made.is_some()
    }

    fn cool_down(&mut self) {
        self.made = None;
    }
}

/// About 3 s of work at 24 ms a hash: a person who waits longer has given up.
const QUEUE_PER_THREAD: usize = 128;
/// Long enough to serve a burst from one buffer, short enough to give 19 MiB back soon.
const IDLE: Duration = Duration::from_mins(1);
