//! One connection to the server, and what is known about it.
//!
//! This module must not know who replaces it.

use std::sync::Arc;

use redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::sync::Notify;
use tokio::time::error::Elapsed;

use super::fault::RedisFault;
use super::sentinel::NamedMaster;
use super::wire::Wire;
use crate::fault::Unanswered;

/// The state of a connection that is replaced whenever it breaks.
#[derive(Clone)]
pub(super) enum State {
    /// There is a connection.
    Up(Live),
    /// It was just lost, and the first attempt to make another is under way.
    Mending,
    /// At least one attempt has failed.
    Down,
    /// There will be no connection any more.
    Closed,
}

/// One connection, and the news that it is to be replaced.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) wire: Wire,
    pub(super) broken: Arc<Notify>,
    /// The server, if Sentinels have named it.
    pub(super) master: Option<NamedMaster>,
}

impl Live {
    /// The answer, or why there is none. A broken connection is reported for replacement.
    pub(super) fn judge<T>(
        &self,
        answer: Result<Result<T, RedisError>, Elapsed>,
    ) -> Result<T, RedisFault> {
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if is_about_the_connection(&error) {
                    self.broken.notify_one();
                }
                Err(error.into())
            }
            Err(_) => {
                self.broken.notify_one();
                Err(Unanswered::TooLate.into())
            }
        }
    }
}

/// Whether another connection may fare better. A server that has become a replica is left too: the
/// same address may lead to its successor.
fn is_about_the_connection(error: &RedisError) -> bool {
    error.is_unrecoverable_error()
        || error.is_timeout()
        || matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::ClusterDown)
        )
}
