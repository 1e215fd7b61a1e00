//! A job for the writer: work for a transaction, and a caller that waits for the commit.

use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::fault::SqliteFault;
use crate::fault::Unanswered;

/// What the writer knows of a job: it is run first and answered after the commit.
pub(super) trait Job: Send {
    /// Returns the time since the job was made.
    fn waited(&self) -> Duration;

    /// Runs the job inside the group's transaction and keeps its outcome.
    fn run(&mut self, connection: &Connection);

    /// Tells the caller the outcome, or why the group was not committed.
    fn answer(self: Box<Self>, committed: Result<(), SqliteFault>);
}

/// A job made of a closure and the caller's end of a channel.
pub(super) struct Task<F, T> {
    work: Option<F>,
    outcome: Result<T, SqliteFault>,
    reply: oneshot::Sender<Result<T, SqliteFault>>,
    made: Instant,
}

impl<F, T> Task<F, T> {
    /// A job that does `work` and sends its outcome to `reply`.
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<T, SqliteFault>>) -> Self {
        Self {
            work: Some(work),
            outcome: Err(Unanswered::Closed.into()),
            reply,
            made: Instant::now(),
        }
    }
}

impl<F, T> Job for Task<F, T>
where
    F: FnOnce(&Connection) -> Result<T, SqliteFault> + Send,
    T: Send,
{
    fn waited(&self) -> Duration {
        self.made.elapsed()
    }

    fn run(&mut self, connection: &Connection) {
        if let Some(work) = self.work.take() {
            self.outcome = work(connection);
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), SqliteFault>) {
        // A caller that has given up does not listen any more, and need not.
        let _unheard = self.reply.send(committed.and(self.outcome));
    }
}

/// Runs `steps` so that either all of them count or, when one fails, none. A single statement
/// needs no such frame: SQLite undoes a failed statement by itself.
pub(super) fn atomically<T>(
    connection: &Connection,
    steps: impl FnOnce(&Connection) -> Result<T, SqliteFault>,
) -> Result<T, SqliteFault> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let outcome = steps(connection);
    // After an error as bad as a full disk SQLite may have rolled back everything by itself.
    if outcome.is_err() && !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    if !connection.is_autocommit() {
        connection.prepare_cached("RELEASE job")?.execute([])?;
    }
    outcome
}
