//! The generator: closed loops, which send the next request when the last is answered, and an open
//! loop, which sends at a fixed rate whatever the server does. It must not know Signet.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use signet_verifier::{Clock as _, SystemClock};

use crate::wire::Connection;

/// Sends one request and checks its answer.
pub type Task = Box<dyn FnMut(&mut Connection) + Send>;

/// A connection and what it sends. The first request opens the connection, because a server closes
/// one that says nothing.
pub struct Worker {
    address: SocketAddr,
    connection: Option<Connection>,
    task: Task,
}

impl Worker {
    pub fn new(address: SocketAddr, task: Task) -> Self {
        Self {
            address,
            connection: None,
            task,
        }
    }

    fn run(&mut self) {
        let open = || Connection::open(self.address);
        (self.task)(self.connection.get_or_insert_with(open));
    }
}

/// When a closed loop ends.
#[derive(Clone, Copy)]
pub enum Until {
    Elapsed(Duration),
    Sent(u32),
}

/// What a load came to; the latencies are sorted.
#[derive(Default)]
pub struct Measured {
    pub elapsed: Duration,
    latencies: Vec<Duration>,
}

impl Measured {
    pub fn requests(&self) -> u32 {
        u32::try_from(self.latencies.len()).expect("a bounded load")
    }

    pub fn rate(&self) -> f64 {
        f64::from(self.requests()) / self.elapsed.as_secs_f64()
    }

    /// The latency that this share of the requests did not exceed, in milliseconds.
    pub fn quantile_millis(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let rank = (f64::from(self.requests()) * share) as usize;
        let latency = self.latencies.get(rank.min(last));
        latency.map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }

    /// Both together, as one longer load.
    pub fn and(mut self, other: Self) -> Self {
        self.elapsed += other.elapsed;
        self.latencies.extend(other.latencies);
        self.latencies.sort_unstable();
        self
    }
}

/// Each worker sends its next request as soon as it has an answer.
pub fn closed(workers: &mut [Worker], until: Until) -> Measured {
    let clock = SystemClock::new();
    let sent = AtomicU32::new(0);
    let goes_on = || match until {
        Until::Elapsed(duration) => clock.monotonic() < duration,
        Until::Sent(count) => sent.fetch_add(1, Ordering::Relaxed) < count,
    };
    on_threads(workers, &clock, |worker, latencies| {
        while goes_on() {
            let began = clock.monotonic();
            worker.run();
            latencies.push(clock.monotonic() - began);
        }
    })
}

/// Sends `rate` requests a second; whichever worker is free sends the next.
///
/// A latency counts from when the request was due, so one slow answer counts against every request
/// that waited behind it.
pub fn open(workers: &mut [Worker], rate: f64, duration: Duration) -> Measured {
    let clock = SystemClock::new();
    let next = AtomicU32::new(0);
    let mut measured = on_threads(workers, &clock, |worker, latencies| {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let due = LEAD + Duration::from_secs_f64(f64::from(number) / rate);
            if due >= LEAD + duration {
                return;
            }
            thread::sleep(due.saturating_sub(clock.monotonic()));
            worker.run();
            latencies.push(clock.monotonic().saturating_sub(due));
        }
    });
    measured.elapsed = measured.elapsed.saturating_sub(LEAD);
    measured
}

/// Runs `work` for every worker on a thread of its own, until all have ended.
fn on_threads(
    workers: &mut [Worker],
    clock: &SystemClock,
    work: impl Fn(&mut Worker, &mut Vec<Duration>) + Sync,
) -> Measured {
    let mut latencies: Vec<Duration> = thread::scope(|scope| {
        let work = &work;
        let started = workers.iter_mut().map(|worker| {
            let loops = move || {
                let mut latencies = Vec::new();
                work(worker, &mut latencies);
                latencies
            };
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            thread.spawn_scoped(scope, loops).expect("a thread")
        });
        let started: Vec<_> = started.collect();
        let ended = started.into_iter().map(|thread| thread.join());
        ended.flat_map(|ended| ended.expect("a load")).collect()
    });
    latencies.sort_unstable();
    Measured {
        elapsed: clock.monotonic(),
        latencies,
    }
}

/// Until then every thread has started, so that no request is late because of that.
const LEAD: Duration = Duration::from_millis(50);

/// A thousand threads are to cost little memory.
const STACK_BYTES: usize = 256 * 1024;
