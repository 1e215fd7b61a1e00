//! What is refused at the start, and in which words.

use futures::future::join_all;
use signet_test_servers::Postgres as Server;
use sqlx::Row as _;

use super::super::{Postgres, PostgresAddress};
use super::{credentials, open, open_at, sql};
use crate::accounts::{Accounts, Created};
use crate::backend::Backend;
use crate::migration::SchemaSteps;
use crate::missing_database::MissingDatabase;

#[tokio::test]
async fn stores_that_start_at_once_wait_for_each_others_migration() {
    let server = Server::start();
    let url = server.url();
    let stores = join_all((0..8).map(|_| open_at(&url))).await;
    for store in stores {
        let store = store.unwrap();
        store.by_id(super::account_id(1)).await.unwrap();
        store.close().await.unwrap();
    }
    let steps = sql(&server, "SELECT step FROM signet.schema_steps").await;
    assert_eq!(steps.len(), super::super::migrations::STEPS.len());
}

#[tokio::test]
async fn a_look_says_the_schema_and_makes_none() {
    let server = Server::start();
    let url = server.url();
    let look = |missing| {
        let address = PostgresAddress::parse(&url).unwrap();
        Postgres::inspect(Box::new(address), missing)
    };
    let found = look(MissingDatabase::Make).await.unwrap();
    let known = super::super::migrations::STEPS.len();
    let schema = SchemaSteps { applied: 0, known };
    assert_eq!(found.schema, Some(schema));
    assert!(found.clock.is_some());
    let refused = look(MissingDatabase::Refuse).await.unwrap_err().to_string();
    assert!(refused.contains("has no tables of Signet"), "{refused}");
    let made = sql(&server, "SELECT to_regnamespace('signet') IS NOT NULL").await;
    assert!(!made[0].get::<bool, _>(0));
    open(&server).await;
    let found = look(MissingDatabase::Refuse).await.unwrap();
    let applied = known;
    assert_eq!(found.schema, Some(SchemaSteps { applied, known }));
}

#[tokio::test]
async fn opening_again_keeps_what_is_there() {
    let server = Server::start();
    open(&server).await.create(&credentials(1)).await.unwrap();
    let again = open(&server).await.create(&credentials(1)).await;
    assert_eq!(again.unwrap(), Created::EmailTaken);
}

#[tokio::test]
async fn the_owner_of_a_database_needs_no_other_right() {
    let server = Server::start();
    sql(&server, "CREATE ROLE plain LOGIN").await;
    sql(&server, "CREATE DATABASE accounts OWNER plain").await;
    let store = open_at(&server.url_of("plain", "accounts")).await;
    let created = store.unwrap().create(&credentials(1)).await;
    assert_eq!(created.unwrap(), Created::Added);
}

#[tokio::test]
async fn a_schema_that_an_administrator_has_made_is_used() {
    let server = Server::start();
    sql(
        &server,
        "CREATE ROLE plain LOGIN; CREATE SCHEMA signet AUTHORIZATION plain",
    )
    .await;
    let store = open_at(&server.url_of("plain", "postgres")).await;
    let created = store.unwrap().create(&credentials(1)).await;
    assert_eq!(created.unwrap(), Created::Added);
}

#[tokio::test]
async fn a_database_without_tables_is_refused_where_there_was_one_before() {
    let server = Server::start();
    let refuse = || async {
        let address = PostgresAddress::parse(&server.url()).unwrap();
        Postgres::open(Box::new(address), MissingDatabase::Refuse).await
    };
    // Refusing it makes nothing.
    for _ in 0..2 {
        let refused = refuse().await.err().unwrap().to_string();
        let sentence = "has no tables of Signet, but the keys folder was used with a database";
        assert!(refused.contains(sentence), "{refused}");
    }
    assert!(open(&server).await.was_made());
    assert!(!refuse().await.unwrap().was_made());
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let server = Server::start();
    open(&server).await;
    sql(&server, "INSERT INTO signet.schema_steps VALUES (99)").await;
    let folder = server.folder().display().to_string();
    let known = super::super::migrations::STEPS.len();
    assert_eq!(
        refusal(&server.url()).await,
        format!(
            "database_url: the database postgres at {folder} has schema 99 and this version of \
             Signet knows {known}; run the version that was here before, or a newer one"
        )
    );
}

