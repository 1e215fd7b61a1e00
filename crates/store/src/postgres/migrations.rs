//! The schema, in numbered steps. The table `signet.schema_steps` has a row for each step that a
//! database has seen.
//!
//! A step is never changed once it has been released; a new one follows it. Everything lives in a
//! schema named `signet`, so that a database may be shared with other programs.

use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};

use super::open_error::PostgresRefusal;
use crate::migration::SchemaSteps;
use crate::missing_database::MissingDatabase;

/// Brings the schema up to date, in one transaction. Replicas that start at the same time wait for
/// each other. Returns whether there was no schema.
pub(super) async fn migrate(
    connection: &mut PgConnection,
    missing: MissingDatabase,
) -> Result<bool, PostgresRefusal> {
    let mut transaction = connection.begin().await?;
    transaction.execute(LOCK).await?;
    let seen = steps_seen(&mut transaction).await?;
    if seen == 0 && missing == MissingDatabase::Refuse {
        return Err(PostgresRefusal::Lost);
    }
    for (number, step) in (1_i32..).zip(STEPS.iter().copied()).skip(seen) {
        transaction.execute(sqlx::raw_sql(step)).await?;
        transaction
            .execute(sqlx::query(NOTE_STEP).bind(number))
            .await?;
    }
    transaction.commit().await?;
    Ok(seen == 0)
}

/// Returns the steps of the schema, and changes nothing.
pub(super) async fn schema_steps(
    connection: &mut PgConnection,
) -> Result<SchemaSteps, PostgresRefusal> {
    let (_, table) = look(connection).await?;
    let applied = if table {
        newest_step(connection).await?
    } else {
        refuse_foreign(connection).await?;
        0
    };
    let known = STEPS.len();
    Ok(SchemaSteps { applied, known })
}

/// Makes the schema itself where it is missing.
async fn steps_seen(transaction: &mut PgConnection) -> Result<usize, PostgresRefusal> {
    let (schema, table) = look(transaction).await?;
    if !table {
        return begin_schema(transaction, schema).await;
    }
    newest_step(transaction).await
}

/// Whether the schema and its table of steps exist.
async fn look(connection: &mut PgConnection) -> Result<(bool, bool), PostgresRefusal> {
    let found = connection.fetch_one(LOOK).await?;
    Ok((found.try_get(0)?, found.try_get(1)?))
}

async fn newest_step(connection: &mut PgConnection) -> Result<usize, PostgresRefusal> {
    let newest: i32 = connection.fetch_one(NEWEST_STEP).await?.try_get(0)?;
    let seen = usize::try_from(newest).unwrap_or_default();
    if seen > STEPS.len() {
        let known = STEPS.len();
        return Err(PostgresRefusal::Newer { found: seen, known });
    }
    Ok(seen)
}

async fn begin_schema(
    transaction: &mut PgConnection,
    exists: bool,
) -> Result<usize, PostgresRefusal> {
    // An empty schema is what an administrator makes who does not let Signet make one.
    if !exists {
        transaction.execute("CREATE SCHEMA signet").await?;
    }
    refuse_foreign(transaction).await?;
    transaction.execute(MAKE_STEPS).await?;
    Ok(0)
}

/// Refuses a schema `signet` that has tables, and no table of steps.
async fn refuse_foreign(connection: &mut PgConnection) -> Result<(), PostgresRefusal> {
    let tables: i64 = connection.fetch_one(COUNT_TABLES).await?.try_get(0)?;
    if tables > 0 {
        return Err(PostgresRefusal::Foreign);
    }
    Ok(())
}

// The key is "signet" in ASCII. The lock goes with the transaction, however that ends. Waiting for
// another replica is no slow statement, so only the deadline of the whole start limits it.
const LOCK: &str = "
    SET LOCAL statement_timeout = 0;
    SELECT pg_advisory_xact_lock(x'7369676e6574'::bigint)";

const LOOK: &str = "
    SELECT to_regnamespace('signet') IS NOT NULL, to_regclass('signet.schema_steps') IS NOT NULL";

const COUNT_TABLES: &str = "
    SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = to_regnamespace('signet')";

const MAKE_STEPS: &str = "
    CREATE TABLE signet.schema_steps (
        step    integer     PRIMARY KEY,
        seen_at timestamptz NOT NULL DEFAULT now()
    )";

const NEWEST_STEP: &str = "SELECT coalesce(max(step), 0) FROM signet.schema_steps";

const NOTE_STEP: &str = "INSERT INTO signet.schema_steps (step) VALUES ($1)";

pub(super) const STEPS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_clients.sql"),
    include_str!("migrations/0003_kept_session.sql"),
    include_str!("migrations/0004_profiles.sql"),
    include_str!("migrations/0005_authenticators.sql"),
    include_str!("migrations/0006_links.sql"),
    include_str!("migrations/0007_outbox.sql"),
    include_str!("migrations/0008_second_factors.sql"),
    include_str!("migrations/0009_invitations.sql"),
    include_str!("migrations/0010_consents.sql"),
    include_str!("migrations/0011_known_devices.sql"),
    include_str!("migrations/0012_audit.sql"),
    include_str!("migrations/0013_issue_from.sql"),
];
