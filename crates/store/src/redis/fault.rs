//! The errors of the Redis driver.

use std::error::Error;

use redis::RedisError;

use crate::fault::{DriverError, Fault};

/// Why an operation has no result.
pub(super) type RedisFault = Fault<RedisError>;

impl DriverError for RedisError {
    fn damage(&self) -> Option<&'static str> {
        None
    }

    fn into_cause(self) -> Box<dyn Error + Send + Sync> {
        Box::new(self)
    }
}

impl From<RedisError> for RedisFault {
    fn from(error: RedisError) -> Self {
        Self::Driver(error)
    }
}
