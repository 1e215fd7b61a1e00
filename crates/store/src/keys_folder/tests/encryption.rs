//! Encrypting a folder later, and back; dying at each operation on the way.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;

use signet_core::keys::{AtRest, RingChange, RingRefusal, RotationPolicy, SecretFileError};

use super::super::*;
use super::disks::DyingDisk;
use super::stored_keys::{NOW, new_folder, on_disk, rng};

fn with_passphrase(folder: &KeysFolder, text: &str) -> KeysFolder {
    let passphrase = Passphrase::new(text.to_owned().into());
    let quick = passphrase.map(|passphrase| passphrase.danger_with_rounds(1));
    folder.clone().encrypted_with(quick)
}

/// How many secrets are encrypted, of how many.
fn encrypted(folder: &KeysFolder) -> (usize, usize) {
    let names = folder.names().unwrap();
    let pems = names.iter().filter(|name| {
        let name = name.to_str().unwrap();
        !name.starts_with('.') && name.strip_suffix(".pem").is_some()
    });
    let texts: Vec<_> = pems
        .map(|name| fs::read_to_string(folder.path().join(name)).unwrap())
        .collect();
    let sealed = texts.iter().filter(|text| text.contains("ENCRYPTED"));
    (sealed.count(), texts.len())
}

#[test]
fn a_folder_is_encrypted_and_back_and_the_second_time_changes_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let plain = new_folder(parent.path());
    let folder = with_passphrase(&plain, "one");
    let ring = folder.ring().unwrap();
    for (to, expected, written) in [
        (AtRest::Encrypted, (6, 6), 6),
        (AtRest::Encrypted, (6, 6), 0),
        (AtRest::Plain, (0, 6), 6),
        (AtRest::Plain, (0, 6), 0),
    ] {
        assert_eq!(folder.rewrite(to, NOW, &mut rng()).unwrap(), written);
        assert_eq!(encrypted(&folder), expected);
        let (sealed, all) = expected;
        assert_eq!(folder.count_unencrypted().unwrap(), all - sealed);
        assert_eq!(
            plain.count_unencrypted().unwrap(),
            0,
            "without a passphrase"
        );
        assert_eq!(folder.load(NOW).unwrap().ring, ring);
    }
    plain.load(NOW).unwrap();
}

#[test]
fn without_the_passphrase_or_with_another_nothing_is_changed() {
    let parent = tempfile::tempdir().unwrap();
    let plain = new_folder(parent.path());
    let refused = plain.rewrite(AtRest::Encrypted, NOW, &mut rng());
    assert!(matches!(refused, Err(KeysFolderError::NoPassphrase)));
    let folder = with_passphrase(&plain, "one");
    folder.rewrite(AtRest::Encrypted, NOW, &mut rng()).unwrap();
    let other = with_passphrase(&plain, "two");
    let refused = other.rewrite(AtRest::Plain, NOW, &mut rng());
    let cause = SecretFileError::WrongPassphrase;
    assert!(
        matches!(refused, Err(KeysFolderError::BadSecret { cause: found, .. }) if found == cause)
    );
    assert_eq!(encrypted(&folder), (6, 6));
}

#[test]
fn a_change_that_would_not_fit_an_encrypted_folder_is_refused_and_changes_nothing() {
    let changes: [Decide; 6] = [
        |ring| ring.rotate(&RotationPolicy::AT_ONCE, NOW),
        |ring| ring.rotate_mac(&RotationPolicy::AT_ONCE, NOW),
        |ring| ring.rotate_data(&RotationPolicy::AT_ONCE, NOW),
        |ring| ring.revoke(ring.signing()[0].kid(), NOW),
        |ring| Ok(ring.revoke_mac(NOW)),
        |ring| Ok(ring.revoke_all(NOW)),
    ];
    for decide in changes {
        let parent = tempfile::tempdir().unwrap();
        let plain = new_folder(parent.path());
        let folder = with_passphrase(&plain, "one");
        folder.rewrite(AtRest::Encrypted, NOW, &mut rng()).unwrap();
        let before = contents(&folder);
        let other = with_passphrase(&plain, "two");
        for (folder, expected) in [
            (&plain, SecretFileError::Encrypted),
            (&other, SecretFileError::WrongPassphrase),
        ] {
            let refused = folder.change(OPTIONS, &mut rng(), decide).unwrap_err();
            assert!(
                matches!(refused, KeysFolderError::BadSecret { cause, .. } if cause == expected),
                "{refused}"
            );
            assert!(refused.to_string().contains(". Set the passphrase"));
            assert_eq!(contents(folder), before);
        }
        folder.change(OPTIONS, &mut rng(), decide).unwrap();
        folder.load(NOW).unwrap();
        let (sealed, all) = encrypted(&folder);
        assert_eq!(sealed, all);
    }
}

/// Some files are encrypted, as after a crash or a change of the setting.
#[test]
fn one_encrypted_file_is_enough_for_a_change_to_need_the_passphrase() {
    let parent = tempfile::tempdir().unwrap();
    let plain = new_folder(parent.path());
    let folder = with_passphrase(&plain, "one");
    let rotate_data = |ring: &KeyRing| ring.rotate_data(&RotationPolicy::AT_ONCE, NOW);
    folder.change(OPTIONS, &mut rng(), rotate_data).unwrap();
    assert_eq!(encrypted(&folder), (1, 7));
    let refused = plain.change(OPTIONS, &mut rng(), rotate_data);
    let cause = SecretFileError::Encrypted;
    assert!(
        matches!(refused, Err(KeysFolderError::BadSecret { cause: found, .. }) if found == cause)
    );
    folder.change(OPTIONS, &mut rng(), rotate_data).unwrap();
    assert_eq!(encrypted(&folder), (2, 8));
}

/// What every file holds.
fn contents(folder: &KeysFolder) -> BTreeMap<OsString, String> {
    let names = folder.names().unwrap().into_iter();
    let text = |name: &OsString| fs::read_to_string(folder.path().join(name)).unwrap();
    names.map(|name| (name.clone(), text(&name))).collect()
}

#[test]
fn encrypting_and_decrypting_die_anywhere() {
    for (to, all) in [(AtRest::Encrypted, (6, 6)), (AtRest::Plain, (0, 6))] {
        let mut deaths = 0;
        loop {
            let parent = tempfile::tempdir().unwrap();
            let folder = with_passphrase(&new_folder(parent.path()), "one");
            if to == AtRest::Plain {
                folder.rewrite(AtRest::Encrypted, NOW, &mut rng()).unwrap();
            }
            let disk = Arc::new(DyingDisk::after(deaths + 1));
            let dying = on_disk(&folder, Arc::clone(&disk) as Arc<dyn Disk>);
            let outcome = dying.rewrite(to, NOW, &mut rng());
            folder.load(NOW).unwrap();
            if disk.survived() {
                assert_eq!(outcome.unwrap(), 6);
                break;
            }
            outcome.unwrap_err();
            folder.rewrite(to, NOW, &mut rng()).unwrap();
            assert_eq!(encrypted(&folder), all);
            let names = folder.names().unwrap();
            let staged = |name: &&OsString| name.to_str().unwrap().starts_with(files::STAGED);
            assert_eq!(names.iter().find(staged), None);
            deaths += 1;
        }
        // Two for each file, and the last sync.
        assert_eq!(deaths, 13);
    }
}

type Decide = fn(&KeyRing) -> Result<RingChange, RingRefusal>;

const OPTIONS: ChangeOptions = ChangeOptions {
    now: NOW,
    size: None,
};
