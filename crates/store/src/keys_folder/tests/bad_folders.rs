//! Folders that must not be used, and the sentence for each; and a mounted Secret, which may.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::super::*;
use super::disks::{OtherUsersDisk, ReadOnlyDisk};
use super::stored_keys::{NOW, new_folder, on_disk, rng};

fn with_folder(check: impl FnOnce(&KeysFolder)) {
    let parent = tempfile::tempdir().unwrap();
    check(&new_folder(parent.path()));
}

fn refusal(folder: &KeysFolder) -> String {
    folder.load(NOW).unwrap_err().to_string()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn active_file(folder: &KeysFolder) -> PathBuf {
    let ring = folder.ring().unwrap();
    folder.file(&files::signing_file(ring.active_at(NOW).unwrap().kid()))
}

#[test]
fn no_folder_and_no_ring_say_how_to_make_one() {
    let parent = tempfile::tempdir().unwrap();
    for path in [parent.path().to_owned(), parent.path().join("keys")] {
        let sentence = format!(
            "there is no key ring in {}: if this installation was used before, mount the folder or \
             restore it from its backup, because a new ring ends every session; for a new \
             installation, run `signet keys init`",
            path.display()
        );
        assert_eq!(refusal(&KeysFolder::at(path)), sentence);
    }
}

#[test]
fn rights_of_others_are_refused() {
    with_folder(|folder| {
        let file = active_file(folder);
        let modes = [
            (folder.path().to_owned(), 0o755, 0o700),
            (file.clone(), 0o640, 0o600),
            (file, 0o604, 0o600),
            (folder.file("mac-1.pem"), 0o644, 0o600),
            (folder.file("data-1.pem"), 0o644, 0o600),
            (folder.file("keyring.json"), 0o620, 0o600),
        ];
        for (path, mode, wanted) in modes {
            set_mode(&path, mode);
            let text = path.display();
            assert_eq!(
                refusal(folder),
                format!(
                    "{text} has mode {mode:04o}, so others could use the keys: run `chmod \
                     {wanted:o} {text}`, and if others may have read them, `signet keys revoke \
                     --all`"
                )
            );
            set_mode(&path, wanted);
        }
        set_mode(&folder.file("keyring.json"), 0o644);
        assert!(folder.load(NOW).is_ok());
    });
}

#[test]
fn a_folder_of_another_user_is_refused_and_left_as_it_is() {
    with_folder(|folder| {
        let owner = fs::metadata(folder.path()).unwrap().uid();
        let user = owner + 1;
        let path = folder.path().display();
        let sentence = format!(
            "user {owner} owns {path}, but signet runs as user {user}: run signet as user {owner}, \
             or run `chown -R {user} {path}`"
        );
        let foreign = on_disk(folder, Arc::new(OtherUsersDisk));
        assert_eq!(refusal(&foreign), sentence);
        for name in folder.names().unwrap() {
            fs::remove_file(folder.file(name.to_str().unwrap())).unwrap();
        }
        set_mode(folder.path(), 0o750);
        let init = foreign.init(&InitOptions::default(), NOW, &mut rng());
        assert_eq!(init.unwrap_err().to_string(), sentence);
        let mode = fs::metadata(folder.path()).unwrap().mode() & 0o777;
        assert_eq!((mode, folder.names().unwrap()), (0o750, Vec::new()));
    });
}

#[test]
fn root_is_told_to_become_the_owner_of_the_folder_and_not_to_change_it() {
    let refused = KeysFolderError::OtherOwner {
        folder: "keys".into(),
        owner: 998,
        user: 0,
    };
    assert_eq!(
        refused.to_string(),
        "user 998 owns keys, but signet runs as user 0: run signet as that user, for example \
         `runuser -u $(id -nu 998) -- signet doctor`"
    );
}

#[test]
fn a_missing_file_is_named() {
    with_folder(|folder| {
        for path in [
            active_file(folder),
            folder.file("mac-2.pem"),
            folder.file("data-1.pem"),
        ] {
            let text = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            let sentence = format!(
                "{} is missing: restore the folder from its backup",
                path.display()
            );
            assert_eq!(refusal(folder), sentence);
            fs::write(&path, text).unwrap();
            set_mode(&path, 0o600);
        }
        assert!(folder.load(NOW).is_ok());
    });
}

#[test]
fn damaged_and_exchanged_files_are_named() {
    with_folder(|folder| {
        let (active, mac) = (active_file(folder), folder.file("mac-1.pem"));
        let text = fs::read(&active).unwrap();
        for damage in [&text[..text.len() / 2], b"", b"\xff"] {
            fs::write(&active, damage).unwrap();
            assert!(refusal(folder).contains(&active.display().to_string()));
        }
        fs::copy(&mac, &active).unwrap();
        assert!(refusal(folder).contains("not a private key of the right kind"));
        fs::remove_file(&active).unwrap();
        fs::create_dir(&active).unwrap();
        assert!(refusal(folder).contains("it is not a file"));
    });
}

#[test]
fn two_signing_keys_that_changed_names_are_noticed() {
    with_folder(|folder| {
        let ring = folder.ring().unwrap();
        let [one, other] =
            [0, 1].map(|index| folder.file(&files::signing_file(ring.signing()[index].kid())));
        fs::copy(&other, &one).unwrap();
        let sentence = format!(
            "{} holds another key than its name says: restore the folder from its backup",
            one.display()
        );
        assert_eq!(refusal(folder), sentence);
    });
}

#[test]
fn a_damaged_ring_is_refused() {
    with_folder(|folder| {
        let path = folder.file("keyring.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() / 2]).unwrap();
        assert!(matches!(
            folder.load(NOW),
            Err(KeysFolderError::BadRing { .. })
        ));
        fs::write(&path, text.replace("\"activates_at\"", "\"stops_at\"")).unwrap();
        assert!(refusal(folder).contains("stops, but was never active"));
    });
}

#[test]
fn foreign_files_are_refused_hidden_ones_ignored() {
    with_folder(|folder| {
        fs::write(folder.file(".DS_Store"), "").unwrap();
        assert!(folder.load(NOW).is_ok());
        let path = folder.file("id_rsa");
        fs::write(&path, "").unwrap();
        let sentence = format!(
            "{} belongs to no key of the ring: move it out of the keys folder",
            path.display()
        );
        assert_eq!(refusal(folder), sentence);
    });
}

#[test]
fn a_mounted_secret_may_be_readable_by_its_group_never_by_others() {
    with_folder(|folder| {
        let mount = tempfile::tempdir().unwrap();
        let data = mount.path().join("..data");
        fs::rename(folder.path(), &data).unwrap();
        fs::create_dir(folder.path()).unwrap();
        for name in KeysFolder::at(&data).names().unwrap() {
            symlink(data.join(&name), mount.path().join(&name)).unwrap();
            set_mode(&data.join(&name), 0o440);
        }
        set_mode(mount.path(), 0o755);
        let secret = on_disk(&KeysFolder::at(mount.path()), Arc::new(ReadOnlyDisk));
        secret.load(NOW).unwrap();
        let again = secret.init(&InitOptions::default(), NOW, &mut rng());
        assert_eq!(again.unwrap(), Initialized::AlreadyThere);
        set_mode(&data.join("mac-1.pem"), 0o444);
        assert!(matches!(
            secret.load(NOW),
            Err(KeysFolderError::OpenToOthers { .. })
        ));
    });
}
