//! The one thread that writes: it takes jobs from a bounded queue and commits them in groups.
//!
//! A commit costs one flush to the disk, whatever it holds. While one group is being flushed the
//! next one gathers, so throughput grows with the load instead of falling. Nobody is answered
//! before the commit. This module must not know what the jobs do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::fault::{Fault, Unanswered};
use super::job::{Job, Task};

/// The way to the writer. When the last one is dropped, the thread does what is queued and ends.
pub(super) struct Writer {
    orders: SyncSender<Order>,
}

impl Writer {
    /// Starts the thread. It owns `connection` from now on.
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (orders, queue) = sync_channel(QUEUE_JOBS);
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_until_closed(connection, &queue))?;
        Ok(Self { orders })
    }

    /// Runs `work` in a group's transaction; the answer comes after the commit.
    ///
    /// A full queue is refused at once: under overload an early no is worth more than a late yes.
    /// After [`ANSWER_WITHIN`] the caller is told that nobody knows; the work may still be done.
    pub(super) async fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        wait(self.enqueue(work)?, ANSWER_WITHIN).await
    }

    fn enqueue<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, Fault>>, Unanswered> {
        let (reply, answer) = oneshot::channel();
        let order = Order::Do(Box::new(Task::new(work, reply)));
        match self.orders.try_send(order) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_)) => Err(Unanswered::QueueFull),
            Err(TrySendError::Disconnected(_)) => Err(Unanswered::Closed),
        }
    }

    /// Takes no more jobs, does what is queued and ends the thread. Twice does no harm.
    pub(super) async fn close(&self) -> Result<(), Fault> {
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
    answer: oneshot::Receiver<Result<T, Fault>>,
    patience: Duration,
) -> Result<T, Fault> {
    match tokio::time::timeout(patience, answer).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Unanswered::Closed.into()),
        Err(_) => Err(Unanswered::TooLate.into()),
    }
}

enum Order {
    Do(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

fn write_until_closed(connection: Connection, queue: &Receiver<Order>) {
    let mut group: Vec<Box<dyn Job>> = Vec::new();
    let mut closers = Vec::new();
    while closers.is_empty() {
        let Ok(first) = queue.recv() else { break };
        gather(first, queue, &mut group, &mut closers);
        commit(&connection, &mut group);
    }
    // What was queued behind the order to close is done as well.
    while let Ok(first) = queue.try_recv() {
        gather(first, queue, &mut group, &mut closers);
        commit(&connection, &mut group);
    }
    move_log_into_database(&connection);
    // Whoever waits for the end may open or remove the file next.
    drop(connection);
    drop(closers);
}

/// Collects what is queued, up to the size of a group, without waiting for more.
fn gather(
    first: Order,
    queue: &Receiver<Order>,
    group: &mut Vec<Box<dyn Job>>,
    closers: &mut Vec<oneshot::Sender<()>>,
) {
    let mut next = Some(first);
    while let Some(order) = next {
        match order {
            Order::Do(job) => group.push(job),
            Order::Close(done) => closers.push(done),
        }
        next = if group.len() < GROUP_JOBS {
            queue.try_recv().ok()
        } else {
            None
        };
    }
}

/// Runs the group in one transaction and answers everybody in it.
fn commit(connection: &Connection, group: &mut Vec<Box<dyn Job>>) {
    if group.is_empty() {
        return;
    }
    let committed = run_in_transaction(connection, group);
    if committed.is_err() {
        undo(connection);
    }
    for job in group.drain(..) {
        job.answer(committed.clone());
    }
}

fn run_in_transaction(connection: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
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

/// Leaves one file behind instead of three, when nobody else has the database open.
fn move_log_into_database(connection: &Connection) {
    let truncated = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    if let Err(error) = truncated {
        tracing::warn!(%error, "the write-ahead log stays beside the database");
    }
}

/// The longest queue: some 10 ms of work at full speed. More waiting helps nobody.
const QUEUE_JOBS: usize = 4_096;

/// The largest group: bounds how long the first job in it waits for the others.
const GROUP_JOBS: usize = 512;

/// How long a caller waits: longer than the wait for another process' lock, shorter than the
/// patience of a client.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
