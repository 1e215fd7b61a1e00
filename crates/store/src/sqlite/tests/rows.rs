//! What is in the tables: no more than is needed, found by key, and nothing impossible is believed.

use std::fs;

use futures::future::join_all;
use rusqlite::StatementStatus;
use signet_core::account::{Email, Epoch};

use super::*;
use crate::clients::tests::{
    REMOVE, SPOIL, a_record_is_found_as_sql_has_left_it, add_five,
    two_are_listed_and_three_are_named, unreadable,
};
use crate::sqlite::{accounts, deny_list, purge, sessions};
use crate::{Accounts, EndingChange, Sessions};

#[tokio::test]
async fn clients_that_cannot_be_read_are_left_out_of_lists_and_named() {
    let place = Place::new();
    let sqlite = place.open();
    add_five(&sqlite).await;
    place.meddle(&SPOIL.join(";"));
    two_are_listed_and_three_are_named(&sqlite).await;
    place.meddle(REMOVE);
    assert_eq!(unreadable(&sqlite).await, 0);
}

#[tokio::test]
async fn a_client_that_sql_changes_without_a_new_version_is_found_changed() {
    let place = Place::new();
    let sqlite = place.open();
    add_five(&sqlite).await;
    let run = async |sql: &str| place.meddle(sql);
    a_record_is_found_as_sql_has_left_it(&sqlite, run).await;
}

#[tokio::test]
async fn a_damaged_session_is_corrupt() {
    let damages = [
        "record = x'02'",
        "record = substr(record, 1, 20)",
        "version = 77",
    ];
    for damage in damages {
        let place = Place::new();
        let sqlite = place.open();
        begin(&sqlite, &session(1)).await.unwrap();
        place.meddle(&format!("UPDATE sessions SET {damage}"));
        let found = find(&sqlite, &session(1)).await;
        assert!(
            matches!(
                found,
                Err(StoreError::Corrupt {
                    store: "sessions",
                    ..
                })
            ),
            "{damage}"
        );
    }
}

#[tokio::test]
async fn a_damaged_account_is_corrupt() {
    let damages = [
        "email = 'nobody'",
        "name = ''",
        "status = 3",
        "claims = '[]'",
        "version = -1",
        "email_verified = 1, email_verified_at = -1",
        "epoch = -1",
        "password_hash = 'hunter2'",
        "created_at = -1",
        "epoch = 4294967296",
        "kept_session = zeroblob(16)",
        "kept_since = 0",
        "kept_since = 0, kept_session = zeroblob(15)",
    ];
    for damage in damages {
        let place = Place::new();
        let sqlite = place.open();
        Accounts::create(&sqlite, &ada()).await.unwrap();
        place.meddle(&format!("UPDATE accounts SET {damage}"));
        let id = ada().account.id;
        let with_password = sqlite.by_id(id).await.map(drop);
        assert!(is_corrupt(&with_password), "{damage}");
        let without = sqlite.account(id).await.map(drop);
        let is_elsewhere = damage.starts_with("password_hash");
        assert_eq!(is_corrupt(&without), !is_elsewhere, "{damage}");
    }
}

fn is_corrupt(found: &Result<(), StoreError>) -> bool {
    matches!(
        found,
        Err(StoreError::Corrupt {
            store: "accounts",
            ..
        })
    )
}

#[tokio::test]
async fn a_role_that_cannot_be_read_is_left_out_and_the_account_is_found() {
    let place = Place::new();
    let sqlite = place.open();
    Accounts::create(&sqlite, &ada()).await.unwrap();
    place.meddle("UPDATE accounts SET roles = 'admin a,b reader'");
    let found = sqlite.by_id(ada().account.id).await.unwrap().unwrap();
    let roles: Vec<_> = found
        .account
        .roles
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(roles, ["admin", "reader"]);
}

#[tokio::test]
async fn a_deleted_account_leaves_no_personal_data_in_the_file() {
    let place = Place::new();
    let sqlite = place.open();
    Accounts::create(&sqlite, &ada()).await.unwrap();
    sqlite
        .change(
            ada().account.id,
            Epoch::default().step(NOW),
            &EndingChange::Delete,
        )
        .await
        .unwrap();
    // While the server runs, and not only when it has ended.
    refuse_personal_data(&place);
    sqlite.close().await.unwrap();
    drop(sqlite);
    refuse_personal_data(&place);
    let email: Email = "ada.lovelace@example.com".parse().unwrap();
    assert!(place.open().by_email(&email).await.unwrap().is_none());
}

