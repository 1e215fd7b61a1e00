//! What is in the tables: no more than is needed, and nothing impossible is believed.

use std::sync::Arc;

use signet_core::account::Epoch;
use signet_test_servers::Postgres as Server;
use signet_verifier::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _, Row as _};

use super::{NOW, account_id, credentials, open, sql};
use crate::accounts::{Accounts, Changed, EndingChange};
use crate::clients::tests::{
    REMOVE, SPOIL, a_record_is_found_as_sql_has_left_it, add_five,
    two_are_listed_and_three_are_named, unreadable,
};
use crate::consents::Consents;
use crate::error::StoreError;

#[tokio::test]
async fn a_deleted_account_leaves_its_id_until_its_sessions_have_ended_and_then_nothing() {
    let server = Server::start();
    let store = open(&server).await;
    store.create(&credentials(1)).await.unwrap();
    let changed = store.change(
        account_id(1),
        Epoch::default().step(NOW),
        &EndingChange::Delete,
    );
    let Changed::Done(ending) = changed.await.unwrap() else {
        panic!("the account was there");
    };
    let accounts = sql(&server, "SELECT FROM signet.accounts").await;
    assert_eq!(accounts.len(), 0);
    let left = sql(
        &server,
        "SELECT to_json(p)::text FROM signet.pending_endings p",
    )
    .await;
    assert_eq!(left.len(), 1);
    let id = account_id(1);
    let left: String = left[0].get(0);
    assert_eq!(
        left,
        format!(r#"{{"seq":1,"account":"{id}","before":4294967295}}"#)
    );
    store.endings_done(ending).await.unwrap();
    let left = sql(&server, "SELECT FROM signet.pending_endings").await;
    assert_eq!(left.len(), 0);
}

#[tokio::test]
async fn impossible_rows_are_corrupt_and_their_content_stays_unsaid() {
    let server = Server::start();
    let store = open(&server).await;
    store.create(&credentials(1)).await.unwrap();
    sql(
        &server,
        "ALTER TABLE signet.accounts DROP CONSTRAINT accounts_status_check;
         ALTER TABLE signet.accounts DROP CONSTRAINT accounts_epoch_check;
         ALTER TABLE signet.accounts DROP CONSTRAINT accounts_kept_check;
         ALTER TABLE signet.accounts DROP CONSTRAINT accounts_kept_session_check;
         ALTER TABLE signet.accounts DROP CONSTRAINT accounts_version_check",
    )
    .await;
    for (column, value, what) in [
        ("email", "'hunter2'", "an invalid email address"),
        ("name", "E'hunter\\x012'", "a name that breaks its rule"),
        ("status", "3", "an unknown account status"),
        ("epoch", "-1", "an epoch out of range"),
        ("epoch", "4294967296", "an epoch out of range"),
        ("password_hash", "'hunter2'", "an invalid password hash"),
        ("claims", "'[]'", "claims that break their rule"),
        ("version", "-1", "an account version below zero"),
        ("created_at", "-1", "a time before 1970"),
        ("roles", "ARRAY[NULL]", "a column of the wrong shape"),
        (
            "kept_session",
            "'the id, 16 bytes'",
            "half of a kept session",
        ),
        ("kept_since", "0", "half of a kept session"),
        (
            "(kept_since, kept_session)",
            "(0, 'hunter2')",
            "an invalid id of a kept session",
        ),
    ] {
        let before = "CREATE TABLE signet.kept AS TABLE signet.accounts";
        sql(&server, before).await;
        let damage = format!("UPDATE signet.accounts SET {column} = {value}");
        sql(&server, &damage).await;
        let is_corrupt = |found: &Result<(), StoreError>| matches!(found, Err(StoreError::Corrupt { store: "accounts", what: said }) if *said == what);
        let found = store.by_id(account_id(1)).await.map(drop);
        assert!(is_corrupt(&found), "{column} = {value}: {found:?}");
        let found = store.account(account_id(1)).await.map(drop);
        let is_elsewhere = column == "password_hash";
        assert_eq!(
            is_corrupt(&found),
            !is_elsewhere,
            "{column} = {value}: {found:?}"
        );
        sql(
            &server,
            "TRUNCATE signet.accounts CASCADE; INSERT INTO signet.accounts TABLE signet.kept;
             DROP TABLE signet.kept",
        )
        .await;
        assert!(store.by_id(account_id(1)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_role_that_cannot_be_read_is_left_out_and_the_account_is_found() {
    let server = Server::start();
    let store = open(&server).await;
    store.create(&credentials(1)).await.unwrap();
    let damage = "UPDATE signet.accounts SET roles = ARRAY['admin', 'hunter 2']";
    sql(&server, damage).await;
    let found = store.by_id(account_id(1)).await.unwrap().unwrap();
    let roles: Vec<_> = found
        .account
        .roles
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(roles, ["admin"]);
}

#[tokio::test]
async fn clients_that_cannot_be_read_are_left_out_of_lists_and_named() {
    let server = Server::start();
    let store = open(&server).await;
    add_five(&store).await;
    let unchecked = "ALTER TABLE signet.clients DROP CONSTRAINT clients_version_check";
    sql(&server, unchecked).await;
    for spoil in SPOIL {
        sql(&server, &spoil.replace("clients", "signet.clients")).await;
    }
    two_are_listed_and_three_are_named(&store).await;
    let remove = REMOVE.replace("clients", "signet.clients");
    sql(&server, &remove).await;
    assert_eq!(unreadable(&store).await, 0);
}

#[tokio::test]
async fn a_client_that_sql_changes_without_a_new_version_is_found_changed() {
    let server = Server::start();
    let store = open(&server).await;
    add_five(&store).await;
    let run = async |statement: &str| {
        let statement = statement.replace("UPDATE clients", "UPDATE signet.clients");
        sql(&server, &statement).await;
    };
    a_record_is_found_as_sql_has_left_it(&store, run).await;
}

#[tokio::test]
async fn a_refused_row_is_not_quoted() {
    let server = Server::start();
    let store = open(&server).await;
    sql(
        &server,
        "ALTER TABLE signet.accounts ADD CHECK (email_key NOT LIKE 'ada%')",
    )
    .await;
    let refused = store.create(&credentials(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable { .. }));
    let said = format!("{refused:?}");
    assert!(said.contains("23514"), "{said}");
    assert!(!said.contains("example.com"), "{said}");
    assert!(!said.contains("argon2id"), "{said}");
}

#[tokio::test]
async fn a_purge_that_waits_for_a_grant_leaves_the_consent_that_it_prolongs() {
    let server = Server::start();
    let store = Arc::new(open(&server).await);
    store.create(&credentials(1)).await.unwrap();
    sql(
        &server,
        "INSERT INTO signet.clients VALUES ('wiki', 0, '{}');
         INSERT INTO signet.consents SELECT id, 'wiki', '{}', 10 FROM signet.accounts",
    )
    .await;
    let mut grant = PgConnection::connect(&server.url()).await.unwrap();
    grant.execute("BEGIN").await.unwrap();
    let prolong = "UPDATE signet.consents SET until = 20";
    grant.execute(prolong).await.unwrap();
    let purge = tokio::spawn(async move {
        // It may give up if this machine is slow.
        let _either = Consents::purge(&*store, Timestamp::from_millis(10), 9).await;
    });
    let waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    while !purge.is_finished() && sql(&server, waiting).await.is_empty() {}
    grant.execute("COMMIT").await.unwrap();
    purge.await.unwrap();
    let left = sql(&server, "SELECT FROM signet.consents WHERE until = 20").await;
    assert_eq!(left.len(), 1);
}
