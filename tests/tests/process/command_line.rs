//! The commands of `signet` apart from `serve`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use signet_tests::{Folder, Ran, Server, run_signet, signet_program};

#[test]
fn the_version_names_program_version_and_commit() {
    let ran = run_signet(&Folder::empty(), &["--version"], &[]);
    assert!(ran.success, "{ran:?}");
    let words: Vec<_> = ran.stdout.split_whitespace().collect();
    assert_eq!(words[0], "signet");
    assert_eq!(words[1], env!("CARGO_PKG_VERSION"));
    assert_eq!(words.len(), 3, "{}", ran.stdout);
}

#[test]
fn keys_are_made_once() {
    let folder = Folder::empty();
    let first = run_signet(&folder, &["keys", "init"], &[]);
    assert!(first.success, "{first:?}");
    let ring = fs::read(folder.keys().join("keyring.json")).unwrap();
    let again = run_signet(&folder, &["keys", "init"], &[]);
    assert!(again.success, "{again:?}");
    assert_eq!(fs::read(folder.keys().join("keyring.json")).unwrap(), ring);

    assert_eq!(mode(&folder, ""), 0o700);
    for entry in fs::read_dir(folder.keys()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert_eq!(
            mode(&folder, &name) & 0o077,
            0,
            "{name} is for the owner alone"
        );
    }
}

#[test]
fn keys_are_listed_with_their_states_and_without_their_secrets() {
    let folder = Folder::with_keys();
    let ran = run_signet(&folder, &["keys", "list"], &[]);
    assert!(ran.success, "{ran:?}");
    assert!(
        ran.stdout.contains("active") && ran.stdout.contains("next"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("PRIVATE"), "{}", ran.stdout);
}

#[test]
fn a_configuration_is_checked_without_serving() {
    let folder = Folder::with_keys();
    let settings = [("SIGNET_REFRESH_GRACE", "20s")];
    let ran = run_signet(&folder, &["config", "check"], &settings);
    assert!(ran.success, "{ran:?}");
    let grace = ran
        .stdout
        .lines()
        .find(|line| line.contains("session.grace"));
    let grace = grace.expect("every setting is shown");
    assert!(
        grace.contains("20s") && grace.contains("SIGNET_REFRESH_GRACE"),
        "{grace}"
    );
}

#[test]
fn passwords_in_settings_are_not_shown() {
    let folder = Folder::with_keys();
    let settings = [("SIGNET_REDIS_URL", "redis://:hunter2hunter2@127.0.0.1:6379")];
    let ran = run_signet(&folder, &["config", "check"], &settings);
    assert!(!format!("{ran:?}").contains("hunter2"), "{ran:?}");
}

#[tokio::test]
async fn healthcheck_tells_whether_it_serves() {
    let server = Server::start();
    let address = server.api().address().to_string();
    let settings = [("SIGNET_LISTEN", address.as_str())];
    let check = || -> Ran { run_signet(server.folder(), &["healthcheck"], &settings) };
    let ran = check();
    assert!(ran.success, "{ran:?}");
    let folder = std::sync::Arc::clone(server.folder());
    assert!(server.stop().status.success());
    let ran = run_signet(&folder, &["healthcheck"], &settings);
    assert!(!ran.success, "{ran:?}");
}

#[test]
fn an_unknown_command_is_explained() {
    let ran = run_signet(&Folder::empty(), &["frobnicate"], &[]);
    assert!(!ran.success);
    assert!(ran.stderr.contains("frobnicate"), "{}", ran.stderr);
}

#[test]
fn a_change_that_changes_nothing_is_wrong_usage() {
    let folder = Folder::empty();
    for (command, option) in [
        (["account", "set", "ada@example.com"], "--email-verified"),
        (["client", "update", "orders"], "--audiences"),
    ] {
        let ran = run_signet(&folder, &command, &[]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("required arguments"), "{ran:?}");
        assert!(ran.stderr.contains(option), "{ran:?}");
        let ran = run_signet(&folder, &[&command[..], &["--json"]].concat(), &[]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stdout.contains(r#""code":"usage""#), "{ran:?}");
        assert!(ran.stdout.contains(option), "{ran:?}");
    }
    // The version is a condition and no change.
    let version = ["client", "update", "orders", "--version", "1"];
    assert_eq!(run_signet(&folder, &version, &[]).code, Some(2));
}

#[test]
fn a_command_whose_output_is_lost_fails() {
    let folder = Folder::with_keys();
    for arguments in [&["keys", "export"][..], &["completions", "bash"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full");
        let ran = Command::new(signet_program())
            .args(arguments)
            .current_dir(folder.path())
            .stdout(full.unwrap())
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
        let said = String::from_utf8(ran.stderr).unwrap();
        assert!(
            said.starts_with("signet: cannot write to standard output: "),
            "{said}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let folder = Folder::with_keys();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let absent = "absent: No such file or directory";
    for (arguments, sentence) in [
        ("doctor", "cannot make or open folder: is a directory"),
        (
            "migrate --check",
            "cannot make or open folder: is a directory",
        ),
        (
            "backup out.db",
            "cannot make or open folder: is a directory",
        ),
        ("restore absent", absent),
        ("restore folder", "folder: is a directory"),
        ("import absent", absent),
        ("import folder", "folder: is a directory"),
        ("audit verify --file absent", absent),
        ("audit tail --file folder", "folder: Is a directory"),
    ] {
        let arguments: Vec<_> = arguments.split(' ').collect();
        let settings = [("SIGNET_DATABASE_URL", "sqlite://folder")];
        let ran = run_signet(&folder, &arguments, &settings);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains(sentence), "{arguments:?}: {said}");
    }
    for (file, sentence) in [("folder", "folder: is a directory"), ("absent", absent)] {
        fs::write(folder.path().join("empty.db"), "").unwrap();
        let owner = fs::Permissions::from_mode(0o600);
        fs::set_permissions(folder.path().join("empty.db"), owner).unwrap();
        let settings = [("SIGNET_DATABASE_URL", "sqlite://empty.db")];
        let ran = run_signet(&folder, &["account", "import", file], &settings);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.stderr.contains(sentence), "{ran:?}");
    }
}

fn mode(folder: &Folder, name: &str) -> u32 {
    fs::metadata(folder.keys().join(name))
        .unwrap()
        .permissions()
        .mode()
        & 0o777
}
