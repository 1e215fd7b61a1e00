//! Redis: sessions and denials, shared by any number of issuers.
//!
//! One connection carries the quick commands. Another one carries endings, because these wait for
//! replicas and delay the commands behind them. Durability depends on the settings of the server; it
//! must not evict keys. This module must not know any rule:
//! it compares versions, epochs and times, and does not know what follows from them.

mod address;
mod challenges;
mod connection;
mod deny_list;
mod epoch;
mod fault;
mod keys;
mod live;
mod moved_key;
mod moving;
mod one_time;
mod options;
mod reconnector;
mod record;
mod ring_notes;
mod scan;
mod scripts;
mod sentinel;
mod server;
mod sessions;
mod shared_limits;
mod start;
mod status_lists;
mod wire;

use async_trait::async_trait;
use redis::{Cmd, FromRedisValue, Pipeline};
use signet_verifier::Timestamp;

use crate::backend::{Backend, BackendHealth};
use crate::error::StoreError;
use crate::fault::Unanswered;
pub(crate) use address::hosts;
use connection::Connection;
use epoch::Epoch;
use fault::RedisFault;
use keys::{Layout, Partition};
pub use options::{RedisOpenError, RedisOptions};
use scripts::Scripts;
pub(crate) use server::RedisServer;

/// One Redis, opened.
pub(crate) struct Redis {
    hot: Connection,
    endings: Connection,
    scripts: Scripts,
    layout: Layout,
    epoch: Epoch,
    acknowledgements: u32,
}

impl Redis {
    /// Runs a command that ends something in `partition`, and waits until enough replicas have it
    /// too. All of it goes to one server on one connection: after a fail-over, another server would
    /// confirm what it does not have.
    async fn end_surely<T: FromRedisValue>(
        &self,
        command: Cmd,
        partition: Partition,
    ) -> Result<T, RedisFault> {
        let mut commands = Pipeline::new();
        let count = self.counting_denial(partition).in_full();
        commands.add_command(command).add_command(count);
        if self.acknowledgements == 0 {
            let (answer, count) = self.endings.run_all(&commands).await?;
            self.epoch.counted(partition, count);
            return Ok(answer);
        }
        commands.add_command(self.wait_command());
        let (answer, count, acknowledged) = self.endings.run_all(&commands).await?;
        self.epoch.counted(partition, count);
        self.require(acknowledged)?;
        Ok(answer)
    }

    /// Runs a command, and waits until enough replicas have it too.
    async fn write_surely<T: FromRedisValue>(&self, command: Cmd) -> Result<T, RedisFault> {
        if self.acknowledgements == 0 {
            return self.endings.query(&command).await;
        }
        let mut commands = Pipeline::new();
        commands
            .add_command(command)
            .add_command(self.wait_command());
        let (answer, acknowledged) = self.endings.run_all(&commands).await?;
        self.require(acknowledged)?;
        Ok(answer)
    }

    /// The server gives up a little before we do, so that its answer still comes.
    fn wait_command(&self) -> Cmd {
        let patience = self.endings.deadline() * 4 / 5;
        let mut command = redis::cmd("WAIT");
        command.arg(self.acknowledgements);
        command.arg(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX));
        command
    }

    fn require(&self, acknowledged: u32) -> Result<(), RedisFault> {
        let wanted = self.acknowledgements;
        if acknowledged >= wanted {
            return Ok(());
        }
        Err(Unanswered::TooFewReplicas {
            acknowledged,
            wanted,
        }
        .into())
    }

    /// Writes something small and asks for the time. Of a Cluster, one server that can do both is
    /// enough.
    async fn write_and_tell_time(&self) -> Result<Timestamp, RedisFault> {
        let mut told = Err(Unanswered::Down.into());
        for partition in self.layout.partitions().take(CHECKED_PARTITIONS) {
            let mut commands = Pipeline::new();
            commands
                .cmd("SET")
                .arg(self.layout.check(partition))
                .arg(1)
                .arg("PX")
                .arg(CHECK_LIVES_MS)
                .ignore();
            commands.cmd("TIME");
            told = self.hot.run_all::<((u64, u64),)>(&commands).await;
            if told.is_ok() {
                break;
            }
        }
        let (time,) = told?;
        Ok(timestamp(time))
    }
}

/// The time that `TIME` tells: seconds, and the microseconds after them.
fn timestamp((seconds, micros): (u64, u64)) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1_000).saturating_add(micros / 1_000))
}

#[async_trait]
impl Backend for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    async fn check(&self) -> Result<BackendHealth, StoreError> {
        let told = self.write_and_tell_time().await;
        let time = told.map_err(|fault| fault.in_store(self.name()))?;
        Ok(BackendHealth {
            clock: Some(time),
            latest: None,
            unreadable_roles: 0,
            unreadable_clients: 0,
        })
    }

    async fn end_everything(&self, now: Timestamp) -> Result<(), StoreError> {
        let refused = self.refuse_all(now).await;
        refused.map_err(|fault| fault.in_store(self.name()))
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.hot.close().await;
        self.endings.close().await;
        Ok(())
    }
}

/// How long the key of a check stays.
const CHECK_LIVES_MS: u64 = 10_000;

/// How many partitions of a Cluster are tried: they are spread over all servers by their hashes.
const CHECKED_PARTITIONS: usize = 4;
