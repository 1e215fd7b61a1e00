//! The stores of a server under test: the three ways in which Signet is run, and the database
//! servers that each of them needs.

use std::sync::Arc;

use signet_test_servers::{Postgres, Redis};

use crate::folder::Folder;
use crate::server::Server;

/// The stores of an issuer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoreChoice {
    /// Everything in one SQLite file.
    Sqlite,
    /// Accounts in SQLite, sessions in Redis.
    Redis,
    /// Accounts in PostgreSQL, sessions in Redis.
    Postgres,
}

impl StoreChoice {
    /// Starts an issuer with fresh stores and default settings, without rate limits.
    pub fn serve(self) -> Server {
        self.serve_with(&[])
    }

    /// Starts an issuer with fresh stores and these environment variables.
    pub fn serve_with(self, settings: &[(&str, &str)]) -> Server {
        let servers = Arc::new(self.start());
        Server::on(servers, Arc::new(Folder::with_keys()), settings)
    }

    /// Starts the servers that these stores need.
    pub fn start(self) -> StoreServers {
        StoreServers {
            redis: (self != Self::Sqlite).then(Redis::start),
            postgres: (self == Self::Postgres).then(Postgres::start),
        }
    }
}

/// The database servers of an issuer. They stop when the value is dropped.
#[derive(Debug, Default)]
pub struct StoreServers {
    redis: Option<Redis>,
    postgres: Option<Postgres>,
}

impl StoreServers {
    /// Returns the environment variables that select these servers.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let redis = self.redis.as_ref().map(Redis::url);
        let postgres = self.postgres.as_ref().map(Postgres::url);
        let named = [
            redis.map(|url| ("SIGNET_REDIS_URL", url)),
            postgres.map(|url| ("SIGNET_DATABASE_URL", url)),
        ];
        named.into_iter().flatten().collect()
    }
}

/// Runs each of the named functions on each of the [`StoreChoice`], as a test that says which:
/// `on_redis::MODULE::CASE`. A case is `async fn(StoreChoice)` in a module beside.
#[macro_export]
macro_rules! on_every_store {
    ($($module:ident { $($case:ident)+ })+) => {
        $crate::on_one_store! { on_sqlite Sqlite $($module { $($case)+ })+ }
        $crate::on_one_store! { on_redis Redis $($module { $($case)+ })+ }
        $crate::on_one_store! { on_postgres Postgres $($module { $($case)+ })+ }
    };
}

/// The same for cases that no store decides, on SQLite alone: `on_sqlite_alone::MODULE::CASE`.
#[macro_export]
macro_rules! on_sqlite_alone {
    ($($module:ident { $($case:ident)+ })+) => {
        $crate::on_one_store! { on_sqlite_alone Sqlite $($module { $($case)+ })+ }
    };
}

/// The part of [`on_every_store`] that is one of the stores.
#[doc(hidden)]
#[macro_export]
macro_rules! on_one_store {
    ($name:ident $stores:ident $($module:ident { $($case:ident)+ })+) => {
        mod $name {
            $(mod $module {
                $(#[tokio::test]
                async fn $case() {
                    super::super::$module::$case($crate::StoreChoice::$stores).await;
                })+
            })+
        }
    };
}
