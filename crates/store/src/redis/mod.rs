//! Redis: sessions and denials, shared by any number of issuers.
//!
//! One connection carries the quick commands. Another one carries endings, because these wait for
//! replicas and delay the commands behind them. Durability depends on the settings of the server; it
//! must not evict keys. This module must not know any rule:
//! it compares versions, epochs and times, and does not know what follows from them.

mod challenges;
mod connection;
mod deny_list;
mod epoch;
mod fault;
mod keys;
mod live;
mod one_time;
mod options;
mod reconnector;
mod record;
mod ring_notes;
mod scripts;
mod server;
mod sessions;
mod shared_limits;
mod start;

use async_trait::async_trait;
use redis::{Cmd, FromRedisValue, ScriptInvocation};
use signet_verifier::Timestamp;

use crate::backend::{Backend, Health};
use crate::error::StoreError;
use crate::fault::Unanswered;
use connection::Connection;
use epoch::Epoch;
use fault::RedisFault;
pub use options::{RedisOpenError, RedisOptions};
use scripts::Scripts;
pub(crate) use server::RedisServer;

/// One Redis, opened.
pub(crate) struct Redis {
    hot: Connection,
    endings: Connection,
    scripts: Scripts,
    epoch: Epoch,
    acknowledgements: u32,
}

impl Redis {
    /// Runs a script that ends something, and waits until enough replicas have it too.
    async fn end_surely<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, RedisFault> {
        let answer = self.endings.run(script).await?;
        self.count_denial(&self.endings).await?;
        self.await_replicas().await?;
        Ok(answer)
    }

    /// Waits until enough replicas have everything that was written on the connection for endings.
    async fn await_replicas(&self) -> Result<(), RedisFault> {
        let wanted = self.acknowledgements;
        if wanted == 0 {
            return Ok(());
        }
        // The server gives up a little before we do, so that its answer still comes.
        let patience = self.endings.deadline() * 4 / 5;
        let mut command = Cmd::new();
        command.arg("WAIT").arg(wanted);
        command.arg(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX));
        let acknowledged: u32 = self.endings.query(&command).await?;
        if acknowledged >= wanted {
            return Ok(());
        }
        Err(Unanswered::TooFewReplicas {
            acknowledged,
            wanted,
        }
        .into())
    }

    /// Writes something small and asks for the time.
    async fn write_and_tell_time(&self) -> Result<Timestamp, RedisFault> {
        let mut write = Cmd::set("signet:check", 1);
        write.arg("PX").arg(CHECK_LIVES_MS);
        self.hot.query::<()>(&write).await?;
        let (seconds, micros): (u64, u64) = self.hot.query(&redis::cmd("TIME")).await?;
        Ok(Timestamp::from_millis(
            seconds.saturating_mul(1_000).saturating_add(micros / 1_000),
        ))
    }
}

#[async_trait]
impl Backend for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    async fn check(&self) -> Result<Health, StoreError> {
        let told = self.write_and_tell_time().await;
        let time = told.map_err(|fault| fault.in_store(self.name()))?;
        Ok(Health { clock: Some(time) })
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.hot.close().await;
        self.endings.close().await;
        Ok(())
    }
}

/// How long the key of a check stays.
const CHECK_LIVES_MS: u64 = 10_000;
