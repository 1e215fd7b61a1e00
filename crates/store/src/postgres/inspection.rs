//! A look at the database that changes nothing.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, Executor as _, Row as _};

use super::migrations::schema_steps;
use super::{
    HEALTH, Postgres, PostgresAddress, PostgresOpenError, PostgresRefusal, before_timeout,
    clock_of, connect,
};
use crate::inspection::{Inspection, ServerVersion};
use crate::migration::SchemaSteps;
use crate::missing_database::MissingDatabase;

impl Postgres {
    /// Asks for the settings of the server, its clock and the schema.
    pub(crate) async fn inspect(
        address: Box<PostgresAddress>,
        missing: MissingDatabase,
    ) -> Result<Inspection, PostgresOpenError> {
        let (name, options) = (address.name(), &address.options);
        let asked = before_timeout(options, ask(options, name)).await?;
        let applied = asked.schema.map_or(0, |schema: SchemaSteps| schema.applied);
        if applied == 0 && missing == MissingDatabase::Refuse {
            return Err(PostgresOpenError::Database {
                database: asked.name,
                cause: PostgresRefusal::Lost,
            });
        }
        Ok(asked)
    }
}

async fn ask(options: &PgConnectOptions, name: String) -> Result<Inspection, PostgresRefusal> {
    let mut connection = connect(options).await?;
    let schema = schema_steps(&mut connection).await?;
    let clock = clock_of(&connection.fetch_one(HEALTH).await?)?;
    let version: String = connection.fetch_one(VERSION).await?.try_get(0)?;
    connection.close().await?;
    Ok(Inspection {
        name,
        clock,
        latest: None,
        schema: Some(schema),
        version: Some(ServerVersion {
            // Distributions add words to it.
            found: version.split(' ').next().unwrap_or_default().to_owned(),
            oldest: OLDEST_VERSION,
        }),
    })
}

const VERSION: &str = "SELECT current_setting('server_version')";

/// The version that the tests run. docs/stores.md names it too.
const OLDEST_VERSION: u32 = 15;
