//! What a person at a terminal sees: questions, progress, colours.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use signet_tests::{Folder, run_on_terminal, run_signet};

#[test]
fn init_asks_until_each_answer_is_valid_and_writes_the_file() {
    let folder = Folder::empty();
    let typed = "auth.example.com\nhttps://auth.example.com\n\n\n\n10.0.0.0/8\n";
    let shown = run_on_terminal(&folder, &["init"], &[], typed);
    assert!(shown.success, "{shown:?}");
    for said in [
        "public_url must be an http or https URL, such as https://example.com",
        "[sqlite://data/signet.db]",
        "trusted_proxies is not set, but public_url is https",
        "wrote signet.toml\nType next:\n  signet keys init\n  signet doctor\n  signet serve\n",
    ] {
        assert!(shown.text.contains(said), "{said}: {}", shown.text);
    }
    let file = folder.path().join("signet.toml");
    let written = fs::read_to_string(&file).unwrap();
    for line in [
        r#"public_url = "https://auth.example.com""#,
        r#"database_url = "sqlite://data/signet.db""#,
        r#"trusted_proxies = ["10.0.0.0/8"]"#,
    ] {
        assert!(written.lines().any(|written| written == line), "{written}");
    }
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    run_signet(&folder, &["config", "check"], &[]).succeeded();

    let again = run_on_terminal(&folder, &["init"], &[], "");
    assert!(!again.success);
    assert!(
        again.text.contains("signet.toml exists and is not changed"),
        "{again:?}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
}

#[test]
fn init_asks_for_the_redis_that_postgresql_needs() {
    let folder = Folder::empty();
    let typed = "\npostgres://db/signet\n\nredis://cache\n";
    let shown = run_on_terminal(&folder, &["init", "--config", "other.toml"], &[], typed);
    assert!(shown.success, "{shown:?}");
    assert!(shown.text.contains("PostgreSQL needs Redis"), "{shown:?}");
    assert!(
        shown.text.contains("signet serve --config other.toml"),
        "{shown:?}"
    );
    let written = fs::read_to_string(folder.path().join("other.toml")).unwrap();
    assert!(
        written.contains(r#"redis_url = "redis://cache""#),
        "{written}"
    );
}

#[test]
fn init_without_a_terminal_takes_its_answers_from_flags() {
    let folder = Folder::with_keys();
    let ran = run_signet(&folder, &["init"], &[]);
    assert!(!ran.success);
    assert!(ran.stderr.contains("--public-url"), "{ran:?}");
    let ran = run_signet(
        &folder,
        &["init", "--public-url", "https://auth.example.com"],
        &[],
    );
    assert!(ran.stderr.contains("trusted_proxies is not set"), "{ran:?}");
    assert!(!folder.path().join("signet.toml").exists());
    let flags = [
        "init",
        "--public-url=https://auth.example.com",
        "--trusted-proxies=none",
        "--json",
    ];
    let ran = run_signet(&folder, &flags, &[]);
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    let next = ["signet doctor", "signet serve"];
    assert_eq!(said, json!({"done": "wrote signet.toml", "next": next}));
    let checked = run_signet(&folder, &["config", "check", "--json"], &[]);
    let checked: Value = serde_json::from_str(&checked.stdout).unwrap();
    let settings = checked["settings"].as_array().unwrap();
    let proxies = settings
        .iter()
        .find(|setting| setting["key"] == "trusted_proxies");
    assert_eq!(
        proxies.unwrap(),
        &json!({"key": "trusted_proxies", "value": "none", "source": "file signet.toml"})
    );
}

#[test]
fn help_is_as_wide_as_the_terminal_and_what_programs_read_is_not() {
    let folder = Folder::empty();
    let narrow = [("COLUMNS", "60")];
    let shown = run_on_terminal(&folder, &["serve", "--help"], &narrow, "");
    let read = run_signet(&folder, &["serve", "--help"], &narrow).succeeded();
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert!(longest(&shown.text) <= Some(60), "{shown:?}");
    assert!(longest(&read.stdout) > Some(90), "{read:?}");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&shown.text), words(&read.stdout));

    let completions = ["completions", "zsh"];
    let shown = run_on_terminal(&folder, &completions, &narrow, "");
    let read = run_signet(&folder, &completions, &[]).succeeded();
    assert_eq!(shown.text, read.stdout);
    run_on_terminal(&folder, &["man", "shown"], &narrow, "");
    run_signet(&folder, &["man", "read"], &[]).succeeded();
    let page = |place: &str| {
        let path = folder.path().join(place).join("signet-restore.1");
        fs::read_to_string(path).expect("a page")
    };
    assert_eq!(page("shown"), page("read"));
}

