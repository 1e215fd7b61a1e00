//! Making a folder, once, twice and at once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use std::thread;

use signet_core::ids::AccountId;
use signet_core::keys::{KeyState, Lifetimes, Purpose, RotationPolicy};
use signet_core::session::{Generation, RefreshToken, SessionHandle};

use super::super::*;
use super::stored_keys::{NOW, new_folder, rng};

fn init(folder: &KeysFolder) -> Result<Initialized, KeysFolderError> {
    folder.init(&InitOptions::default(), NOW, &mut rng())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_folder_is_closed_and_loads() {
    let parent = tempfile::tempdir().unwrap();
    let folder = KeysFolder::at(parent.path().join("a/keys"));
    assert_eq!(init(&folder).unwrap(), Initialized::Made);
    assert_eq!(mode(folder.path()), 0o700);
    for name in folder.names().unwrap() {
        assert_eq!(
            mode(&folder.path().join(&name)),
            0o600,
            "{}",
            name.display()
        );
    }
    let keys = folder.load(NOW).unwrap();
    let active = keys.ring.active_at(NOW).unwrap();
    assert_eq!(keys.signing.active_at(NOW).kid(), active.kid());
    assert_eq!(keys.ring.generation(), 1);
    assert_eq!(keys.ring.longest(), Lifetimes::default());
    assert_eq!(keys.ring.data().len(), 2);
    assert_eq!(keys.ring.signing()[1].state_at(NOW), KeyState::Next);
}

#[test]
fn the_loaded_mac_keys_read_what_they_wrote() {
    let parent = tempfile::tempdir().unwrap();
    let folder = new_folder(parent.path());
    let token = RefreshToken {
        account_id: AccountId::from_bytes([1; 16]),
        handle: SessionHandle::random(&mut rng()),
        generation: Generation::FIRST,
    };
    let text = token.write(&folder.load(NOW).unwrap().mac, NOW);
    let again = folder.load(NOW).unwrap().mac;
    assert_eq!(RefreshToken::read(text.expose(), &again), Ok(token));
}

#[test]
fn what_was_sealed_opens_after_rotation_and_revocation() {
    let parent = tempfile::tempdir().unwrap();
    let folder = new_folder(parent.path());
    let whose = (Purpose::TOTP_SECRET, AccountId::from_bytes([1; 16]));
    let options = ChangeOptions {
        now: NOW,
        size: None,
    };
    let seal = || {
        let data = folder.load(NOW).unwrap().data;
        data.seal(whose, b"secret", NOW, &mut rng()).unwrap()
    };
    let mut sealed = vec![seal()];
    let rotate = |ring: &KeyRing| ring.rotate_data(&RotationPolicy::AT_ONCE, NOW);
    folder.change(options, &mut rng(), rotate).unwrap();
    sealed.push(seal());
    let revoke = |ring: &KeyRing| Ok(ring.revoke_all(NOW));
    folder.change(options, &mut rng(), revoke).unwrap();
    sealed.push(seal());
    let data = folder.load(NOW).unwrap().data;
    for (text, key) in sealed.iter().zip([1, 2, 4]) {
        assert_eq!(text[1], key);
        assert_eq!(**data.open(whose, text).unwrap(), *b"secret");
    }
    assert!(!folder.file("data-3.pem").exists());
}

#[test]
fn a_folder_that_was_rotated_by_a_clock_ahead_is_used_again_after_a_change_at_the_right_time() {
    let ahead = NOW.saturating_add(std::time::Duration::from_hours(2));
    let now = NOW.saturating_add(std::time::Duration::from_mins(1));
    let at = |now| ChangeOptions { now, size: None };
    let revoke = |ring: &KeyRing| ring.revoke(ring.signing()[0].kid(), now);
    let rotate = |ring: &KeyRing| ring.rotate(&RotationPolicy::AT_ONCE, now);
    for change in [&revoke as &dyn Fn(&KeyRing) -> _, &rotate] {
        let parent = tempfile::tempdir().unwrap();
        let folder = new_folder(parent.path());
        let whose = (Purpose::TOTP_SECRET, AccountId::from_bytes([1; 16]));
        let turn = |ring: &KeyRing| ring.rotate_data(&RotationPolicy::AT_ONCE, ahead);
        folder.change(at(ahead), &mut rng(), turn).unwrap();
        let data = folder.load(ahead).unwrap().data;
        let sealed = data.seal(whose, b"secret", ahead, &mut rng()).unwrap();
        let turn = |ring: &KeyRing| ring.rotate(&RotationPolicy::AT_ONCE, ahead);
        folder.change(at(ahead), &mut rng(), turn).unwrap();
        let keys = folder.load(now).unwrap();
        assert_eq!(keys.ring.changed_at(), ahead);
        assert_eq!(**keys.data.open(whose, &sealed).unwrap(), *b"secret");
        folder.change(at(now), &mut rng(), change).unwrap();
        let keys = folder.load(now).unwrap();
        assert_eq!(keys.ring.changed_at(), now);
        assert_eq!(**keys.data.open(whose, &sealed).unwrap(), *b"secret");
    }
}

#[test]
fn the_folder_of_a_checkout_is_closed_and_its_page_stays() {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["README.md", ".gitignore"] {
        fs::write(parent.path().join(name), "kept").unwrap();
    }
    let folder = KeysFolder::at(parent.path());
    assert_eq!(init(&folder).unwrap(), Initialized::Made);
    assert_eq!(mode(folder.path()), 0o700);
    assert_eq!(
        fs::read_to_string(folder.file("README.md")).unwrap(),
        "kept"
    );
    assert!(folder.load(NOW).is_ok());
}

#[test]
fn the_second_time_changes_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let folder = new_folder(parent.path());
    let ring = fs::read(folder.file("keyring.json")).unwrap();
    assert_eq!(init(&folder).unwrap(), Initialized::AlreadyThere);
    assert_eq!(fs::read(folder.file("keyring.json")).unwrap(), ring);
}

