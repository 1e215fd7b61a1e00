//! A crash at each operation in turn.

use super::super::*;
use super::disks::DyingDisk;
use super::first_day::{NOW, init};

#[test]
fn a_first_start_that_dies_anywhere_is_made_good_by_the_next() {
    let mut deaths = 0;
    loop {
        let parent = tempfile::tempdir().unwrap();
        let disk = Arc::new(DyingDisk::after(deaths + 1));
        let dying = KeysFolder {
            path: parent.path().join("keys"),
            disk: Arc::clone(&disk) as Arc<dyn Disk>,
        };
        let outcome = init(&dying);
        if disk.survived() {
            assert_eq!(outcome.unwrap(), Initialized::Made);
            break;
        }
        outcome.unwrap_err();
        let folder = KeysFolder::at(dying.path());
        init(&folder).unwrap();
        folder.load(NOW).unwrap();
        deaths += 1;
    }
    // The folder 2, cleaning 1, secrets 5, the ring 4, names 5, and the last sync.
    assert_eq!(deaths, 18);
}
