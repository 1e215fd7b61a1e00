//! The latest time at which a file was used.

use std::time::Duration;

use super::*;

async fn latest(sqlite: &Sqlite) -> Option<Timestamp> {
    sqlite.check().await.unwrap().latest
}

#[tokio::test]
async fn the_latest_time_of_any_process_stands_until_it_is_brought_back() {
    let place = Place::new();
    let (first, second) = (place.open(), place.open());
    let after = |seconds| NOW.saturating_add(Duration::from_secs(seconds));
    assert_eq!(latest(&first).await, None);
    for (sqlite, noted, stands) in [(&first, 10, 10), (&second, 30, 30), (&first, 20, 30)] {
        let told = sqlite.note_time(after(noted)).await.unwrap();
        assert_eq!(told, Some(after(stands)));
    }
    assert_eq!(latest(&first).await, Some(after(30)));
    first.bring_time_back(after(40)).await.unwrap();
    assert_eq!(latest(&second).await, Some(after(30)));
    first.bring_time_back(after(25)).await.unwrap();
    assert_eq!(latest(&second).await, Some(after(25)));
}

#[tokio::test]
async fn an_inspection_reads_the_latest_time_and_an_earlier_schema_has_none() {
    let place = Place::new();
    let sqlite = place.open();
    sqlite.note_time(NOW).await.unwrap();
    let inspect = || Sqlite::inspect(&place.path(), MissingDatabase::Refuse).unwrap();
    assert_eq!(inspect().latest, Some(NOW));
    place.meddle("DROP TABLE latest_time; PRAGMA user_version = 16");
    assert_eq!(inspect().latest, None);
}
