//! Errors of every command with `--json`: one object on standard output, and nothing else.

use serde_json::{Value, json};
use signet_tests::{Folder, Ran, run_signet};

use super::reference::leaves;

#[test]
fn every_command_says_invalid_settings_in_json() {
    let source = "environment variable SIGNET_LISTEN";
    let message = "must be an IP address and a port, such as 127.0.0.1:8080";
    let expected = json!({
        "error": format!("the configuration is invalid:\n  - listen {message} (from {source})"),
        "code": "invalid_configuration",
        "problems": [{"key": "listen", "source": source, "message": message}],
    });
    let folder = Folder::empty();
    for command in leaves() {
        if USE_NO_SETTINGS.contains(&command.join(" ").as_str()) {
            continue;
        }
        let arguments = [words(&command), arguments_of(&command), vec!["--json"]].concat();
        let ran = run_signet(&folder, &arguments, &[("SIGNET_LISTEN", "nonsense")]);
        assert_eq!(
            (ran.code, ran.stderr.as_str()),
            (Some(1), ""),
            "{arguments:?}: {ran:?}"
        );
        assert_eq!(document(&ran), expected, "{arguments:?}");
    }
}

#[test]
fn every_command_says_wrong_usage_in_json() {
    let folder = Folder::empty();
    for command in leaves() {
        // A kid may begin with a hyphen.
        if command.join(" ") == "keys revoke" {
            continue;
        }
        let arguments = [words(&command), vec!["--json", "--no-such-flag"]].concat();
        let ran = run_signet(&folder, &arguments, &[]);
        assert_eq!(
            (ran.code, ran.stderr.as_str()),
            (Some(2), ""),
            "{arguments:?}: {ran:?}"
        );
        let said = document(&ran);
        assert_eq!(said["code"], "usage", "{arguments:?}");
        let sentence = said["error"].as_str().expect("a sentence");
        assert!(
            sentence.starts_with("unexpected argument '--no-such-flag' found"),
            "{sentence}"
        );
    }
    let ran = run_signet(&folder, &["--json"], &[]);
    let sentence = "a command is missing; --help lists the commands";
    assert_eq!(ran.code, Some(2));
    assert_eq!(document(&ran), json!({"error": sentence, "code": "usage"}));
}

#[test]
fn without_json_errors_are_sentences_on_standard_error() {
    let folder = Folder::empty();
    let ran = run_signet(&folder, &["keys", "list"], &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.starts_with("signet: "), "{ran:?}");
    let ran = run_signet(&folder, &["keys", "lisst"], &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(
        ran.stderr.contains("a similar subcommand exists: 'list'"),
        "{ran:?}"
    );
}

#[test]
fn a_refused_change_of_the_keys_says_from_when_it_is_possible() {
    let ran = run_signet(&Folder::with_keys(), &["keys", "rotate", "--json"], &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    let said = document(&ran);
    assert_eq!(said["code"], "refused");
    let at = said["possible_at"].as_str().expect("a time");
    let sentence = said["error"].as_str().expect("a sentence");
    assert!(
        sentence.contains(&format!("; possible from {at} (in ")),
        "{sentence}"
    );
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn words(command: &[String]) -> Vec<&str> {
    command.iter().map(String::as_str).collect()
}

/// What a command needs beside its name.
fn arguments_of(command: &[String]) -> Vec<&'static str> {
    match command.join(" ").as_str() {
        "keys revoke" => vec!["--all"],
        "migrate" => vec!["--check"],
        "backup" | "restore" | "export" | "import" | "account import" => vec!["file"],
        "account uninvite" => vec!["AAAAAAAAAAAAAAAAAAAAAA"],
        "client list" | "account list" | "account invitations" | "account export" => vec![],
        "account set" => vec!["ada@example.com", "--no-name"],
        "client update" => vec!["orders", "--no-name"],
        name if name.starts_with("client ") => vec!["orders"],
        name if name.starts_with("account ") => vec!["ada@example.com"],
        _ => vec![],
    }
}

/// They describe the program, make the settings, or show their problems in a report.
const USE_NO_SETTINGS: [&str; 4] = ["completions", "doctor", "init", "man"];
