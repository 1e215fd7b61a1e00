//! Why the stores could not be opened.

use crate::migration::SchemaSteps;
use crate::postgres::PostgresOpenError;
use crate::redis::RedisOpenError;
use crate::sqlite::SqliteOpenError;

/// Why the stores could not be opened: the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Redis cannot be used.
    #[error("redis_url: {0}")]
    Redis(#[from] RedisOpenError),
    /// The SQLite file cannot be used.
    #[error("database_url: {0}")]
    Sqlite(#[from] SqliteOpenError),
    /// The PostgreSQL database cannot be used.
    #[error("database_url: {0}")]
    Postgres(#[from] PostgresOpenError),
    /// PostgreSQL keeps what lasts; the sessions that replicas share are in Redis.
    #[error("database_url: {NEEDS_REDIS}")]
    NeedsRedis,
    /// Steps of the schema are missing, and opening must not apply them.
    #[error("database_url: {}", missing_steps(*.0))]
    Pending(SchemaSteps),
}

impl OpenError {
    /// The setting to change.
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Redis(_) => "redis_url",
            Self::Sqlite(_) | Self::Postgres(_) | Self::NeedsRedis | Self::Pending(_) => {
                "database_url"
            }
        }
    }

    /// Returns whether the store cannot be reached now, and may be reached later with the same
    /// configuration.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Redis(error) => matches!(error, RedisOpenError::Unreachable { .. }),
            Self::Postgres(error) => error.is_outage(),
            Self::Sqlite(_) | Self::NeedsRedis | Self::Pending(_) => false,
        }
    }

    /// What is wrong and what to do, without the name of the setting.
    pub fn reason(&self) -> String {
        match self {
            Self::Redis(error) => error.to_string(),
            Self::Sqlite(error) => error.to_string(),
            Self::Postgres(error) => error.to_string(),
            Self::NeedsRedis => NEEDS_REDIS.to_owned(),
            Self::Pending(steps) => missing_steps(*steps),
        }
    }
}

fn missing_steps(SchemaSteps { applied, known }: SchemaSteps) -> String {
    format!(
        "the database has schema {applied} and this version of Signet needs {known}; run \
         `signet migrate --apply`, or set migrate to auto"
    )
}

const NEEDS_REDIS: &str = "PostgreSQL needs Redis, where replicas share their sessions; \
                           set redis_url too, or leave database_url out";