#[test]
fn long_work_shows_its_progress_on_a_terminal_only() {
    let shown = run_on_terminal(&Folder::empty(), &["keys", "init"], &[], "");
    assert!(shown.success, "{shown:?}");
    assert!(shown.text.contains("making keys (0 s)"), "{shown:?}");
    // The line of the progress is removed before the result is printed.
    let (_, after) = shown.text.rsplit_once("\r\u{1b}[K").expect("progress");
    assert!(after.starts_with("created new keys in "), "{shown:?}");
    let ran = run_signet(&Folder::empty(), &["keys", "init"], &[]);
    assert_eq!(ran.stderr, "");
}

#[test]
fn changes_of_the_schema_and_moves_show_what_was_counted() {
    let folder = Folder::with_keys();
    let shown = |arguments: &[&str], settings: &[(&str, &str)]| {
        let settings = [&[("SIGNET_OPS_LISTEN", "127.0.0.1:1")], settings].concat();
        let shown = run_on_terminal(&folder, arguments, &settings, "");
        assert!(shown.success, "{shown:?}");
        shown.text
    };
    let text = shown(&["migrate", "--apply"], &[]);
    assert!(text.contains("changing the schema (0 s)"), "{text}");
    let add = [
        "client",
        "add",
        "web",
        "--auth",
        "none",
        "--audiences",
        "api",
    ];
    run_signet(&folder, &add, &[]).succeeded();
    let text = shown(&["restore", "--end-sessions"], &[]);
    assert!(text.contains("ending every session (0 s)"), "{text}");
    // The client, and the rows that every database has.
    let text = shown(&["export", "everything"], &[]);
    assert!(text.contains("exporting rows: "), "{text}");
    let elsewhere = [("SIGNET_DATABASE_URL", "sqlite://new/signet.db")];
    let text = shown(&["import", "everything"], &elsewhere);
    assert!(text.contains("importing rows: "), "{text}");
}

#[test]
fn colours_are_for_terminals_and_obey_no_color() {
    let folder = Folder::with_keys();
    let on_terminal = |arguments: &[&str], settings: &[(&str, &str)]| {
        run_on_terminal(&folder, arguments, settings, "").text
    };
    let (none, term) = (("NO_COLOR", "1"), ("TERM", "xterm"));
    // A file in the place of the folder: the server logs a warning, and then fails.
    let failing = ("SIGNET_DATABASE_URL", "sqlite:///dev/null/signet.db");
    let warned = ("SIGNET_LIMITS_ENABLED", "false");
    for (arguments, settings) in [
        (&["--help"][..], &[term][..]),
        (&["keys", "lisst"], &[term]),
        (
            &["serve"],
            &[
                term,
                failing,
                warned,
                ("SIGNET_LISTEN", "127.0.0.1:0"),
                ("SIGNET_OPS_LISTEN", "127.0.0.1:0"),
            ],
        ),
    ] {
        let coloured = on_terminal(arguments, settings);
        assert!(coloured.contains("\u{1b}["), "{arguments:?}: {coloured}");
        let plain = on_terminal(arguments, &[settings, &[none]].concat());
        assert!(!plain.contains("\u{1b}["), "{arguments:?}: {plain}");
    }
}
