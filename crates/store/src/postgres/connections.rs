//! The connections to the server: a bounded number, each lent out for one statement at a time.
//!
//! A statement runs on a task of its own, so that it is finished or given up by the clock alone:
//! callers who go away, as browsers do, cost no connection. This module must not know what is
//! asked.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::{Connection as _, Executor as _, PgConnection, Postgres};
use tokio::sync::oneshot;
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, timeout};

use super::fault::{PostgresFault, is_outage};
use super::reachability::Reachability;
use crate::fault::Unanswered;
use crate::measure::{CallTimes, WaitTimes};

/// The connections, opened as they are needed.
pub(super) struct Connections {
    pool: PgPool,
    server: Reachability,
    times: CallTimes,
    waits: WaitTimes,
}

/// One statement with its arguments.
pub(super) type Statement = sqlx::query::Query<'static, Postgres, PgArguments>;

/// A write, and the others that follow it if it has changed a row.
pub(super) struct Together {
    pub(super) first: Statement,
    pub(super) then: Vec<Statement>,
}

impl Connections {
    /// Needs no server yet.
    pub(super) fn new(options: PgConnectOptions) -> Self {
        let server = Reachability::watch(options.clone());
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, usage| {
                Box::pin(
                    async move { Ok(usage.idle_for < TRUSTED_IDLE || lives(connection).await) },
                )
            })
            .connect_lazy_with(options);
        Self {
            pool,
            server,
            times: CallTimes::of("postgresql", "statement"),
            waits: WaitTimes::of("postgresql"),
        }
    }

    /// The rows of one look-up.
    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<PgRow>, PostgresFault> {
        self.run(|connection| connection.fetch_all(statement)).await
    }

    /// How many rows a write has changed.
    pub(super) async fn affected(&self, statement: Statement) -> Result<u64, PostgresFault> {
        let done = self.run(|connection| connection.execute(statement)).await?;
        Ok(done.rows_affected())
    }

    /// Runs a write and, if it has changed a row, the others after it, all in one transaction.
    /// Returns whether it has.
    pub(super) async fn changes_together(
        &self,
        first: Statement,
        then: Vec<Statement>,
    ) -> Result<bool, PostgresFault> {
        let all = self.each_together(vec![Together { first, then }]).await?;
        Ok(all.contains(&true))
    }

    /// The same for several writes, all in one transaction. Returns for each whether it has changed
    /// a row.
    pub(super) async fn each_together(
        &self,
        steps: Vec<Together>,
    ) -> Result<Vec<bool>, PostgresFault> {
        self.run(|connection| Box::pin(together(connection, steps)))
            .await
    }

    /// Waits for what is running and closes everything. Twice does no harm.
    pub(super) async fn close(&self) -> Result<(), PostgresFault> {
        let closed = timeout(CLOSE_TIMEOUT, self.pool.close()).await;
        closed.map_err(|_| Unanswered::TooLate.into())
    }

    /// Runs several statements on one connection.
    pub(super) async fn run<T, E>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Answer<'_, T, E> + Send + 'static,
    ) -> Result<T, PostgresFault>
    where
        T: Send + 'static,
        E: Into<PostgresFault> + Send + 'static,
    {
        self.times.record(self.run_unmeasured(work)).await
    }

    async fn run_unmeasured<T, E>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Answer<'_, T, E> + Send + 'static,
    ) -> Result<T, PostgresFault>
    where
        T: Send + 'static,
        E: Into<PostgresFault> + Send + 'static,
    {
        // A caller that repeats what fails immediately must not keep the prober from its turn.
        consume_budget().await;
        self.server.check()?;
        let (reply, answer) = oneshot::channel();
        let (pool, server) = (self.pool.clone(), self.server.clone());
        let waits = self.waits.clone();
        tokio::spawn(async move {
            let lent = async { Ok(pool.acquire().await?) };
            let began = Instant::now();
            let lent = server.while_up(lent).await;
            waits.record(began.elapsed());
            let mut connection = match lent {
                Ok(connection) => connection,
                Err(fault) => return drop(reply.send(Err(fault))),
            };
            let answered = timeout(ANSWER_TIMEOUT, work(&mut connection));
            let outcome = match server.doubting(answered).await {
                Ok(answered) => answered.map_err(Into::into),
                Err(_) => Err(Unanswered::TooLate.into()),
            };
            if let Err(PostgresFault::Driver(error)) = &outcome
                && is_outage(error)
            {
                server.doubt();
            }
            let usable = matches!(outcome, Ok(_) | Err(PostgresFault::Impossible(_)));
            // A caller that has given up does not listen any more, and need not.
            let _unheard = reply.send(outcome);
            give_back(connection, usable).await;
        });
        answer.await.map_err(|_| Unanswered::Dropped)?
    }
}

async fn together(
    connection: &mut PgConnection,
    steps: Vec<Together>,
) -> Result<Vec<bool>, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let mut all = Vec::with_capacity(steps.len());
    for Together { first, then } in steps {
        let changed = transaction.execute(first).await?.rows_affected() > 0;
        for statement in then.into_iter().filter(|_| changed) {
            transaction.execute(statement).await?;
        }
        all.push(changed);
    }
    transaction.commit().await?;
    Ok(all)
}

type Answer<'c, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>;

/// A connection that answered with an error is not used again: it may be broken, or lead to a
/// server that has become a read-only replica. None of our statements fails on a sound one, and an
/// impossible row is no fault of the connection.
async fn give_back(mut connection: PoolConnection<Postgres>, usable: bool) {
    if usable {
        // Waits for the server once more, and a server may have gone since it answered.
        let _too_late = timeout(PING_TIMEOUT, connection.return_to_pool()).await;
    } else {
        drop(connection.detach());
    }
}

async fn lives(connection: &mut PgConnection) -> bool {
    matches!(timeout(PING_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}

/// Six replicas fit into the 100 connections that PostgreSQL allows by default, and this many
/// look-ups at once keep more cores busy than an issuer has.
const MAX_CONNECTIONS: u32 = 16;

/// How long a statement waits for a connection, a new one being opened included.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a statement waits for its result: longer than the server works on it.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(1_500);

/// How long a connection may have been idle and is used without another look whether it lives.
/// Under load no connection is checked. After a pause a dead one costs a ping and no error.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// How long a ping may take: far more than a round trip, and several fit into an acquisition.
const PING_TIMEOUT: Duration = Duration::from_millis(250);

/// How long a shutdown waits for statements that are running: none takes longer.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);
