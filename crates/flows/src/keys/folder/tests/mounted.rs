//! A folder as Kubernetes mounts a Secret: every name is a link into `..data`, which is itself a
//! link, and a changed Secret is another folder that `..data` then leads to.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;

/// Mounts a copy of `keys` as the version `name` of the Secret at `mount`.
fn mount(keys: &Path, mount: &Path, name: &str) {
    let version = mount.join(name);
    fs::create_dir(&version).unwrap();
    for entry in fs::read_dir(keys).unwrap() {
        let file = entry.unwrap().file_name();
        fs::copy(keys.join(&file), version.join(&file)).unwrap();
        let _was_there = symlink(Path::new("..data").join(&file), mount.join(&file));
    }
    symlink(name, mount.join("..data_tmp")).unwrap();
    fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
}

#[tokio::test]
async fn a_secret_that_is_exchanged_is_taken_up() {
    let made = Running::start(None);
    let keys = made.followed.folder.path();
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o700)).unwrap();
    mount(keys, place.path(), "..first");
    let settings = KeySettings {
        dir: place.path().to_owned(),
        ..made.followed.settings.clone()
    };
    let mounted = FollowedFolder::new(&settings);
    mounted.look(&made.keys, &[], NOW, false).await;
    assert_eq!(mounted.problem(), None);

    made.rotate_at_once();
    mount(keys, place.path(), "..second");
    // Kubernetes removes the links of what is gone.
    for entry in fs::read_dir(place.path()).unwrap() {
        let path = entry.unwrap().path();
        if !path.exists() {
            fs::remove_file(path).unwrap();
        }
    }
    mounted.look(&made.keys, &[], NOW, false).await;
    assert_eq!(mounted.problem(), None);
    assert_eq!(made.generation(), 2);
}
