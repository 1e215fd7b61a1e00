//! Databases that earlier versions of Signet have filled, and that they still read.

use signet_core::account::{AccountStatus, Epoch};
use signet_test_servers::Postgres as Server;
use signet_verifier::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};

use super::{account_id, credentials, open, sql};
use crate::accounts::Accounts;
use crate::missing_database::MissingDatabase;
use crate::postgres::migrations::STEPS;
use crate::postgres::{Postgres, PostgresAddress};

/// The schema of the earlier release.
const SCHEMA: &str = include_str!("earlier/schema.sql");

/// The statements of the earlier release.
const STATEMENTS: &str = include_str!("earlier/statements.sql");

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$\
                    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA";

/// Registers an account as the earlier version did.
fn register(number: u32, verified: bool, status: i16) -> String {
    let id = account_id(number);
    format!(
        "INSERT INTO signet.accounts (id, email, email_key, email_verified, name, roles, status,
                                      epoch, password_hash, created_at)
         VALUES ('{id}', 'Old{number}@example.com', 'old{number}@example.com', {verified}, NULL,
                 ARRAY['admin'], {status}, {number}, '{HASH}', 1700000000000)
         ON CONFLICT (email_key) DO NOTHING;"
    )
}

/// A database as the earlier version left it, with three accounts.
async fn filled() -> Server {
    let server = Server::start();
    let mut script = vec![SCHEMA.to_owned()];
    for (number, verified, status) in [(1, false, 0), (2, true, 0), (3, false, 1)] {
        script.push(register(number, verified, status));
    }
    let script = script.concat();
    sql(&server, &script).await;
    server
}

#[tokio::test]
async fn accounts_of_an_earlier_version_are_found_whole() {
    let server = filled().await;
    let store = open(&server).await;
    for number in 1..=3 {
        let found = store.by_id(account_id(number)).await.unwrap().unwrap();
        let account = found.account;
        let created = Timestamp::from_millis(1_700_000_000_000);
        assert_eq!(account.email_verified_at, (number == 2).then_some(created));
        assert!(account.claims.is_empty());
        assert_eq!(account.issue_from, Timestamp::default());
        assert_eq!(account.version, 0);
        assert_eq!(account.standing.epoch, Epoch::from_number(number));
        let disabled = account.standing.status == AccountStatus::Disabled;
        assert_eq!(disabled, number == 3);
        assert_eq!(found.password_hash.unwrap().as_str(), HASH);
    }
}

#[tokio::test]
async fn an_earlier_version_beside_this_one_goes_on_reading_and_writing() {
    let server = filled().await;
    let store = open(&server).await;
    let mut invited = credentials(7);
    invited.password_hash = None;
    store.create(&invited).await.unwrap();
    sql(&server, &register(9, true, 0)).await;
    let found = store.by_id(account_id(9)).await.unwrap().unwrap();
    assert_eq!(found.account.version, 0);
    let earlier = "SELECT id, email, email_verified, name, roles, status, epoch, password_hash,
                          created_at, kept_session, kept_since
                   FROM signet.accounts WHERE email_key = 'ada7@example.com'";
    let row = &sql(&server, earlier).await[0];
    let hash: String = row.get(7);
    assert!(hash.parse::<signet_core::password::PasswordHash>().is_ok());
}

#[tokio::test]
async fn every_statement_of_the_earlier_release_works_beside_this_one() {
    let server = filled().await;
    let _store = open(&server).await;
    let mut earlier = PgConnection::connect(&server.url()).await.unwrap();
    let statements = STATEMENTS.split("-- rows: ").skip(1);
    assert_eq!(statements.clone().count(), 18);
    for recorded in statements {
        let (rows, sql) = recorded.split_once('\n').unwrap();
        let done = if sql.starts_with("SELECT") {
            earlier.fetch_all(AssertSqlSafe(sql)).await.unwrap().len()
        } else {
            let done = earlier.execute(AssertSqlSafe(sql)).await.unwrap();
            usize::try_from(done.rows_affected()).unwrap()
        };
        assert_eq!(done.to_string(), rows, "{sql}");
    }
}

#[tokio::test]
async fn the_steps_are_counted_without_a_change_and_applied_by_migrate() {
    let server = filled().await;
    let address = || PostgresAddress::parse(&server.url()).unwrap();
    for _ in 0..2 {
        let steps = Postgres::schema_steps(address()).await.unwrap();
        assert_eq!((steps.applied, steps.known), (3, STEPS.len()));
    }
    let migrated = Postgres::migrate(address(), MissingDatabase::Refuse).await;
    migrated.unwrap();
    let steps = Postgres::schema_steps(address()).await.unwrap();
    assert_eq!(steps.pending(), 0);
}
