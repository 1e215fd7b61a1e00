//! Backups of a database that is in use, and restores of them.

use std::os::unix::fs::PermissionsExt as _;

use crate::sqlite::backup::{BackupError, back_up, restore};
use crate::{DenyList as _, TokenFacts};
use signet_core::ids::TokenId;

use super::*;

#[tokio::test]
async fn a_backup_is_one_file_of_one_moment_while_the_database_is_used() {
    let place = Place::new();
    let sqlite = place.open();
    store(&sqlite, 1).await;
    let file = place.0.path().join("backup.db");
    back_up(&place.path(), &file).unwrap();
    store(&sqlite, 2).await;
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let copied = Connection::open(&file).unwrap();
    let sessions = copied.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0));
    assert_eq!(sessions, Ok(1));
    let again = back_up(&place.path(), &file).unwrap_err();
    let sentence = format!("{} exists; name another file", file.display());
    assert_eq!(again.to_string(), sentence);
}

#[tokio::test]
async fn nothing_from_before_a_restore_is_good_after_it() {
    let place = Place::new();
    let sqlite = place.open();
    store(&sqlite, 1).await;
    let file = place.0.path().join("backup.db");
    back_up(&place.path(), &file).unwrap();
    let ended = session(1);
    let id = (ended.account_id, ended.id);
    sqlite.end(id.0, id.1, later(100)).await.unwrap();
    assert!(is_denied(&sqlite, &ended, NOW).await);
    sqlite.close().await.unwrap();
    drop(sqlite);

    let kept = restore(&place.path(), &file, later(10)).unwrap().unwrap();
    assert!(kept.is_file());
    let sqlite = place.open();
    assert_eq!(sqlite.find(id.0, id.1, NOW).await.unwrap(), None);
    assert!(is_denied(&sqlite, &ended, NOW).await);
    assert!(is_denied(&sqlite, &ended, later(10)).await);
    assert!(!is_denied(&sqlite, &ended, later(11)).await);
}

#[tokio::test]
async fn a_database_in_use_is_not_replaced() {
    let place = Place::new();
    let sqlite = place.open();
    let file = place.0.path().join("backup.db");
    back_up(&place.path(), &file).unwrap();
    let refused = restore(&place.path(), &file, NOW).unwrap_err();
    assert!(matches!(refused, BackupError::InUse(_)), "{refused}");
    store(&sqlite, 1).await;
    sqlite.close().await.unwrap();
}

#[test]
fn a_file_that_is_no_backup_changes_nothing() {
    let place = Place::new();
    let before = b"the database";
    std::fs::create_dir(place.path().parent().unwrap()).unwrap();
    std::fs::write(place.path(), before).unwrap();
    let other = place.0.path().join("other.db");
    for (content, why) in [
        (b"".as_slice(), "it has no accounts"),
        (b"hunter2 hunter2 hunter2", "file is not a database"),
    ] {
        std::fs::write(&other, content).unwrap();
        let refused = restore(&place.path(), &other, NOW).unwrap_err().to_string();
        let begin = format!("{} is no backup of Signet: {why}", other.display());
        assert!(refused.starts_with(&begin), "{refused}");
    }
    let absent = place.0.path().join("absent.db");
    assert!(restore(&place.path(), &absent, NOW).is_err());
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
}

async fn store(sqlite: &Sqlite, number: u32) {
    let created = Sessions::create(sqlite, &session(number), 100, later(100)).await;
    created.unwrap();
}

async fn is_denied(sqlite: &Sqlite, session: &Session, issued_at: Timestamp) -> bool {
    let token = TokenFacts {
        account_id: Some(session.account_id),
        session_id: Some(session.id),
        clients: std::slice::from_ref(&session.grant.client_id),
        id: TokenId::from_bytes([9; 16]),
        issued_at,
    };
    sqlite.is_denied(token, later(20)).await.unwrap()
}

fn later(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}
