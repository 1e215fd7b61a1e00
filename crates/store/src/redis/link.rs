//! A connection that heals itself: shared by all callers, replaced in the background.
//!
//! A caller has an answer within the deadline whatever happens: from the server, or the news that
//! there is none. A wire that broke and an answer that is late are reasons to make a new
//! connection; while there is none, callers are turned away at once. This module must not know
//! what is asked.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, ScriptInvocation, ServerErrorKind};
use tokio::sync::{Notify, watch};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use super::fault::{Fault, Unanswered};
use super::keeper::Keeper;
use super::server::Server;

/// A connection to the server for as long as it is needed.
pub(super) struct Link {
    state: watch::Receiver<State>,
    closing: Arc<Notify>,
    deadline: Duration,
}

impl Link {
    /// Begins with `live` and replaces it whenever it breaks. `purpose` is for the log.
    pub(super) fn keep(server: Arc<Server>, live: Live, purpose: &'static str) -> Self {
        let (sender, state) = watch::channel(State::Up(live.clone()));
        let closing = Arc::new(Notify::new());
        let deadline = server.deadline();
        let keeper = Keeper {
            server,
            purpose,
            state: sender,
            closing: Arc::clone(&closing),
        };
        drop(tokio::spawn(keeper.keep(live)));
        Self {
            state,
            closing,
            deadline,
        }
    }

    /// Sends one command.
    pub(super) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Fault> {
        let until = Instant::now() + self.deadline;
        let mut live = self.live(until).await?;
        let answer = command.query_async(&mut live.connection);
        let answer = timeout_at(until, answer).await;
        live.judge(answer)
    }

    /// Runs a script. A server that does not know it, as after a flush, is taught it.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Fault> {
        let until = Instant::now() + self.deadline;
        let mut live = self.live(until).await?;
        let answer = script.invoke_async(&mut live.connection);
        let answer = timeout_at(until, answer).await;
        live.judge(answer)
    }

    /// Lets the connection go and makes no other.
    pub(super) async fn close(&self) {
        self.closing.notify_one();
        let mut state = self.state.clone();
        let is_closed = |state: &State| matches!(state, State::Closed);
        // The other end can only be gone when it has said so before.
        let _closed = state.wait_for(is_closed).await;
    }

    /// How long a call may take.
    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The connection; one that was just lost is waited for.
    async fn live(&self, until: Instant) -> Result<Live, Fault> {
        if let State::Up(live) = &*self.state.borrow() {
            return Ok(live.clone());
        }
        let mut state = self.state.clone();
        let settled = state.wait_for(|state| !matches!(state, State::Mending));
        let Ok(Ok(settled)) = timeout_at(until, settled).await else {
            return Err(Unanswered::TooLate.into());
        };
        match &*settled {
            State::Up(live) => Ok(live.clone()),
            State::Closed => Err(Unanswered::Closed.into()),
            State::Mending | State::Down => Err(Unanswered::Down.into()),
        }
    }
}

/// How the keeper of a connection is doing.
#[derive(Clone)]
pub(super) enum State {
    /// There is a connection.
    Up(Live),
    /// It was just lost, and the first attempt to make another is under way.
    Mending,
    /// At least one attempt has failed.
    Down,
    /// There will be no connection any more.
    Closed,
}

/// One connection, and the news that it is to be replaced.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) connection: MultiplexedConnection,
    pub(super) broken: Arc<Notify>,
}

impl Live {
    fn judge<T>(&self, answer: Result<Result<T, RedisError>, Elapsed>) -> Result<T, Fault> {
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if is_about_the_connection(&error) {
                    self.broken.notify_one();
                }
                Err(error.into())
            }
            Err(_) => {
                self.broken.notify_one();
                Err(Unanswered::TooLate.into())
            }
        }
    }
}

/// Whether another connection may fare better. A server that has become a replica is left too: the
/// same address may lead to its successor.
fn is_about_the_connection(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}
