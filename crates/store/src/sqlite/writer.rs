//! The one thread that writes: it takes jobs from a bounded queue and commits them in groups.
//!
//! A commit costs one flush to the disk, whatever it holds. While one group is being flushed the
//! next one gathers, so throughput grows with the load instead of falling. Callers get their
//! answers after the commit. This module must not know what the jobs do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::connection;
use super::fault::SqliteFault;
use super::file_watch::FileWatch;
use super::job::{Job, Task};
use crate::fault::Unanswered;
use crate::measure::{CallTimes, WaitTimes};

/// The way to the writer. When the last one is dropped, the thread does what is queued and ends.
pub(super) struct Writer {
    orders: SyncSender<Order>,
    times: CallTimes,
}

impl Writer {
    /// Starts the thread. It owns `connection` and `watch` from now on.
    pub(super) fn start(connection: Connection, watch: FileWatch) -> std::io::Result<Self> {
        let (orders, queue) = sync_channel(QUEUE_JOBS);
        let thread = WriterThread {
            connection,
            watch,
            log_is_due: false,
            last_jobs: 0,
            pause: Box::new(thread::sleep),
            waits: WaitTimes::of("sqlite"),
        };
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || thread.write_until_closed(&queue))?;
        let times = CallTimes::of("sqlite", "write");
        Ok(Self { orders, times })
    }

    /// Runs `work` in a group's transaction; the answer comes after the commit.
    ///
    /// If the queue is full, the call fails immediately, because under overload a late success helps
    /// no caller. After [`ANSWER_WITHIN`] the call fails, and the work may still be done.
    pub(super) async fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, SqliteFault> + Send + 'static,
    ) -> Result<T, SqliteFault> {
        let written = async { wait(self.enqueue(work)?, ANSWER_WITHIN).await };
        self.times.record(written).await
    }

    fn enqueue<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, SqliteFault> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, SqliteFault>>, Unanswered> {
        let (reply, answer) = oneshot::channel();
        let order = Order::Do(Box::new(Task::new(work, reply)));
        match self.orders.try_send(order) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_)) => Err(Unanswered::QueueFull),
            Err(TrySendError::Disconnected(_)) => Err(Unanswered::Closed),
        }
    }

    /// Moves the write-ahead log into the database and empties it, so that deleted rows are in no
    /// file. If a reader is in the way, the thread repeats it until it is done.
    pub(super) async fn empty_log(&self) -> Result<(), SqliteFault> {
        let (reply, answer) = oneshot::channel();
        match self.orders.try_send(Order::EmptyLog(reply)) {
            Ok(()) => wait(answer, ANSWER_WITHIN).await,
            Err(TrySendError::Full(_)) => Err(Unanswered::QueueFull.into()),
            Err(TrySendError::Disconnected(_)) => Err(Unanswered::Closed.into()),
        }
    }

    /// Takes no more jobs, does what is queued and ends the thread. Twice does no harm.
    pub(super) async fn close(&self) -> Result<(), SqliteFault> {
        let (done, ended) = oneshot::channel();
        let orders = self.orders.clone();
        // Waiting for room in a full queue would block this thread. When the thread has ended
        // already, the order is dropped, and `done` with it.
        let _order = spawn_blocking(move || drop(orders.send(Order::Close(done))));
        match tokio::time::timeout(ANSWER_WITHIN, ended).await {
            // The sender goes away with the thread, so an error means that it has ended.
            Ok(_) => Ok(()),
            Err(_) => Err(Unanswered::TooLate.into()),
        }
    }
}

async fn wait<T>(
    answer: oneshot::Receiver<Result<T, SqliteFault>>,
    patience: Duration,
) -> Result<T, SqliteFault> {
    match tokio::time::timeout(patience, answer).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Unanswered::Closed.into()),
        Err(_) => Err(Unanswered::TooLate.into()),
    }
}

enum Order {
    Do(Box<dyn Job>),
    EmptyLog(oneshot::Sender<Result<(), SqliteFault>>),
    Close(oneshot::Sender<()>),
}

/// What was taken from the queue together.
#[derive(Default)]
struct Group {
    jobs: Vec<Box<dyn Job>>,
    log_emptied: Vec<oneshot::Sender<Result<(), SqliteFault>>>,
    closers: Vec<oneshot::Sender<()>>,
}

struct WriterThread {
    connection: Connection,
    watch: FileWatch,
    /// Whether the log holds what was deleted, and could not be emptied yet.
    log_is_due: bool,
    /// How many jobs the last group had.
    last_jobs: usize,
    /// Waits for this time.
    pause: Box<dyn FnMut(Duration) + Send>,
    waits: WaitTimes,
}

