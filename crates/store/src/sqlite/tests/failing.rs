//! What is left of the promises when the machine dies, the disk is full or the file is locked.

use std::fs;

use super::*;
use crate::{Accounts, Created, Sessions, Swapped};

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
    // The health check says the same.
    assert!(matches!(
        sqlite.check().await,
        Err(StoreError::Unavailable { .. })
    ));
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
async fn a_file_that_was_removed_or_replaced_is_noticed() {
    let place = Place::new();
    let sqlite = place.open();
    sqlite.check().await.unwrap();
    let aside = place.path().with_extension("aside");
    fs::rename(place.path(), &aside).unwrap();
    assert_eq!(why_unusable(&sqlite).await, DISPLACED);
    fs::copy(&aside, place.path()).unwrap();
    assert_eq!(why_unusable(&sqlite).await, DISPLACED);
    fs::rename(&aside, place.path()).unwrap();
    sqlite.check().await.unwrap();
}

async fn why_unusable(sqlite: &Sqlite) -> String {
    match sqlite.check().await {
        Err(StoreError::Unavailable { cause, .. }) => cause.to_string(),
        other => panic!("{other:?}"),
    }
}

const DISPLACED: &str = "the database file was removed or replaced while it is in use, so nothing \
                         can be stored: put the file back, or restart";

#[tokio::test]
async fn nothing_is_acknowledged_into_a_file_that_was_removed_or_replaced() {
    for suffix in ["", "-wal", "-shm"] {
        for is_replaced in [false, true] {
            let place = Place::new();
            let sqlite = place.open();
            begin(&sqlite, &session(1)).await.unwrap();
            let file = PathBuf::from(format!("{}{suffix}", place.path().display()));
            displace(&file, is_replaced);
            let refused = begin(&sqlite, &session(2)).await;
            assert!(
                matches!(refused, Err(StoreError::Unavailable { .. })),
                "{suffix} {is_replaced}: {refused:?}"
            );
            assert_eq!(why_unusable(&sqlite).await, DISPLACED);
            // What is read from the lost file is nothing to rely on either.
            assert!(find(&sqlite, &session(1)).await.is_err());
        }
    }
}

fn displace(file: &Path, is_replaced: bool) {
    if is_replaced {
        let another = file.with_file_name("another");
        fs::copy(file, &another).unwrap();
        fs::rename(&another, file).unwrap();
    } else {
        fs::remove_file(file).unwrap();
    }
}

#[tokio::test]
async fn a_file_that_was_removed_is_noticed_without_a_write() {
    let place = Place::new();
    let sqlite = place.open();
    begin(&sqlite, &session(1)).await.unwrap();
    fs::remove_file(place.path()).unwrap();
    let noticed = async {
        while find(&sqlite, &session(1)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    let noticed = tokio::time::timeout(std::time::Duration::from_secs(20), noticed);
    noticed.await.expect("the removal is noticed");
}
