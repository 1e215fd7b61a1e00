//! Databases that earlier versions of Signet have filled, and that they still read.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use rusqlite::{OptionalExtension as _, params};

use super::*;
use crate::migration::SchemaSteps;
use crate::{Accounts, Changed, EndingChange, Migration, RedisOptions, StoreUrls, open};

/// The schema of the earlier release.
const SCHEMA: &str = include_str!("earlier/schema.sql");

/// The statements of the earlier release.
const STATEMENTS: &str = include_str!("earlier/statements.sql");

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$\
                    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA";

/// What the earlier version ran to register an account.
const EARLIER_INSERT: &str = "
    INSERT INTO accounts (id, email, email_key, email_verified, name, roles, status, epoch,
                          password_hash, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
    ON CONFLICT (email_key) DO NOTHING";

/// What the earlier version ran to find an account.
const EARLIER_FIND: &str = "
    SELECT id, email, email_verified, name, roles, status, epoch, password_hash, created_at,
           kept_session, kept_since
    FROM accounts WHERE email_key = ?1";

/// Registers account `number` as the earlier version did.
fn register_as_before(connection: &Connection, number: u32, verified: bool) {
    let email = format!("Person{number}@example.com");
    let row = params![
        id_bytes(number),
        email,
        email.to_ascii_lowercase(),
        verified,
        "Countess",
        "admin orders:read",
        i16::from(number == 3),
        number,
        HASH,
        1_700_000_000_000_i64,
    ];
    let inserted = connection.execute(EARLIER_INSERT, row);
    assert_eq!(inserted.unwrap(), 1);
}

/// A file as the earlier version left it, with three accounts.
fn filled() -> Place {
    let place = Place::new();
    fs::create_dir_all(place.path().parent().unwrap()).unwrap();
    let connection = Connection::open(place.path()).unwrap();
    fs::set_permissions(place.path(), Permissions::from_mode(0o600)).unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    for number in 1..=3 {
        register_as_before(&connection, number, number == 2);
    }
    place
}

async fn found(sqlite: &Sqlite, number: u32) -> Credentials {
    let id = AccountId::from_bytes(id_bytes(number));
    sqlite.by_id(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn accounts_of_an_earlier_version_are_found_whole() {
    let sqlite = filled().open();
    for number in 1..=3 {
        let Credentials {
            account,
            password_hash,
        } = found(&sqlite, number).await;
        let created = Timestamp::from_millis(1_700_000_000_000);
        assert_eq!(account.email_verified_at, (number == 2).then_some(created));
        assert!(account.claims.is_empty());
        assert_eq!(account.issue_from, Timestamp::default());
        assert_eq!(account.version, 0);
        assert_eq!(account.roles.len(), 2);
        assert_eq!(account.standing.epoch, Epoch::from_number(number));
        let disabled = account.standing.status == AccountStatus::Disabled;
        assert_eq!(disabled, number == 3);
        assert_eq!(password_hash.unwrap().as_str(), HASH);
    }
}

#[tokio::test]
async fn an_earlier_version_beside_this_one_goes_on_reading_and_writing() {
    let place = filled();
    let sqlite = place.open();
    let mut invited = ada();
    invited.password_hash = None;
    invited.account.id = AccountId::from_bytes(id_bytes(20));
    Accounts::create(&sqlite, &invited).await.unwrap();
    let earlier = Connection::open(place.path()).unwrap();
    register_as_before(&earlier, 9, true);
    assert_eq!(found(&sqlite, 9).await.account.version, 0);

    let password = |email: &str| {
        let row = earlier.query_row(EARLIER_FIND, [email], |row| row.get::<_, String>(7));
        row.optional().unwrap().unwrap()
    };
    assert_eq!(password("person1@example.com"), HASH);
    let none = password("ada.lovelace@example.com");
    assert!(none.parse::<signet_core::password::PasswordHash>().is_ok());

    let next = Epoch::from_number(2);
    let sql = "UPDATE accounts SET epoch = ?3 WHERE id = ?1 AND epoch = ?2";
    let raised = earlier.execute(sql, params![id_bytes(1), 1, 2]).unwrap();
    assert_eq!(raised, 1);
    let id = AccountId::from_bytes(id_bytes(1));
    let lost = sqlite.change(
        id,
        Epoch::from_number(1).step(NOW),
        &EndingChange::LogOutEverywhere,
    );
    assert_eq!(lost.await.unwrap(), Changed::Lost);
    let done = sqlite.change(id, next.step(NOW), &EndingChange::LogOutEverywhere);
    assert!(matches!(done.await.unwrap(), Changed::Done(_)));
}

#[tokio::test]
async fn every_statement_of_the_earlier_release_works_beside_this_one() {
    let place = filled();
    let _sqlite = place.open();
    let earlier = Connection::open(place.path()).unwrap();
    let statements = STATEMENTS.split("-- rows: ").skip(1);
    assert_eq!(statements.clone().count(), 39);
    for recorded in statements {
        let (rows, sql) = recorded.split_once('\n').unwrap();
        let mut statement = earlier.prepare(sql).unwrap();
        let done = match statement.column_count() {
            0 => statement.execute([]).unwrap(),
            _ => statement.query([]).unwrap().mapped(|_| Ok(())).count(),
        };
        assert_eq!(done.to_string(), rows, "{sql}");
    }
}

#[test]
fn the_steps_are_counted_without_a_change_and_applied_by_migrate() {
    let place = filled();
    let known = migrations::STEPS.len();
    let before = SchemaSteps { applied: 5, known };
    assert_eq!(schema_steps(&place.path()).unwrap(), before);
    assert_eq!(schema_steps(&place.path()).unwrap(), before);
    migrate(&place.path(), MissingDatabase::Refuse).unwrap();
    let after = schema_steps(&place.path()).unwrap();
    assert_eq!(after.pending(), 0);
    assert_eq!(schema_steps(&Place::new().path()).unwrap().applied, 0);
}

#[tokio::test]
async fn with_manual_migration_a_database_with_missing_steps_is_refused_until_they_are_applied() {
    let place = filled();
    let urls = StoreUrls {
        database_url: format!("sqlite://{}", place.path().display()),
        redis_url: None,
        redis: RedisOptions::default(),
        migration: Migration::Manual,
    };
    let refused = open(&urls, NOW).await.err().unwrap().to_string();
    let known = migrations::STEPS.len();
    assert_eq!(
        refused,
        format!(
            "database_url: the database has schema 5 and this version of Signet needs {known}; run \
             `signet migrate --apply`, or set migrate to auto"
        )
    );
    let before = crate::migrate(&urls, MissingDatabase::Refuse).await;
    assert_eq!(before.unwrap().applied, 5);
    open(&urls, NOW).await.unwrap();
}