impl WriterThread {
    fn write_until_closed(mut self, queue: &Receiver<Order>) {
        let mut group = Group::default();
        while group.closers.is_empty() {
            match queue.recv_timeout(LOOK_PERIOD) {
                Ok(first) => self.work(first, queue, &mut group),
                Err(RecvTimeoutError::Timeout) => self.look_around(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        // What was queued behind the order to close is done as well.
        while let Ok(first) = queue.try_recv() {
            self.work(first, queue, &mut group);
        }
        if let Err(error) = move_log_into_database(&self.connection) {
            tracing::warn!(%error, "the write-ahead log stays beside the database");
        }
        // A caller that waits for the end may open or remove the file next.
        drop(self);
        drop(group);
    }

    fn work(&mut self, first: Order, queue: &Receiver<Order>, group: &mut Group) {
        gather(first, queue, group);
        self.let_grow(queue, group);
        for job in &group.jobs {
            self.waits.record(job.waited());
        }
        commit(&self.connection, &self.watch, &mut group.jobs);
        self.log_is_due |= !group.log_emptied.is_empty();
        self.empty_log_if_due();
        for reply in group.log_emptied.drain(..) {
            // A caller that has given up does not listen any more, and need not.
            let _unheard = reply.send(Ok(()));
        }
    }

    /// Under load, waits until a small group is larger, so that more requests share a flush. A request that is
    /// alone does not wait.
    fn let_grow(&mut self, queue: &Receiver<Order>, group: &mut Group) {
        if self.last_jobs > 1 && group.jobs.len() < FEW_JOBS {
            // Senders need not wake a thread that sleeps, as they would one that receives.
            (self.pause)(GROW);
            if let Ok(next) = queue.try_recv() {
                gather(next, queue, group);
            }
        }
        self.last_jobs = group.jobs.len();
    }

    fn look_around(&mut self) {
        // The result is kept and logged by the watch.
        let _known = self.watch.look();
        self.empty_log_if_due();
    }

    fn empty_log_if_due(&mut self) {
        if !self.log_is_due {
            return;
        }
        match move_log_into_database(&self.connection) {
            Ok(moved) => self.log_is_due = !moved,
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log could not be emptied yet");
            }
        }
    }
}

/// Collects what is queued, up to the size of a group, without waiting for more.
fn gather(first: Order, queue: &Receiver<Order>, group: &mut Group) {
    let mut next = Some(first);
    while let Some(order) = next {
        match order {
            Order::Do(job) => group.jobs.push(job),
            Order::EmptyLog(reply) => group.log_emptied.push(reply),
            Order::Close(done) => group.closers.push(done),
        }
        next = if group.jobs.len() < GROUP_JOBS {
            queue.try_recv().ok()
        } else {
            None
        };
    }
}

/// Runs the group in one transaction and answers everybody in it.
fn commit(connection: &Connection, watch: &FileWatch, group: &mut Vec<Box<dyn Job>>) {
    if group.is_empty() {
        return;
    }
    // Looked at before, so that nothing goes into a lost file, and after, so that nothing is
    // acknowledged that went into one.
    let committed = watch
        .look()
        .map_err(SqliteFault::from)
        .and_then(|()| run_in_transaction(connection, group))
        .and_then(|()| Ok(watch.look()?));
    if committed.is_err() {
        undo(connection);
    }
    for job in group.drain(..) {
        job.answer(committed.clone());
    }
}

fn run_in_transaction(
    connection: &Connection,
    group: &mut [Box<dyn Job>],
) -> Result<(), SqliteFault> {
    // IMMEDIATE: with several processes on one file the wait for the lock happens here, where
    // nothing has been read yet that another process could change.
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for job in group {
        // Whatever a panicking job has done is undone with the whole group.
        catch_unwind(AssertUnwindSafe(|| job.run(connection))).map_err(|_| Unanswered::Panicked)?;
        if connection.is_autocommit() {
            return Err(Unanswered::RolledBack.into());
        }
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

fn undo(connection: &Connection) {
    if connection.is_autocommit() {
        return;
    }
    if let Err(error) = connection.execute_batch("ROLLBACK") {
        tracing::error!(%error, "a group of writes could not be rolled back");
    }
}

/// Moves the log into the database and empties it. Returns whether nothing was in the way.
fn move_log_into_database(connection: &Connection) -> rusqlite::Result<bool> {
    // The handler would wait for readers of other processes, and every write with it.
    connection.busy_handler(None)?;
    let moved = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        Ok(row.get::<_, i64>(0)? == 0)
    });
    connection::wait_when_locked(connection)?;
    moved
}

/// The longest queue: some 10 ms of work at full speed. A longer queue would only add delay.
const QUEUE_JOBS: usize = 4_096;

/// The largest group: bounds how long the first job in it waits for the others.
const GROUP_JOBS: usize = 512;

/// A group with fewer jobs than this is small.
const FEW_JOBS: usize = 8;

/// How long a small group may grow: about as long as a flush takes.
const GROW: Duration = Duration::from_micros(500);

/// How long the thread is idle before it looks whether the files are in place.
const LOOK_PERIOD: Duration = Duration::from_millis(500);

/// How long a caller waits: longer than the wait for another process' lock, shorter than the
/// patience of a client.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
