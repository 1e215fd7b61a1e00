//! Which files are made, taken and refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::sqlite::migrations;

#[test]
fn a_newer_schema_is_refused() {
    let place = Place::new();
    drop(place.open());
    place.meddle("PRAGMA user_version = 1000");
    let known = migrations::STEPS.len();
    let sentence = format!(
        "database_url: PATH has schema 1000 and this version of Signet knows {known}; \
         run the version that was here before, or a newer one"
    );
    assert_eq!(place.refusal(), sentence);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let place = Place::new();
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    place.meddle("CREATE TABLE recipes (title TEXT)");
    close_to_others(&place);
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
    close_to_others(&place);
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

#[test]
fn a_file_that_cannot_be_opened_is_named_with_the_reason() {
    let place = Place::new();
    let folder = place.path().parent().unwrap().to_owned();
    fs::write(&folder, "a file").unwrap();
    assert_eq!(
        place.refusal(),
        "database_url: cannot make or open PATH: not a directory"
    );
    fs::remove_file(&folder).unwrap();
    fs::create_dir_all(place.path()).unwrap();
    let refused = SqliteOpenError::database(&place.path())(rusqlite::Error::InvalidQuery);
    let sentence = refused.to_string();
    assert!(sentence.ends_with(": is a directory"), "{sentence}");
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
fn files_that_others_have_rights_to_are_refused() {
    for (suffix, mode) in [("", 0o640), ("", 0o604), ("-wal", 0o644)] {
        let place = Place::new();
        let _open = place.open();
        let file = PathBuf::from(format!("{}{suffix}", place.path().display()));
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(
            place.refusal(),
            format!(
                "database_url: PATH{suffix} has mode {mode:04o}, so others could read email \
                 addresses and password hashes: run `chmod 600 PATH{suffix}`"
            )
        );
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        drop(place.open());
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
async fn a_commit_is_on_the_disk_before_it_is_answered() {
    let place = Place::new();
    let sqlite = place.open();
    let settings = sqlite.write("test", |connection| {
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u8>(0));
        let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get(0));
        let mode: String = mode?;
        Ok((mode, number("synchronous")?, number("fullfsync")?))
    });
    // 2 is FULL.
    assert_eq!(settings.await.unwrap(), ("wal".to_owned(), 2, 1));
}

fn close_to_others(place: &Place) {
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o600)).unwrap();
}
