//! PostgreSQL: what must last, for replicas on several hosts.
//!
//! This module must not know any rule: it compares epochs and hashes, and does not know what
//! follows from them.

mod account_row;
mod accounts;
mod address;
mod audit;
mod authenticators;
mod clients;
mod connections;
mod consents;
mod fault;
mod imports;
mod inspection;
mod invitations;
mod known_devices;
mod links;
mod mailed_changes;
mod migrations;
mod moving;
mod open_error;
mod outbox;
mod profiles;
mod reachability;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use signet_core::account::Epoch;
use signet_core::ids::AccountId;
use signet_verifier::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _, query};
use tokio::time::timeout;

use crate::backend::{Backend, BackendHealth};
use crate::clients::ClientRows;
use crate::columns::{epoch_number, millis};
use crate::error::StoreError;
use crate::fault::Unanswered;
use crate::migration::SchemaSteps;
use crate::missing_database::MissingDatabase;
use crate::unreadable_rows::UnreadableRows;
use connections::{Connections, Statement};
use fault::PostgresFault;

pub(crate) use address::{PostgresAddress, is_postgres};
pub use open_error::{PostgresOpenError, PostgresRefusal};

/// One database, opened.
pub(crate) struct Postgres {
    connections: Connections,
    made: bool,
    unreadable_roles: UnreadableRows<AccountId>,
    client_rows: ClientRows,
}

impl Postgres {
    /// Checks that the database can be used, and brings the schema up to date. `missing` says what to
    /// do if there is no schema.
    pub(crate) async fn open(
        address: Box<PostgresAddress>,
        missing: MissingDatabase,
    ) -> Result<Self, PostgresOpenError> {
        let options = address.options;
        let made = before_timeout(&options, prepare(&options, missing)).await?;
        Ok(Self {
            connections: Connections::new(options),
            made,
            unreadable_roles: UnreadableRows::default(),
            client_rows: ClientRows::default(),
        })
    }

    /// Returns the steps of the schema, and changes nothing.
    pub(crate) async fn schema_steps(
        address: PostgresAddress,
    ) -> Result<SchemaSteps, PostgresOpenError> {
        before_timeout(&address.options, schema_steps(&address.options)).await
    }

    /// Applies the missing steps of the schema.
    pub(crate) async fn migrate(
        address: PostgresAddress,
        missing: MissingDatabase,
    ) -> Result<(), PostgresOpenError> {
        let applied = before_timeout(&address.options, prepare(&address.options, missing)).await;
        applied.map(drop)
    }

    /// The rows of one look-up; `store` is the trait that was asked.
    async fn rows(
        &self,
        store: &'static str,
        statement: Statement,
    ) -> Result<Vec<PgRow>, StoreError> {
        let rows = self.connections.rows(statement).await;
        rows.map_err(|fault| fault.in_store(store))
    }

    /// Runs a statement that changes one row or none, and says whether it did.
    async fn changes(&self, store: &'static str, statement: Statement) -> Result<bool, StoreError> {
        match self.connections.affected(statement).await {
            Ok(0) => Ok(false),
            Ok(1) => Ok(true),
            Ok(_) => Err(PostgresFault::Impossible("several rows with one key").in_store(store)),
            Err(fault) => Err(fault.in_store(store)),
        }
    }

    /// Deletes expired rows; `delete` takes the time and the maximum number of rows.
    async fn purge_rows(
        &self,
        store: &'static str,
        delete: &'static str,
        now: Timestamp,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let statement = query(delete)
            .bind(millis(now))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let deleted = self.connections.affected(statement).await;
        let deleted = deleted.map_err(|fault| fault.in_store(store))?;
        Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
    }

    /// Asks for the server's clock and whether it can be written to.
    async fn ask(&self) -> Result<BackendHealth, PostgresFault> {
        let rows = self.connections.rows(query(HEALTH)).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        if row.try_get::<String, _>(0)? == "on" {
            return Err(Unanswered::ReadOnly.into());
        }
        Ok(BackendHealth {
            clock: clock_of(row)?,
            latest: None,
            unreadable_roles: self.unreadable_roles.count(),
            unreadable_clients: self.client_rows.unreadable.count(),
        })
    }
}

