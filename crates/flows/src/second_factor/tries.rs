//! How many codes an account may be tried with, counted where all replicas see it.
//!
//! A code has six digits, so the tries of one token are not enough: a thief of the password can
//! begin many sign-ins. Strangers cannot use up the tries, because a code is checked only after a
//! password or with an access token. Recovery codes cannot be guessed and are not counted.

use std::time::Duration;

use signet_core::ids::AccountId;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_store::{Challenge, ChallengePayload, Claimed, StoreError};
use signet_verifier::Timestamp;

use super::FactorError;
use crate::flows::Flows;

/// How many codes are checked for one account in each window of [`TRIES_WINDOW`], unless one is
/// right. An attacker who guesses all day finds a code with a chance of one in 700.
pub(crate) const MAX_CODE_TRIES: u64 = 10;

/// How long wrong codes count at most.
pub(crate) const TRIES_WINDOW: Duration = Duration::from_mins(30);

/// How often a request looks for the counter that a concurrent one is opening.
const LOOKS_FOR_COUNTER: usize = 10;

impl Flows {
    /// Counts one try, before its code is checked.
    pub(crate) async fn count_try_of_account(
        &self,
        account_id: AccountId,
    ) -> Result<(), FactorError> {
        let now = self.clock.now();
        let counter = Counter::of(account_id, now);
        let claims = &self.stores.one_time_values;
        for _ in 0..LOOKS_FOR_COUNTER {
            if let Some(verdict) = self.try_number(counter, now).await? {
                return verdict;
            }
            // Of concurrent first tries, one opens the counter: opening it twice would reset it.
            let claimed = claims.claim(&counter.0, Counter::until(now), now).await?;
            if claimed == Claimed::First {
                self.open_counter(counter, now).await?;
            }
        }
        // The request that claimed the counter has ended without opening it.
        self.open_counter(counter, now).await?;
        let verdict = self.try_number(counter, now).await?;
        verdict.unwrap_or(Err(FactorError::Contended))
    }

    /// Counts one try and compares it with the limit; `None` if the counter is not open.
    async fn try_number(
        &self,
        counter: Counter,
        now: Timestamp,
    ) -> Result<Option<Result<(), FactorError>>, StoreError> {
        let challenges = &self.stores.challenges;
        let attempt = challenges.attempt(COUNTING, counter.id(), now).await?;
        Ok(attempt.map(|attempt| {
            if attempt.number <= MAX_CODE_TRIES {
                return Ok(());
            }
            Err(FactorError::TooManyTries {
                retry_after: Counter::until(now).saturating_since(now),
            })
        }))
    }

    /// Begins to count anew, after a right code.
    pub(crate) async fn forget_tries_of_account(
        &self,
        account_id: AccountId,
    ) -> Result<(), FactorError> {
        let now = self.clock.now();
        let counter = Counter::of(account_id, now);
        Ok(self.open_counter(counter, now).await?)
    }

    async fn open_counter(&self, counter: Counter, now: Timestamp) -> Result<(), StoreError> {
        let challenge = Challenge {
            purpose: COUNTING,
            id: counter.id(),
            payload: ChallengePayload::default(),
            until: Counter::until(now),
        };
        self.stores.challenges.put(&challenge, now).await
    }
}

/// The counter of one account in one window.
#[derive(Clone, Copy)]
struct Counter([u8; 32]);

impl Counter {
    fn of(account_id: AccountId, now: Timestamp) -> Self {
        let window = now.as_seconds() / TRIES_WINDOW.as_secs();
        let parts = [
            account_id.as_bytes().as_slice(),
            &window.to_be_bytes(),
            LABEL,
        ];
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(parts.concat()) {
            *to = from;
        }
        Self(bytes)
    }

    fn id(self) -> OneTimeDigest {
        OneTimeDigest::from_bytes(self.0)
    }

    /// The end of the window.
    fn until(now: Timestamp) -> Timestamp {
        let window = TRIES_WINDOW.as_secs();
        let begun = now.as_seconds() / window * window;
        Timestamp::from_seconds(begun.saturating_add(window))
    }
}

const COUNTING: OneTimePurpose = OneTimePurpose::SecondFactorTries;

/// Tells a counter from the hashes that other uses of one-time values claim.
const LABEL: &[u8; 8] = b"mfatries";
