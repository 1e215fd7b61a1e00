//! A folder whose private keys are encrypted later, and decrypted again.

use std::fs;
use std::net::TcpListener;

use signet_tests::{Folder, Ran, run_signet};

const PASSPHRASE: &[(&str, &str)] = &[("SIGNET_KEYS_PASSPHRASE", "nine trains at noon")];

fn keys(folder: &Folder, action: &str, settings: &[(&str, &str)]) -> Ran {
    run_signet(folder, &["keys", action], settings)
}

/// How many private keys lie in the clear, and how many do not.
fn at_rest(folder: &Folder) -> (usize, usize) {
    let entries = fs::read_dir(folder.keys()).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let pems = paths.filter(|path| path.extension().is_some_and(|end| end == "pem"));
    let (sealed, plain): (Vec<_>, Vec<_>) = pems.partition(|path| {
        let text = fs::read_to_string(path).expect("text");
        text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    });
    (plain.len(), sealed.len())
}

#[test]
fn a_passphrase_beside_unencrypted_keys_is_said_by_the_check_and_at_the_start() {
    let folder = Folder::with_keys();
    let said = || run_signet(&folder, &["config", "check", "--quiet"], PASSPHRASE).stderr;
    let warning = "6 private keys in keys are not encrypted; run `signet keys encrypt`";
    assert_eq!(
        said(),
        format!("signet: warning: a passphrase is set, but {warning}\n")
    );
    let (port_in_use, _held) = held_port();
    let settings = [PASSPHRASE[0], ("SIGNET_LISTEN", port_in_use.as_str())];
    let started = run_signet(&folder, &["serve"], &settings);
    assert!(started.stderr.contains(warning), "{started:?}");

    assert!(keys(&folder, "encrypt", PASSPHRASE).success);
    assert_eq!(said(), "");
}

/// An address that is in use, so that a server with it ends immediately.
fn held_port() -> (String, TcpListener) {
    let held = TcpListener::bind("127.0.0.1:0").expect("a free port");
    (held.local_addr().expect("an address").to_string(), held)
}

#[test]
fn a_folder_is_encrypted_with_the_passphrase_that_is_set_and_decrypted_with_it() {
    let folder = Folder::with_keys();
    let refused = keys(&folder, "encrypt", &[]);
    assert_eq!(
        refused.stderr,
        "signet: no passphrase is set: set keys.passphrase or keys.passphrase_file\n"
    );
    let done = keys(&folder, "encrypt", PASSPHRASE);
    assert!(done.stdout.starts_with("encrypted 6 files"), "{done:?}");
    assert_eq!(at_rest(&folder), (0, 6));
    let unreadable = keys(&folder, "check", &[]);
    assert!(
        unreadable.stderr.contains("no passphrase is set"),
        "{unreadable:?}"
    );

    let revoked = run_signet(&folder, &["keys", "revoke", "--all"], &[]);
    let advice = "Set the passphrase that the folder was encrypted with\n";
    assert!(revoked.stderr.ends_with(advice), "{revoked:?}");
    assert_eq!(at_rest(&folder), (0, 6));

    let done = keys(&folder, "decrypt", PASSPHRASE);
    assert!(done.stdout.contains("are not encrypted"), "{done:?}");
    assert_eq!(at_rest(&folder), (6, 0));
    assert!(keys(&folder, "check", &[]).success);
}
