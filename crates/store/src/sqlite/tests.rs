//! What the SQLite backend does when the disk, the file or a row lets it down.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use signet_core::account::{Account, AccountStatus, Email, Epoch, Standing};
use signet_core::ids::{AccountId, SessionId};
use signet_core::session::{Grant, Session, SessionPolicy};
use signet_verifier::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::{Accounts, Change, Created, Credentials, Sessions, Swapped};

/// A folder for a database that is not there yet.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("data/signet.db")
    }

    fn open(&self) -> Sqlite {
        Sqlite::open(&self.path()).unwrap()
    }

    /// Changes the file as a foreign hand would.
    fn meddle(&self, sql: &str) {
        let connection = Connection::open(self.path()).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// Why the database cannot be opened.
    fn refusal(&self) -> String {
        let refused = Sqlite::open(&self.path()).err().unwrap();
        let path = self.path().display().to_string();
        refused.to_string().replace(&path, "PATH")
    }
}

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Sixteen bytes that look random and are the same each time.
fn id_bytes(number: u32) -> [u8; 16] {
    u128::from(number)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        .to_be_bytes()
}

fn session(number: u32) -> Session {
    let grant = Grant {
        client_id: "signet".parse().unwrap(),
        scope: vec!["account".parse().unwrap()],
        audience: vec!["api".parse().unwrap()],
        amr: vec!["pwd".to_owned()],
        epoch: Epoch::default(),
        cnf: None,
    };
    let id = SessionId::from_bytes(id_bytes(number.wrapping_mul(7)));
    let account_id = AccountId::from_bytes(id_bytes(number));
    let address = std::net::IpAddr::from([203, 0, 113, 9]);
    Session::begin(id, account_id, grant, NOW, &SessionPolicy::default())
        .seen_from(BROWSER, Some(address))
}

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/142.0.0.0 Safari/537.36";

async fn begin(sqlite: &Sqlite, session: &Session) -> Result<(), StoreError> {
    Sessions::create(sqlite, session, 100, NOW).await
}

async fn find(sqlite: &Sqlite, session: &Session) -> Result<Option<Session>, StoreError> {
    sqlite.find(session.account_id, session.id, NOW).await
}

fn ada() -> Credentials {
    let digest = "a".repeat(42);
    let hash = format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA${digest}A");
    Credentials {
        account: Account {
            id: AccountId::from_bytes(id_bytes(1)),
            email: "Ada.Lovelace@example.com".parse().unwrap(),
            email_verified: false,
            name: Some("Countess".parse().unwrap()),
            roles: Vec::new(),
            standing: Standing {
                status: AccountStatus::Active,
                epoch: Epoch::default(),
            },
            created_at: NOW,
        },
        password_hash: hash.parse().unwrap(),
    }
}

#[tokio::test]
async fn everything_answered_survives_a_crash() {
    let (place, image) = (Place::new(), Place::new());
    let sqlite = place.open();
    assert_eq!(
        Accounts::create(&sqlite, &ada()).await.unwrap(),
        Created::Added
    );
    let (kept, ended) = (session(1), session(2));
    begin(&sqlite, &kept).await.unwrap();
    begin(&sqlite, &ended).await.unwrap();
    let mut next = kept.clone();
    next.version += 1;
    assert_eq!(sqlite.swap(&next).await.unwrap(), Swapped::Done);
    assert!(sqlite.end(ended.account_id, ended.id, NOW).await.unwrap());
    // What is on the disk at this moment is what a machine finds that died now.
    fs::create_dir(image.path().parent().unwrap()).unwrap();
    for suffix in ["", "-wal"] {
        let name = |place: &Place| format!("{}{suffix}", place.path().display());
        fs::copy(name(&place), name(&image)).unwrap();
    }
    let reopened = image.open();
    assert_eq!(find(&reopened, &kept).await.unwrap(), Some(next));
    assert_eq!(find(&reopened, &ended).await.unwrap(), None);
    let found = reopened.by_id(ada().account.id).await.unwrap();
    assert_eq!(found.unwrap().account, ada().account);
}

