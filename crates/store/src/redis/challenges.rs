//! Challenges in Redis: one hash each, gone when its time is over.

use async_trait::async_trait;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_verifier::Timestamp;

use super::Redis;
use super::fault::RedisFault;
use crate::challenges::{Attempt, Challenge, ChallengePayload, Challenges};
use crate::error::StoreError;

#[async_trait]
impl Challenges for Redis {
    async fn put(&self, challenge: &Challenge, now: Timestamp) -> Result<(), StoreError> {
        let lives_ms = challenge.until.saturating_since(now).as_millis().max(1);
        let mut script = self.scripts.put_challenge.prepare_invoke();
        script
            .key(self.layout.challenge(challenge.purpose, challenge.id))
            .arg(challenge.payload.as_bytes())
            .arg(challenge.until.as_millis())
            .arg(u64::try_from(lives_ms).unwrap_or(u64::MAX));
        let stored = self.hot.run::<()>(&script).await;
        stored.map_err(|fault| fault.in_store(STORE))
    }

    /// On the connection for endings, for the reason that `take` has.
    async fn replace(
        &self,
        challenge: &Challenge,
        previous: Option<&ChallengePayload>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let lives_ms = challenge.until.saturating_since(now).as_millis().max(1);
        let mut script = self.scripts.replace_challenge.prepare_invoke();
        script
            .key(self.layout.challenge(challenge.purpose, challenge.id))
            .arg(challenge.payload.as_bytes())
            .arg(challenge.until.as_millis())
            .arg(u64::try_from(lives_ms).unwrap_or(u64::MAX))
            .arg(now.as_millis());
        if let Some(previous) = previous {
            script.arg(previous.as_bytes());
        }
        let partition = self.layout.of_challenge(challenge.id);
        let replaced = self.end_surely::<bool>(script.in_full(), partition).await;
        replaced.map_err(|fault| fault.in_store(STORE))
    }

    /// On the connection for endings, because a fail-over that forgets it would let the challenge
    /// be taken twice.
    async fn take(
        &self,
        purpose: OneTimePurpose,
        id: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<ChallengePayload>, StoreError> {
        let mut script = self.scripts.take_challenge.prepare_invoke();
        script.key(self.layout.challenge(purpose, id));
        let partition = self.layout.of_challenge(id);
        let taken = self.end_surely::<Option<Found>>(script.in_full(), partition);
        let taken = taken.await;
        let taken = taken.map_err(|fault| fault.in_store(STORE))?;
        let taken = read(taken, now).map_err(|fault| fault.in_store(STORE))?;
        Ok(taken.map(|attempt| attempt.payload))
    }

    async fn attempt(
        &self,
        purpose: OneTimePurpose,
        id: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Attempt>, StoreError> {
        let mut script = self.scripts.attempt_challenge.prepare_invoke();
        script.key(self.layout.challenge(purpose, id));
        let found = self.hot.run::<Option<Found>>(&script).await;
        let found = found.map_err(|fault| fault.in_store(STORE))?;
        read(found, now).map_err(|fault| fault.in_store(STORE))
    }

    /// Redis removes what has expired by itself.
    async fn purge(&self, _now: Timestamp, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

/// The number of attempts, until when the challenge exists, and its payload.
type Found = (u64, u64, Vec<u8>);

/// The challenge, if it has not expired by our own clock.
fn read(found: Option<Found>, now: Timestamp) -> Result<Option<Attempt>, RedisFault> {
    let Some((number, until, payload)) = found else {
        return Ok(None);
    };
    let payload = ChallengePayload::try_from(payload)
        .map_err(|_| RedisFault::Impossible("a payload that is too long"))?;
    let attempt = Attempt { number, payload };
    Ok((Timestamp::from_millis(until) > now).then_some(attempt))
}

const STORE: &str = "challenges";
