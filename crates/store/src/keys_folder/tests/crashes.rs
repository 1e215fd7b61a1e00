//! A crash at each operation in turn, of each command: the folder can always be read, signs, and
//! the same command can be run again.

use std::fs;
use std::time::Duration;

use signet_core::keys::{KeyRing, KeyState, RingChange, RingRefusal, RotationPolicy};

use super::super::*;
use super::disks::DyingDisk;
use super::stored_keys::{NOW, new_folder, on_disk, rng};

type Decide = fn(&KeyRing) -> Result<RingChange, RingRefusal>;

const LATER: Timestamp = Timestamp::from_millis(1_800_000_000_000 + 100 * 24 * 60 * 60 * 1_000);

fn options(now: Timestamp) -> ChangeOptions {
    ChangeOptions { now, size: None }
}

fn active_kid(ring: &KeyRing) -> String {
    ring.active_at(NOW).unwrap().kid().to_string()
}

/// The folder as a reader finds it right after the crash.
fn check_readable(folder: &KeysFolder, now: Timestamp) {
    let keys = folder.load(now).unwrap();
    let states: Vec<_> = keys
        .ring
        .signing()
        .iter()
        .map(|key| key.state_at(now))
        .collect();
    assert!(states.contains(&KeyState::Active) && states.contains(&KeyState::Next));
    let active = keys.ring.active_at(now).unwrap();
    assert_eq!(keys.signing.active_at(now).kid(), active.kid());
}

fn check_tidy(folder: &KeysFolder) {
    for name in folder.names().unwrap() {
        let name = name.to_str().unwrap();
        assert!(!name.starts_with(files::STAGED), "{name}");
    }
}

/// Lets `decide` die at each of its operations; says how many there are.
fn deaths_of(now: Timestamp, prepare: &dyn Fn(&KeysFolder), decide: Decide) -> usize {
    for operations in 1.. {
        let parent = tempfile::tempdir().unwrap();
        let folder = new_folder(parent.path());
        prepare(&folder);
        let before = folder.ring().unwrap().generation();
        let disk = Arc::new(DyingDisk::after(operations));
        let dying = on_disk(&folder, Arc::clone(&disk) as Arc<dyn Disk>);
        let outcome = dying.change(options(now), &mut rng(), decide);
        check_readable(&folder, now);
        if disk.survived() {
            assert!(outcome.unwrap().is_change());
            check_tidy(&folder);
            return operations - 1;
        }
        outcome.unwrap_err();
        if folder.ring().unwrap().generation() == before {
            assert!(
                folder
                    .change(options(now), &mut rng(), decide)
                    .unwrap()
                    .is_change()
            );
        } else {
            folder.tidy(now).unwrap();
        }
        check_readable(&folder, now);
        check_tidy(&folder);
    }
    unreachable!("some number of operations is enough");
}

fn nothing(_: &KeysFolder) {}

fn rotate_at_once(folder: &KeysFolder) {
    let rotate: Decide = |ring| ring.rotate(&RotationPolicy::AT_ONCE, NOW);
    folder.change(options(NOW), &mut rng(), rotate).unwrap();
    folder
        .change(options(NOW), &mut rng(), |ring| {
            ring.rotate_mac(&RotationPolicy::AT_ONCE, NOW)
        })
        .unwrap();
}

