//! What commands say when there is nothing to show, and how they name what is missing.

use signet_tests::{Folder, Server, run_signet};

#[tokio::test]
async fn an_empty_list_is_a_sentence_that_names_what_there_is_none_of() {
    let server = Server::start();
    let said = |arguments: &[&str]| server.run(arguments).succeeded().stdout;
    assert_eq!(said(&["client", "list"]), "no client is registered\n");
    assert_eq!(said(&["account", "list"]), "there is no account\n");
    assert_eq!(said(&["account", "list", "--json"]), "[]\n");
    assert_eq!(said(&["account", "invitations"]), "no invitation is open\n");

    let ada = server.api().register().await.email;
    let of_role = ["account", "list", "--role", "clerk"];
    assert_eq!(said(&of_role), "no account matches\n");
    said(&["account", "sessions", &ada, "--end"]);
    let sessions = ["account", "sessions", &ada];
    assert_eq!(said(&sessions), "the account has no session\n");
}

#[test]
fn a_command_without_server_and_database_says_that_no_server_answers() {
    let ran = run_signet(&Folder::with_keys(), &["client", "list"], &[]);
    assert!(!ran.success);
    let said = "does not exist, and no server answers at 127.0.0.1:1: start the server, or name";
    assert!(ran.stderr.contains(said), "{ran:?}");
}

#[tokio::test]
async fn a_client_is_shown_with_everything_that_was_set() {
    let server = Server::start();
    let refused = server.run(&["client", "add", "web", "--auth", "none"]);
    assert!(!refused.success);
    assert!(refused.stderr.contains("(--audiences)"), "{refused:?}");

    let add = "client add web --auth none --audiences api --scopes read --name Shop \
               --required-roles clerk --sign-in-scopes read --token-ttl 5m";
    let added = run(&server, add);
    let lines = [
        "version: 1",
        "name: Shop",
        "required_roles: clerk",
        "sign_in_scopes: read",
        "token_ttl: 5m",
    ];
    let has_all = |shown: &str, lines: &[&str]| {
        for line in lines {
            let mut shown_lines = shown.lines();
            let is_there = shown_lines.any(|shown| shown.trim() == *line);
            assert!(is_there, "{line}: {shown}");
        }
    };
    has_all(&added, &lines);
    has_all(&run(&server, "client show web"), &lines);
    has_all(&run(&server, "client list"), &lines);
    let changed = run(&server, "client update web --name Store --token-ttl 2m");
    has_all(&changed, &["version: 2", "name: Store", "token_ttl: 2m"]);
}

#[test]
fn each_command_says_what_its_passphrase_is_for() {
    for (command, said) in [
        ("backup", "Encrypt what is written with the passphrase"),
        ("export", "Encrypt what is written with the passphrase"),
        ("restore", "Decrypt what is read with the passphrase"),
        ("import", "Decrypt what is read with the passphrase"),
    ] {
        let help = run_signet(&Folder::empty(), &[command, "--help"], &[]).stdout;
        assert!(help.contains(said), "{command}: {help}");
    }
}

/// Runs a command that must end well, and returns what it printed.
fn run(server: &Server, command: &str) -> String {
    let arguments: Vec<&str> = command.split(' ').collect();
    server.run(&arguments).succeeded().stdout
}