#[test]
fn of_several_at_once_exactly_one_makes_the_ring() {
    let parent = tempfile::tempdir().unwrap();
    let outcomes: Vec<Initialized> = thread::scope(|scope| {
        let starts = [(); 3].map(|()| {
            let folder = KeysFolder::at(parent.path());
            scope.spawn(move || init(&folder).unwrap())
        });
        starts.map(|start| start.join().unwrap()).to_vec()
    });
    let made = outcomes
        .iter()
        .filter(|outcome| **outcome == Initialized::Made);
    assert_eq!(made.count(), 1);
    assert!(KeysFolder::at(parent.path()).load(NOW).is_ok());
}

#[test]
fn keys_without_a_ring_are_not_made_worthless() {
    let parent = tempfile::tempdir().unwrap();
    let folder = new_folder(parent.path());
    fs::remove_file(folder.file("keyring.json")).unwrap();
    assert!(matches!(
        init(&folder),
        Err(KeysFolderError::Foreign { .. })
    ));
}

#[test]
fn with_a_passphrase_every_secret_is_encrypted() {
    let parent = tempfile::tempdir().unwrap();
    let passphrase = |text: &str| Passphrase::new(text.to_owned().into());
    let folder = KeysFolder::at(parent.path()).encrypted_with(passphrase("one"));
    init(&folder).unwrap();
    for name in folder.names().unwrap() {
        let text = fs::read_to_string(folder.path().join(&name)).unwrap();
        if Path::new(&name).extension().is_some_and(|end| end == "pem") {
            assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        }
    }
    folder.load(NOW).unwrap();
    for (passphrase, what) in [
        (None, "no passphrase is set"),
        (passphrase("two"), "encrypted with another passphrase"),
    ] {
        let other = KeysFolder::at(parent.path()).encrypted_with(passphrase);
        let refusal = other.load(NOW).unwrap_err().to_string();
        assert!(refusal.contains(what), "{refusal}");
    }
}
