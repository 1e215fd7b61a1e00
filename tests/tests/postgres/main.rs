//! Accounts in PostgreSQL and sessions in Redis: replicas that are one, and what people notice when
//! a store hangs, dies or comes back, or a replica is replaced.

#[path = "../accounts/authenticator.rs"]
mod authenticator;
mod faults;
mod moving;
mod older;
mod outages;
mod people;
mod replicas;
mod rolling;
mod soak;
mod upgrade;

use std::sync::Arc;

use signet_test_servers::{Postgres, Redis};
use signet_tests::{Folder, Server};

/// The database, the Redis and the keys folder that replicas share.
struct SharedServers {
    postgres: Postgres,
    redis: Redis,
    folder: Arc<Folder>,
}

impl SharedServers {
    fn start() -> Self {
        Self {
            postgres: Postgres::start(),
            redis: Redis::start(),
            folder: Arc::new(Folder::with_keys()),
        }
    }

    /// Starts one more replica with these environment variables.
    fn replica(&self, settings: &[(&str, &str)]) -> Server {
        let (database_url, redis_url) = (self.postgres.url(), self.redis.url());
        let mut all = vec![
            ("SIGNET_DATABASE_URL", database_url.as_str()),
            ("SIGNET_REDIS_URL", redis_url.as_str()),
        ];
        all.extend_from_slice(settings);
        Server::within(Arc::clone(&self.folder), &all)
    }
}