#[test]
fn a_first_start_that_dies_anywhere_is_made_good_by_the_next() {
    let mut deaths = 0;
    loop {
        let (parent, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let disk = Arc::new(DyingDisk::after(deaths + 1));
        let folder = KeysFolder {
            path: parent.path().join("keys"),
            ..new_folder(other.path())
        };
        let dying = on_disk(&folder, Arc::clone(&disk) as Arc<dyn Disk>);
        let outcome = dying.init(&InitOptions::default(), NOW, &mut rng());
        if disk.survived() {
            assert_eq!(outcome.unwrap(), Initialized::Made);
            break;
        }
        outcome.unwrap_err();
        folder
            .init(&InitOptions::default(), NOW, &mut rng())
            .unwrap();
        check_readable(&folder, NOW);
        deaths += 1;
    }
    // The folder 2, secrets 6, the ring 4, names 6, and the last sync.
    assert_eq!(deaths, 19);
}

#[test]
fn rotate_dies_anywhere() {
    // A secret, the ring 4, its name and a sync, the old key's removal and a sync.
    let deaths = deaths_of(NOW, &nothing, |ring| {
        ring.rotate(&RotationPolicy::AT_ONCE, NOW)
    });
    assert_eq!(deaths, 9);
}

#[test]
fn rotate_mac_dies_anywhere() {
    let deaths = deaths_of(NOW, &nothing, |ring| {
        ring.rotate_mac(&RotationPolicy::AT_ONCE, NOW)
    });
    assert_eq!(deaths, 7);
}

#[test]
fn rotate_data_dies_anywhere() {
    let deaths = deaths_of(NOW, &nothing, |ring| {
        ring.rotate_data(&RotationPolicy::AT_ONCE, NOW)
    });
    assert_eq!(deaths, 7);
}

#[test]
fn retire_dies_anywhere() {
    // The ring 4, the removal of the old MAC key, which its sessions needed, and a sync.
    let deaths = deaths_of(LATER, &rotate_at_once, |ring| ring.retire(LATER));
    assert_eq!(deaths, 6);
}

#[test]
fn revoke_dies_anywhere() {
    let deaths = deaths_of(NOW, &nothing, |ring| {
        let active = ring.active_at(NOW).unwrap().kid().clone();
        ring.revoke(&active, NOW)
    });
    assert_eq!(deaths, 9);
}

#[test]
fn revoke_all_dies_anywhere() {
    // Secrets 6, the ring 4, names 6 and a sync, removals 5 and a sync.
    let deaths = deaths_of(NOW, &nothing, |ring| Ok(ring.revoke_all(NOW)));
    assert_eq!(deaths, 23);
}

#[test]
fn of_two_rotations_at_once_one_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let folder = new_folder(parent.path());
    let now = NOW.saturating_add(Duration::from_hours(24));
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let rotations = [(); 2].map(|()| {
            scope.spawn(|| {
                let rotate = |ring: &KeyRing| ring.rotate(&RotationPolicy::default(), now);
                folder.change(options(now), &mut rng(), rotate)
            })
        });
        rotations
            .map(|rotation| rotation.join().unwrap())
            .into_iter()
            .collect()
    });
    let refused = |outcome: &&Result<RingChanged, KeysFolderError>| {
        matches!(
            outcome,
            Err(KeysFolderError::Refused(RingRefusal::Pending { .. }))
        )
    };
    assert_eq!(outcomes.iter().filter(refused).count(), 1);
    assert_eq!(folder.ring().unwrap().generation(), 2);
}

#[test]
fn a_private_key_is_removed_when_it_stops_signing() {
    let parent = tempfile::tempdir().unwrap();
    let folder = new_folder(parent.path());
    let file = folder.file(&format!(
        "signing-{}.pem",
        active_kid(&folder.ring().unwrap())
    ));
    let now = NOW.saturating_add(Duration::from_hours(24));
    let rotate = |ring: &KeyRing| ring.rotate(&RotationPolicy::default(), now);
    folder.change(options(now), &mut rng(), rotate).unwrap();
    assert!(file.exists());
    let flip = now.saturating_add(Duration::from_mins(2));
    assert!(
        !folder
            .tidy(flip.saturating_sub(Duration::from_millis(1)))
            .unwrap()
    );
    assert!(folder.tidy(flip).unwrap());
    assert!(!file.exists());
    check_readable(&folder, flip);
}

#[test]
fn a_lock_that_does_not_hold_is_noticed_by_the_generation() {
    let parent = tempfile::tempdir().unwrap();
    let folder = new_folder(parent.path());
    let before = fs::read(folder.file("keyring.json")).unwrap();
    let outcome = folder.change(options(NOW), &mut rng(), |ring| {
        let newer = ring.revoke_mac(NOW).finish([]).unwrap();
        fs::write(folder.file("keyring.json"), newer.to_json().unwrap()).unwrap();
        ring.rotate(&RotationPolicy::AT_ONCE, NOW)
    });
    assert!(matches!(outcome, Err(KeysFolderError::Overtaken { .. })));
    assert_ne!(fs::read(folder.file("keyring.json")).unwrap(), before);
}
