//! Values that an option cannot have: every command refuses them before it does anything, with the
//! exit code of wrong usage.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use signet_tests::{Folder, run_signet};

#[test]
fn a_value_that_an_option_cannot_have_is_wrong_usage() {
    let folder = Folder::empty();
    for (arguments, sentence) in WRONG {
        let arguments: Vec<_> = arguments.split(' ').collect();
        let ran = run_signet(&folder, &arguments, &[]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.starts_with("error: "), "{ran:?}");
        assert!(ran.stderr.contains(sentence), "{ran:?}");
        let ran = run_signet(&folder, &[&arguments[..], &["--json"]].concat(), &[]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), ""), "{ran:?}");
        let said: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(said["code"], "usage", "{said}");
        assert!(said["error"].as_str().unwrap().contains(sentence), "{said}");
    }
}

#[test]
fn options_that_do_not_go_together_are_wrong_usage() {
    let folder = Folder::with_keys();
    let database = folder.path().join("empty.db");
    fs::write(&database, "").unwrap();
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();
    for command in ["client add orders", "client update orders"] {
        let arguments = format!("{command} --auth client_secret --jwks keys.json --json");
        let arguments: Vec<_> = arguments.split(' ').collect();
        let settings = [("SIGNET_DATABASE_URL", "sqlite://empty.db")];
        let ran = run_signet(&folder, &arguments, &settings);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let said: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let sentence = "--jwks goes with --auth private_key_jwt";
        assert_eq!(said, json!({"error": sentence, "code": "usage"}));
    }
}

#[test]
fn a_key_is_not_waited_for_longer_than_the_settings_say() {
    let folder = Folder::with_keys();
    let ran = run_signet(&folder, &["keys", "rotate", "--after", "25h"], &[]);
    let said = "error: --after must not be longer than keys.publish_lead, which is 1day\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), said));
}

#[test]
fn an_empty_value_does_not_empty_a_list() {
    let folder = Folder::empty();
    for command in ["add", "update"] {
        for empty in ["", " ", ","] {
            let arguments = ["client", command, "orders", "--scopes", empty];
            let ran = run_signet(&folder, &arguments, &[]);
            assert_eq!(ran.code, Some(2), "{ran:?}");
            assert!(ran.stderr.contains("it names nothing"), "{ran:?}");
        }
    }
}

/// Arguments, and what is said of them.
const WRONG: [(&str, &str); 29] = [
    (
        "account roles ada@example.com --add editor,staff --remove staff",
        "the role staff is in both --add and --remove; leave it out of one of them",
    ),
    (
        "client add o --grants nope",
        ": must be client_credentials, ",
    ),
    (
        "client add o --grants token-exchange,nope",
        ": nope: must be ",
    ),
    ("client add o --scopes a\"b", ": a scope must be "),
    (
        "client add o --audiences a,b\"c",
        ": b\"c: an audience must be ",
    ),
    (
        "client add o --redirect-uris javascript:x",
        ": must begin with ",
    ),
    (
        "client update o --grants nope",
        ": must be client_credentials, ",
    ),
    ("client update o --required-roles a\"b", ": a role must be "),
    (
        "client update o --account-claims iss",
        ": a custom claim must be ",
    ),
    (
        "client update o --redirect-uris javascript:x",
        ": must begin with ",
    ),
    ("client update o --logo-uri javascript:x", ": must "),
    (
        "client update o --token-ttl soon",
        ": must be a duration in whole seconds, such as 90s",
    ),
    (
        "client add o --token-ttl 90s500ms",
        ": must be a duration in whole seconds, such as 90s",
    ),
    (
        "account invite ada@example.com --expires-in 1h1ns",
        ": must be a duration in whole seconds, such as 90s",
    ),
    (
        "account invite ada@example.com --expires-in 59m",
        ": must be from 1h to 30d",
    ),
    (
        "account invite ada@example.com --expires-in 31d",
        ": must be from 1h to 30d",
    ),
    (
        "account uninvite nope",
        ": must be the id of an invitation; `signet account invitations` shows them",
    ),
    (
        "account list --endpoint nope",
        ": must be an IP address and a port, such as 127.0.0.1:9090",
    ),
    (
        "admin token --name ada@example.com",
        ": must be 1 to 80 of ",
    ),
    ("client add o --scopes a,-", ": it has values, and - for "),
    (
        "client update o --scopes a,-",
        ": it has values, and - for ",
    ),
    (
        "audit verify --known 7",
        ": must be a number, a colon and a hash, as `signet audit verify` ",
    ),
    (
        "audit search --type sign-in",
        ": must be the type of an event, such as session.ended",
    ),
    (
        "audit search --type ended",
        ": must be the type of an event, such as session.ended",
    ),
    (
        "audit search --account ada@example.com",
        ": must be the id of an account; `signet account show ADDRESS` prints it",
    ),
    (
        "audit search --account AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA",
        ": must be the id of an account; ",
    ),
    (
        "audit search --actor ada@example.com",
        ": must be the id of an account or of a client; ",
    ),
    (
        "keys revoke nope",
        ": this is not a kid; `signet keys list` shows ",
    ),
    (
        "keys export --kid nope",
        ": this is not a kid; `signet keys list` shows ",
    ),
];
