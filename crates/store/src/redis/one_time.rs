//! Values that are used once, in Redis: one key each, gone when its time is over.

use async_trait::async_trait;
use redis::Cmd;
use signet_verifier::Timestamp;

use super::Redis;
use super::fault::RedisFault;
use crate::error::StoreError;
use crate::one_time::{Claimed, OneTimeValues};

#[async_trait]
impl OneTimeValues for Redis {
    async fn claim(
        &self,
        value: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let claimed = self.set_once(value, until, now).await;
        claimed.map_err(|fault| fault.in_store(STORE))
    }

    /// Redis drops what is past its time by itself.
    async fn purge(&self, _now: Timestamp, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

impl Redis {
    /// On the connection for endings, because a claim that a fail-over forgets is no claim.
    async fn set_once(
        &self,
        value: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Claimed, RedisFault> {
        let lives_ms = until.saturating_since(now).as_millis().max(1);
        let mut command = Cmd::set(self.layout.one_time_value(value), 1);
        command
            .arg("NX")
            .arg("PX")
            .arg(u64::try_from(lives_ms).unwrap_or(u64::MAX));
        let answer: Option<String> = self.write_surely(command).await?;
        Ok(match answer {
            Some(_) => Claimed::First,
            None => Claimed::Again,
        })
    }
}

const STORE: &str = "one-time values";
