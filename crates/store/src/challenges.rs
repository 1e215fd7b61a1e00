//! Challenges: short-lived one-time values with a payload, such as a passkey ceremony.

use std::fmt;

use async_trait::async_trait;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// Remembers challenges until they are taken or expire.
///
/// Promises: of all concurrent `take` calls for one challenge, from any process, at most one
/// returns the payload. Of all concurrent `replace` calls with one `previous` payload, at most one
/// returns `true`. Of all attempts on one challenge, each returns a number of its own, from 1
/// upwards without a gap. A challenge of one purpose does not exist for another purpose. After its
/// `until` a challenge is gone. A store that loses its memory loses challenges, and returns none
/// twice.
#[async_trait]
pub trait Challenges: Send + Sync {
    /// Stores a challenge at `now`. A challenge with the same purpose and id is replaced.
    async fn put(&self, challenge: &Challenge, now: Timestamp) -> Result<(), StoreError>;

    /// Stores a challenge at `now` in the place of one whose payload is `previous`; `None` stands
    /// for one that is unknown, taken or expired. Returns `false` and changes nothing if there is
    /// another payload. Attempts are counted on.
    async fn replace(
        &self,
        challenge: &Challenge,
        previous: Option<&ChallengePayload>,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Removes a challenge and returns its payload; `None` when it is unknown, taken or expired.
    async fn take(
        &self,
        purpose: OneTimePurpose,
        id: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<ChallengePayload>, StoreError>;

    /// Counts one more attempt and leaves the challenge in place; `None` when it is unknown, taken
    /// or expired. The caller compares the number with its limit.
    async fn attempt(
        &self,
        purpose: OneTimePurpose,
        id: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Attempt>, StoreError>;

    /// Removes challenges that have expired at `now`, at most `limit`; returns how many.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// A challenge to store.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// What it is for.
    pub purpose: OneTimePurpose,
    /// The digest of the token that its holder shows.
    pub id: OneTimeDigest,
    /// What is returned to the one that takes it.
    pub payload: ChallengePayload,
    /// When it expires.
    pub until: Timestamp,
}

/// One attempt on a challenge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Which attempt it is, from 1 upwards.
    pub number: u64,
    /// The payload of the challenge.
    pub payload: ChallengePayload,
}

/// The payload of a challenge: at most 8 KiB, silent in logs.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ChallengePayload(Vec<u8>);

/// The longest payload of a challenge, in bytes. It bounds what a stranger can make a store keep.
pub const MAX_CHALLENGE_PAYLOAD_BYTES: usize = 8_192;

impl ChallengePayload {
    /// The bytes of the payload.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<Vec<u8>> for ChallengePayload {
    type Error = PayloadTooLong;

    fn try_from(bytes: Vec<u8>) -> Result<Self, PayloadTooLong> {
        if bytes.len() <= MAX_CHALLENGE_PAYLOAD_BYTES {
            Ok(Self(bytes))
        } else {
            Err(PayloadTooLong)
        }
    }
}

impl fmt::Debug for ChallengePayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChallengePayload(..)")
    }
}

/// A payload of more than 8,192 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the payload of a challenge has more than 8,192 bytes")]
pub struct PayloadTooLong;
