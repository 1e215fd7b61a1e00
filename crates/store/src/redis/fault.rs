//! What can go wrong between us and Redis, and what the caller is told of it.

use std::error::Error;

use redis::RedisError;

use crate::error::ImpossibleRow;
use crate::error::StoreError;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum RedisFault {
    /// Redis said no, or the wire broke.
    Redis(RedisError),
    /// The server gave no answer.
    Unanswered(Unanswered),
    /// A value is impossible.
    Impossible(&'static str),
}

/// Why there is no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error("Redis cannot be reached; trying again in the background")]
    Down,
    #[error("Redis did not answer in time")]
    TooLate,
    #[error("the connections to Redis were closed")]
    Closed,
    #[error("not enough replicas acknowledged in time: {acknowledged} of {wanted}")]
    TooFewReplicas { acknowledged: u32, wanted: u32 },
    #[error("there is a session with this id")]
    Taken,
}

impl RedisFault {
    /// The error that the traits answer with; `store` is the trait that was asked.
    pub(super) fn in_store(self, store: &'static str) -> StoreError {
        let cause: Box<dyn Error + Send + Sync> = match self {
            Self::Impossible(what) => return StoreError::Corrupt { store, what },
            Self::Redis(error) => Box::new(error),
            Self::Unanswered(reason) => Box::new(reason),
        };
        StoreError::Unavailable { store, cause }
    }
}

impl From<RedisError> for RedisFault {
    fn from(error: RedisError) -> Self {
        Self::Redis(error)
    }
}

impl From<Unanswered> for RedisFault {
    fn from(reason: Unanswered) -> Self {
        Self::Unanswered(reason)
    }
}

impl From<ImpossibleRow> for RedisFault {
    fn from(ImpossibleRow(what): ImpossibleRow) -> Self {
        Self::Impossible(what)
    }
}