#[tokio::test]
async fn a_full_disk_is_unavailable_until_there_is_room() {
    let place = Place::new();
    let sqlite = place.open();
    let limit_pages = |pages: u32| {
        sqlite.write("test", move |connection| {
            Ok(connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?)
        })
    };
    limit_pages(40).await.unwrap();
    let mut stored = 0;
    let refused = loop {
        match begin(&sqlite, &session(stored)).await {
            Ok(()) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(
            refused,
            StoreError::Unavailable {
                store: "sessions",
                ..
            }
        ),
        "{refused:?}"
    );
    for number in 0..stored {
        assert!(find(&sqlite, &session(number)).await.unwrap().is_some());
    }
    assert_eq!(find(&sqlite, &session(stored)).await.unwrap(), None);
    limit_pages(u32::MAX).await.unwrap();
    begin(&sqlite, &session(stored)).await.unwrap();
}

#[tokio::test]
async fn a_read_only_disk_is_unavailable_and_still_read() {
    let place = Place::new();
    let sqlite = place.open();
    begin(&sqlite, &session(1)).await.unwrap();
    let forbid = sqlite.write("test", |connection| {
        Ok(connection.pragma_update(None, "query_only", true)?)
    });
    forbid.await.unwrap();
    let refused = sqlite.end(session(1).account_id, session(1).id, NOW).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
    assert!(find(&sqlite, &session(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_locked_database_is_unavailable_in_time() {
    let place = Place::new();
    let sqlite = place.open();
    begin(&sqlite, &session(1)).await.unwrap();
    let other = Connection::open(place.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = begin(&sqlite, &session(2)).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
    assert!(find(&sqlite, &session(1)).await.unwrap().is_some());
    other.execute_batch("ROLLBACK").unwrap();
    begin(&sqlite, &session(2)).await.unwrap();
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
        "roles = 'a,b'",
        "status = 2",
        "epoch = -1",
        "password_hash = 'hunter2'",
        "created_at = -1",
        "epoch = 4294967296",
    ];
    for damage in damages {
        let place = Place::new();
        let sqlite = place.open();
        Accounts::create(&sqlite, &ada()).await.unwrap();
        place.meddle(&format!("UPDATE accounts SET {damage}"));
        let found = sqlite.by_id(ada().account.id).await;
        assert!(
            matches!(
                found,
                Err(StoreError::Corrupt {
                    store: "accounts",
                    ..
                })
            ),
            "{damage}"
        );
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let place = Place::new();
    drop(place.open());
    place.meddle("PRAGMA user_version = 1000");
    assert_eq!(
        place.refusal(),
        "database_url: PATH has schema 1000 and this version of Signet knows 4; \
         run the version that was here before, or a newer one"
    );
}

#[test]
fn a_database_of_another_program_is_refused() {
    let place = Place::new();
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    place.meddle("CREATE TABLE recipes (title TEXT)");
    assert_eq!(
        place.refusal(),
        "database_url: PATH is a database of another program; name another file"
    );
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let place = Place::new();
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    fs::write(place.path(), "Dear diary, ".repeat(100)).unwrap();
    assert_eq!(
        place.refusal(),
        "database_url: SQLite cannot use PATH: file is not a database"
    );
    fs::remove_file(place.path()).unwrap();
    fs::create_dir(place.path()).unwrap();
    assert_eq!(
        place.refusal(),
        "database_url: cannot make or open PATH: Is a directory (os error 21)"
    );
}

#[tokio::test]
async fn what_is_made_is_closed_to_others() {
    let place = Place::new();
    let sqlite = place.open();
    begin(&sqlite, &session(1)).await.unwrap();
    let folder = place.path().parent().unwrap().to_owned();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn many_processes_may_open_a_new_file_at_once() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| place.open());
        }
    });
}

#[tokio::test]
async fn a_deleted_account_leaves_no_personal_data_in_the_file() {
    let place = Place::new();
    let sqlite = place.open();
    Accounts::create(&sqlite, &ada()).await.unwrap();
    sqlite
        .change(ada().account.id, Epoch::default(), &Change::Delete)
        .await
        .unwrap();
    sqlite.close().await.unwrap();
    drop(sqlite);
    let bytes = fs::read(place.path()).unwrap();
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    for personal in ["lovelace", "countess", "argon2id"] {
        assert!(!text.contains(personal), "{personal}");
    }
    let email: Email = "ada.lovelace@example.com".parse().unwrap();
    assert!(place.open().by_email(&email).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_takes_at_most_300_bytes_however_often_it_is_rotated() {
    let place = Place::new();
    let sqlite = place.open();
    let count = 5_000;
    let mut sessions: Vec<_> = (0..count).map(session).collect();
    let begun = sessions.iter().map(|session| begin(&sqlite, session));
    assert!(
        futures::future::join_all(begun)
            .await
            .iter()
            .all(Result::is_ok)
    );
    for _ in 0..3 {
        for session in &mut sessions {
            session.version += 1;
        }
        let swapped = sessions.iter().map(|session| sqlite.swap(session));
        assert!(
            futures::future::join_all(swapped)
                .await
                .iter()
                .all(Result::is_ok)
        );
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
        accounts::BY_ID,
        deny_list::IS_DENIED,
        purge::SLICE,
    ] {
        let plan: Vec<String> = sqlite
            .read("test", |connection| {
                let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let rows = statement
                    .raw_query()
                    .mapped(|row| row.get(3))
                    .collect::<Result<_, _>>()?;
                Ok(rows)
            })
            .unwrap();
        let scan = plan
            .iter()
            .find(|step| step.starts_with("SCAN") && !step.contains("CONSTANT"));
        assert_eq!(scan, None, "{sql}");
    }
}
