//! `signet doctor` and the file of settings: which one it reads, where it finds none, and who else can
//! read it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use signet_tests::{Folder, run_signet};

use super::{Findings, detail, doctor, findings, found_as, problem};

#[test]
fn in_another_folder_it_says_that_it_found_no_file_before_it_offers_new_keys() {
    let server = Folder::with_keys();
    let keys = server.keys();
    let file = server.path().join("signet.toml");
    let text = format!("[keys]\ndir = {:?}\n", keys.to_str().unwrap());
    fs::write(&file, text).unwrap();

    let elsewhere = Folder::empty();
    let found = findings(&doctor(&elsewhere, &[]));
    assert!(detail(&found, "settings").starts_with("no file: signet.toml is not in this folder"));
    let hint = "there is no key ring in keys, and no file of settings was read: run the command in \
                the folder of signet.toml, or name that file with --config";
    problem(&found, "keys", hint);

    let path = file.to_str().unwrap();
    let found = findings(&doctor(&elsewhere, &[("SIGNET_CONFIG", path)]));
    assert_eq!(detail(&found, "settings"), format!("the file is {path}"));
    assert!(detail(&found, "keys").contains(" is sound; "), "{found:?}");
    let named = run_signet(&elsewhere, &["doctor", "--config", path], &[]);
    assert!(
        named.stdout.contains(&format!("the file is {path}\n")),
        "{named:?}"
    );
    let here = findings(&doctor(&server, &[]));
    assert_eq!(detail(&here, "settings"), "the file is signet.toml");

    // A folder of keys that was named is not just another folder: the keys were lost.
    fs::remove_dir_all(&keys).unwrap();
    problem(
        &findings(&doctor(&server, &[])),
        "keys",
        "restore it from its backup",
    );
}

#[test]
fn a_file_with_secrets_that_others_can_read_is_a_warning() {
    let folder = Folder::with_keys();
    let file = folder.path().join("signet.toml");
    let found = |text: &str, mode: u32| -> Findings {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        findings(&doctor(&folder, &[]))
    };
    let closed = r#"redis_url = "redis://signet:secret@127.0.0.1:1""#;
    for (text, keys) in [
        (closed, "redis_url"),
        (
            r#"redis_url = "unix:///run/none.sock?user=signet&pass=secret""#,
            "redis_url",
        ),
        (
            r#"redis_url = "redis+sentinel://signet:secret@127.0.0.1:1,127.0.0.1:2/main""#,
            "redis_url",
        ),
        (
            "[keys]\npassphrase = \"seven words that nobody else would choose\"",
            "keys.passphrase",
        ),
    ] {
        let hint = format!(
            "signet.toml has mode 0644, so others can read the secrets in it ({keys}): run \
             `chmod o= signet.toml`"
        );
        found_as(&found(text, 0o644), "warning", "settings", &hint);
    }
    let secret = folder.path().join("passphrase");
    fs::write(&secret, "seven words that nobody else would choose").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o604)).unwrap();
    let hint = "passphrase has mode 0604, so others can read the secret in it \
                (keys.passphrase_file): run `chmod o= passphrase`";
    let names_it = "[keys]\npassphrase_file = \"passphrase\"";
    found_as(&found(names_it, 0o640), "warning", "settings", hint);
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();

    let is_silent = |found: Findings| {
        let mut lines = found.iter();
        lines.all(|(_, check, detail)| check != "settings" || !detail.contains("has mode"))
    };
    assert!(is_silent(found(closed, 0o640)));
    assert!(is_silent(found(names_it, 0o640)));
    assert!(is_silent(found(
        r#"redis_url = "redis://127.0.0.1:1""#,
        0o644
    )));
}
