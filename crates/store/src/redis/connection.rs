//! A connection that is shared by all callers and replaced in the background when it breaks.
//!
//! A caller gets an answer or an error within the deadline. If the connection breaks or an answer
//! is late, a new connection is made; until there is one, callers get an error at once. The
//! connection manager of the redis crate is not used: it notices a lost connection only when a
//! command fails, and it makes callers wait for its retries. This module must not know what is
//! asked.

use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, ServerErrorKind};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

use super::fault::RedisFault;
use super::live::{Live, State};
use super::reconnector::Reconnector;
use super::scripts::Invocation;
use super::server::RedisServer;
use super::wire::{Master, Wire};
use crate::fault::Unanswered;
use crate::measure::CallTimes;

/// A connection to the server for as long as it is needed.
pub(super) struct Connection {
    state: watch::Receiver<State>,
    closing: Arc<Notify>,
    deadline: Duration,
    commands: CallTimes,
    scripts: CallTimes,
}

impl Connection {
    /// Begins with `live` and replaces it whenever it breaks. `purpose` is for the log.
    pub(super) fn keep(server: Arc<RedisServer>, live: Live, purpose: &'static str) -> Self {
        let (sender, state) = watch::channel(State::Up(live.clone()));
        let closing = Arc::new(Notify::new());
        let deadline = server.deadline();
        let reconnector = Reconnector {
            server,
            purpose,
            state: sender,
            closing: Arc::clone(&closing),
        };
        drop(tokio::spawn(reconnector.keep(live)));
        Self {
            state,
            closing,
            deadline,
            commands: CallTimes::of("redis", "command"),
            scripts: CallTimes::of("redis", "script"),
        }
    }

    /// Sends one command.
    pub(super) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisFault> {
        let sent = async {
            let until = Instant::now() + self.deadline;
            let mut live = self.live(until).await?;
            let answer = command.query_async(&mut live.wire);
            let answer = timeout_at(until, answer).await;
            live.judge(answer)
        };
        self.commands.record(sent).await
    }

    /// Runs a script. A server that does not know it, as after a flush, is taught it.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Invocation<'_>,
    ) -> Result<T, RedisFault> {
        let sent = async {
            let until = Instant::now() + self.deadline;
            let mut live = self.live(until).await?;
            let answer = invoke(script, &mut live.wire);
            let answer = timeout_at(until, answer).await;
            live.judge(answer)
        };
        self.scripts.record(sent).await
    }

    /// Sends several commands, one behind the other to the same server. In a Cluster their keys are
    /// in one hash slot.
    pub(super) async fn run_all<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, RedisFault> {
        let sent = async {
            let until = Instant::now() + self.deadline;
            let mut live = self.live(until).await?;
            let answer = commands.query_async(&mut live.wire);
            let answer = timeout_at(until, answer).await;
            live.judge(answer)
        };
        self.commands.record(sent).await
    }

    /// What each server that takes writes answers to a command.
    pub(super) async fn ask_masters<T: FromRedisValue>(
        &self,
        command: &Cmd,
    ) -> Result<Vec<T>, RedisFault> {
        let until = Instant::now() + self.deadline;
        let mut live = self.live(until).await?;
        let answer = timeout_at(until, live.wire.ask_masters(command)).await;
        let answers = live.judge(answer)?.into_iter().map(redis::from_redis_value);
        let answers: Result<Vec<T>, _> = answers.collect();
        Ok(answers.map_err(RedisError::from)?)
    }

    /// Every server that takes writes. Fails if one of them is not connected.
    pub(super) async fn masters(&self) -> Result<Vec<Master>, RedisFault> {
        let until = Instant::now() + self.deadline;
        let mut live = self.live(until).await?;
        let masters = timeout_at(until, live.wire.masters()).await;
        live.judge(masters)
    }

    /// What one of these answers to a command without a key.
    pub(super) async fn ask_master<T: FromRedisValue>(
        &self,
        master: &Master,
        command: &Cmd,
    ) -> Result<T, RedisFault> {
        let until = Instant::now() + self.deadline;
        let mut live = self.live(until).await?;
        let answer = timeout_at(until, live.wire.ask_master(master, command)).await;
        let answer = live.judge(answer)?.extract_error()?;
        Ok(redis::from_redis_value(answer).map_err(RedisError::from)?)
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
    async fn live(&self, until: Instant) -> Result<Live, RedisFault> {
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

async fn invoke<T: FromRedisValue>(
    script: &Invocation<'_>,
    wire: &mut Wire,
) -> Result<T, RedisError> {
    let answer = script.by_hash().query_async(wire).await;
    match answer {
        Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
            script.in_full().query_async(wire).await
        }
        answer => answer,
    }
}