fn refuse_personal_data(place: &Place) {
    for entry in fs::read_dir(place.path().parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for personal in ["lovelace", "countess", "argon2id"] {
            assert!(!text.contains(personal), "{personal} in {}", path.display());
        }
    }
}

#[tokio::test]
async fn a_deleted_account_leaves_the_log_when_no_reader_is_in_the_way_any_more() {
    let place = Place::new();
    let sqlite = place.open();
    Accounts::create(&sqlite, &ada()).await.unwrap();
    let reader = Connection::open(place.path()).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM accounts")
        .unwrap();
    let deleted = sqlite.change(
        ada().account.id,
        Epoch::default().step(NOW),
        &EndingChange::Delete,
    );
    deleted.await.unwrap();
    reader.execute_batch("ROLLBACK").unwrap();
    // Any work of the writer, or half a second without any, makes it try again.
    sqlite.check().await.unwrap();
    sqlite.check().await.unwrap();
    refuse_personal_data(&place);
}

fn next_versions(sessions: &mut [Session]) {
    for session in sessions {
        session.version += 1;
    }
}

#[tokio::test]
async fn a_session_takes_at_most_300_bytes_however_often_it_is_rotated() {
    let place = Place::new();
    let sqlite = place.open();
    let count = 5_000;
    let mut sessions: Vec<_> = (0..count).map(session).collect();
    // Few enough at once that a slow disk keeps within the deadline.
    for few in sessions.chunks(200) {
        let begun = few.iter().map(|session| begin(&sqlite, session));
        assert!(join_all(begun).await.iter().all(Result::is_ok));
    }
    for _ in 0..3 {
        for few in sessions.chunks_mut(200) {
            next_versions(few);
            let swapped = few.iter().map(|session| sqlite.swap(session));
            assert!(join_all(swapped).await.iter().all(Result::is_ok));
        }
    }
    sqlite.close().await.unwrap();
    let bytes = fs::metadata(place.path()).unwrap().len();
    assert!(
        bytes <= u64::from(count) * 300,
        "{}",
        bytes / u64::from(count)
    );
}

#[tokio::test]
async fn hot_statements_find_their_rows_by_key() {
    let place = Place::new();
    let sqlite = place.open();
    for sql in [
        sessions::FIND,
        sessions::SWAP,
        accounts::ACCOUNT,
        accounts::BY_ID,
        deny_list::IS_DENIED,
        purge::SLICE,
    ] {
        let plan = explained(&sqlite, "EXPLAIN QUERY PLAN", 3, sql);
        // The deny list goes through the keys that it is asked for.
        let reads_no_table = |step: &str| step.contains("CONSTANT") || step == "SCAN asked";
        let scan = plan
            .iter()
            .find(|step| step.starts_with("SCAN") && !reads_no_table(step));
        assert_eq!(scan, None, "{sql}");
    }
}

/// Making a table and wiping its page takes longer than finding the rows.
#[tokio::test]
async fn the_deny_list_is_read_without_a_table_of_the_keys() {
    let place = Place::new();
    let sqlite = place.open();
    let program = explained(&sqlite, "EXPLAIN", 1, deny_list::IS_DENIED);
    let opened = program.iter().filter(|step| step.starts_with("Open"));
    assert_eq!(opened.collect::<Vec<_>>(), ["OpenRead"]);
}

#[tokio::test]
async fn a_statement_is_planned_once_whatever_limit_it_gets() {
    let place = Place::new();
    let sqlite = place.open();
    let plans_again = |connection: &Connection| {
        let mut statement = connection.prepare(accounts::PENDING)?;
        for limit in 1..4 {
            assert!(!statement.exists([limit])?);
        }
        Ok(statement.get_status(StatementStatus::RePrepare))
    };
    assert_eq!(sqlite.read("test", plans_again).unwrap(), 0);
    assert_eq!(sqlite.write("test", plans_again).await.unwrap(), 0);
}

/// A column of what SQLite explains of a statement.
fn explained(sqlite: &Sqlite, explain: &str, column: usize, sql: &str) -> Vec<String> {
    let read = sqlite.read("test", |connection| {
        let mut statement = connection.prepare(&format!("{explain} {sql}"))?;
        let rows = statement.raw_query().mapped(|row| row.get(column));
        Ok(rows.collect::<Result<_, _>>()?)
    });
    read.unwrap()
}