/// Fails with the name of the database, also if `work` takes too long.
async fn before_timeout<T>(
    options: &PgConnectOptions,
    work: impl Future<Output = Result<T, PostgresRefusal>>,
) -> Result<T, PostgresOpenError> {
    let too_slow = PostgresRefusal::TooSlow {
        seconds: START_TIMEOUT.as_secs(),
    };
    let done = timeout(START_TIMEOUT, work).await;
    done.unwrap_or(Err(too_slow))
        .map_err(|cause| PostgresOpenError::Database {
            database: address::name_of(options),
            cause,
        })
}

async fn schema_steps(options: &PgConnectOptions) -> Result<SchemaSteps, PostgresRefusal> {
    let mut connection = PgConnection::connect_with(options).await?;
    let steps = migrations::schema_steps(&mut connection).await?;
    connection.close().await?;
    Ok(steps)
}

async fn prepare(
    options: &PgConnectOptions,
    missing: MissingDatabase,
) -> Result<bool, PostgresRefusal> {
    let mut connection = connect(options).await?;
    let made = migrations::migrate(&mut connection, missing).await?;
    connection.close().await?;
    Ok(made)
}

/// Connects, and refuses a database that cannot hold what is stored.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, PostgresRefusal> {
    let mut connection = PgConnection::connect_with(options).await?;
    let settings = connection.fetch_one(SETTINGS).await?;
    let encoding: String = settings.try_get(0)?;
    if encoding != "UTF8" {
        return Err(PostgresRefusal::Encoding { found: encoding });
    }
    if settings.try_get::<String, _>(1)? == "off" {
        return Err(PostgresRefusal::Forgetful);
    }
    Ok(connection)
}

/// The time in a row of [`HEALTH`].
fn clock_of(row: &PgRow) -> sqlx::Result<Option<Timestamp>> {
    let millis = u64::try_from(row.try_get::<i64, _>(1)?).ok();
    Ok(millis.map(Timestamp::from_millis))
}

#[async_trait]
impl Backend for Postgres {
    fn name(&self) -> &'static str {
        "database"
    }

    fn was_made(&self) -> bool {
        self.made
    }

    async fn check(&self) -> Result<BackendHealth, StoreError> {
        self.read_unreadable_clients_again().await;
        let asked = self.ask().await;
        asked.map_err(|fault| fault.in_store(self.name()))
    }

    async fn check_reads(&self) -> Result<(), StoreError> {
        self.rows(self.name(), query(HEALTH)).await.map(drop)
    }

    fn newly_unreadable_roles(&self) -> Vec<AccountId> {
        self.unreadable_roles.take_new()
    }

    fn newly_unreadable_clients(&self) -> Vec<String> {
        self.client_rows.unreadable.take_new()
    }

    async fn end_everything(&self, now: Timestamp) -> Result<(), StoreError> {
        let next = Epoch::default().after_ending(now);
        let last = epoch_number(Epoch::END).saturating_sub(1);
        let raise = query(RAISE_EPOCHS).bind(epoch_number(next)).bind(last);
        let forget = FORGET.into_iter().map(query);
        for statement in std::iter::once(raise).chain(forget) {
            let done = self.connections.affected(statement).await;
            done.map_err(|fault| fault.in_store(self.name()))?;
        }
        Ok(())
    }

    async fn close(&self) -> Result<(), StoreError> {
        let closed = self.connections.close().await;
        closed.map_err(|fault| fault.in_store(self.name()))
    }
}

/// How long the start waits for the server, with another replica's migration in front of it.
const START_TIMEOUT: Duration = Duration::from_secs(30);

const SETTINGS: &str = "
    SELECT current_setting('server_encoding'), current_setting('synchronous_commit')";

const RAISE_EPOCHS: &str = "
    UPDATE signet.accounts
    SET epoch = least(greatest(epoch + 1, $1), $2), kept_session = NULL, kept_since = NULL";

/// Links and invitations that were used since the backup must not work again, and waiting mail may
/// have been sent.
const FORGET: [&str; 3] = [
    "DELETE FROM signet.links",
    "DELETE FROM signet.invitations",
    "DELETE FROM signet.outbox",
];

const HEALTH: &str = "
    SELECT current_setting('transaction_read_only'),
           (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