#[tokio::test]
async fn a_schema_of_another_program_is_refused_and_left_alone() {
    let server = Server::start();
    sql(
        &server,
        "CREATE SCHEMA signet; CREATE TABLE signet.rings (x int)",
    )
    .await;
    let folder = server.folder().display().to_string();
    assert_eq!(
        refusal(&server.url()).await,
        format!(
            "database_url: the database postgres at {folder} has a schema `signet` of another \
             program; name another database"
        )
    );
    let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'signet'::regnamespace";
    let tables = sql(&server, tables).await;
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0].get::<String, _>(0), "rings");
}

#[tokio::test]
async fn a_database_that_cannot_hold_names_or_keep_promises_is_refused() {
    let server = Server::start();
    let latin = "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0";
    sql(&server, latin).await;
    let refused = refusal(&server.url_of("signet", "latin")).await;
    assert!(refused.ends_with("has the encoding LATIN1; make a database with the encoding UTF8"));
    sql(&server, "CREATE DATABASE hasty").await;
    sql(&server, "ALTER DATABASE hasty SET synchronous_commit = off").await;
    let refused = refusal(&server.url_of("signet", "hasty")).await;
    assert!(refused.contains("has synchronous_commit off and may forget what it has answered;"));
}

#[tokio::test]
async fn what_the_server_refuses_is_said_without_the_password() {
    let server = Server::start();
    let url = format!("{}&password=hunter2", server.url_of("nobody", "postgres"));
    let refused = refusal(&url).await;
    assert!(refused.ends_with("cannot be used: role \"nobody\" does not exist (SQLSTATE 28000)"));
    let refused = refusal("postgres://ada:hunter2@127.0.0.1:1/signet").await;
    assert!(
        refused.starts_with("database_url: the database signet at 127.0.0.1:1 cannot be reached:")
    );
    assert!(!refused.contains("hunter2"));
}

#[tokio::test]
async fn a_password_and_tls_are_used_when_the_address_says_so() {
    let server = Server::with_tls(CERTIFICATE, PRIVATE_KEY);
    sql(&server, "CREATE ROLE plain LOGIN PASSWORD 'hunter2/?#@%'").await;
    sql(&server, "CREATE DATABASE accounts OWNER plain").await;
    let place = format!("127.0.0.1:{}/accounts", server.port());
    let url = format!("postgres://plain:hunter2%2F%3F%23%40%25@{place}?sslmode=verify-full");
    let trusting = format!("{url}&sslrootcert={AUTHORITY}");
    let store = open_at(&trusting).await.unwrap();
    store.create(&credentials(1)).await.unwrap();
    let encrypted = "SELECT ssl FROM pg_stat_ssl NATURAL JOIN pg_stat_activity
                     WHERE usename = 'plain' AND application_name = 'signet'";
    let encrypted = sql(&server, encrypted).await;
    assert!(encrypted.iter().all(|row| row.get::<bool, _>(0)));
    assert_eq!(encrypted.len(), 1);

    let refused = refusal(&url).await;
    assert!(
        refused.contains("invalid peer certificate: UnknownIssuer"),
        "{refused}"
    );
    let refused = refusal(&trusting.replace("%25@", "@")).await;
    let sentence = "password authentication failed for user \"plain\" (SQLSTATE 28P01)";
    assert!(refused.ends_with(sentence), "{refused}");
}

const CERTIFICATE: &str = include_str!("../../../../verifier/tests/keys/server.certificate.pem");

const PRIVATE_KEY: &str = include_str!("../../../../verifier/tests/keys/server.private.pem");

const AUTHORITY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../verifier/tests/keys/authority.certificate.pem"
);

/// What the operator reads when the start fails.
async fn refusal(url: &str) -> String {
    let refused = open_at(url).await.map(|_| ()).unwrap_err();
    assert!(!format!("{refused:?}").contains("hunter2"));
    refused.to_string()
}
