//! Where an issuer of the tests keeps things: the three ways in which Signet is run, and the
//! servers that each of them needs.

use std::sync::Arc;

use signet_test_servers::{Postgres, Redis};

use crate::folder::Folder;
use crate::server::Server;

/// Which stores an issuer has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stores {
    /// Everything in one SQLite file.
    Sqlite,
    /// Accounts in SQLite, sessions in Redis.
    Redis,
    /// Accounts in PostgreSQL, sessions in Redis.
    Postgres,
}

impl Stores {
    /// An issuer with fresh stores and default settings, without the shield against too many
    /// requests.
    pub fn serve(self) -> Server {
        self.serve_with(&[])
    }

    /// The same with these environment variables besides.
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

/// Servers that issuers keep things in; they end with the value.
#[derive(Debug, Default)]
pub struct StoreServers {
    redis: Option<Redis>,
    postgres: Option<Postgres>,
}

impl StoreServers {
    /// The environment variables that lead there.
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

/// Runs each of the named functions on each of the [`Stores`], as a test that says which:
/// `on_redis::MODULE::CASE`. A case is `async fn(Stores)` in a module beside.
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
                    super::super::$module::$case($crate::Stores::$stores).await;
                })+
            })+
        }
    };
}
