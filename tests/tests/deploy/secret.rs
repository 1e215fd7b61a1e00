//! `deploy/kubernetes/secret`: the steps of the job that rotates keys in a Secret, run on a folder
//! as Kubernetes mounts it. What only a cluster can do, replacing the Secret, is left out.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use signet_tests::{Folder, run_signet};

use crate::yaml::{document, texts};

#[test]
fn the_job_rotates_what_is_mounted_and_leaves_only_what_a_secret_can_hold() {
    let folder = Folder::with_keys();
    let place = tempfile::tempdir().unwrap();
    let (secret, keys) = (place.path().join("secret"), place.path().join("keys"));
    mount(&folder.keys(), &secret);
    fs::create_dir(&keys).unwrap();
    let places = [("/secret", secret.as_path()), ("/keys", keys.as_path())];
    let job = document("deploy/kubernetes/secret/rotate-keys.yaml");
    let pod = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"];

    shell(texts(&pod["initContainers"][0]["command"])[2], &places);
    let rotation = &pod["initContainers"][1];
    let mut command = texts(&rotation["command"]);
    assert_eq!(command.remove(0), "signet");
    let ring = keys.join("ring").to_str().unwrap().to_owned();
    let config = place.path().join("signet.toml");
    fs::write(&config, "[keys]\nring_lag = \"5m\"\n").unwrap();
    let variables = rotation["env"].as_array().unwrap().iter();
    let mut settings: Vec<_> = variables.map(setting).collect();
    assert_eq!(settings[0], ("SIGNET_CONFIG", "/config/signet.toml"));
    assert_eq!(settings[1], ("SIGNET_KEYS_DIR", "/keys/ring"));
    settings[0].1 = config.to_str().unwrap();
    settings[1].1 = &ring;
    let early = run_signet(&folder, &command, &settings);
    assert!(early.stderr.contains("possible from"), "{early:?}");
    command.push("--now");
    let rotated = run_signet(&folder, &command, &settings);
    assert!(rotated.success, "{rotated:?}");

    let script = texts(&pod["containers"][0]["command"])[2];
    let (tidy, replace) = script.split_once('\n').unwrap();
    assert!(replace.contains("signet-keys --from-file=/keys/ring"));
    shell(tidy, &places);
    for entry in fs::read_dir(&ring).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with('.'), "{name}");
        let is_key = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        assert!(name.chars().all(is_key), "{name}");
    }
    let checked = run_signet(&folder, &["keys", "check"], &settings);
    assert!(checked.stdout.contains("generation 2"), "{checked:?}");
}

fn setting(variable: &Value) -> (&str, &str) {
    let text = |name: &str| variable[name].as_str().expect("text");
    (text("name"), text("value"))
}

/// Every name is a link into `..data`, and the group may read.
fn mount(keys: &Path, secret: &Path) {
    let version = secret.join("..2026");
    fs::create_dir_all(&version).unwrap();
    symlink("..2026", secret.join("..data")).unwrap();
    for entry in fs::read_dir(keys).unwrap() {
        let name = entry.unwrap().file_name();
        if name.to_str().unwrap().starts_with('.') {
            continue;
        }
        fs::copy(keys.join(&name), version.join(&name)).unwrap();
        fs::set_permissions(version.join(&name), Permissions::from_mode(0o440)).unwrap();
        symlink(Path::new("..data").join(&name), secret.join(&name)).unwrap();
    }
}

/// Runs a script of the job with other folders in the place of its mounts.
fn shell(script: &str, places: &[(&str, &Path)]) {
    let mut script = script.to_owned();
    for (mount, place) in places {
        script = script.replace(mount, place.to_str().unwrap());
    }
    let output = Command::new("sh").args(["-ceu", &script]).output().unwrap();
    assert!(output.status.success(), "{script}: {output:?}");
}
