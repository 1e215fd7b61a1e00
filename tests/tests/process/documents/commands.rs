//! The commands of the documentation: typed into a shell, or at least known to the program.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use signet_tests::{Folder, Server, run_signet, signet_program};

use super::{code_blocks, documents, read, section};
use crate::reference;

#[test]
fn the_walk_through_of_the_readme_works() {
    let server = Server::start();
    let blocks = walk_through();
    assert_eq!(blocks.len(), 5, "register, sign in, me, refresh, sign out");
    // All in one shell, as a person types them; each block's output ends with a mark.
    let script: String = blocks
        .iter()
        .map(|block| format!("{block}\necho; echo {MARK}\n"))
        .collect();
    assert_eq!(script.matches("http://127.0.0.1:8080").count(), 1);
    let text = typed(&server, &script);
    let said: Vec<_> = text.split(MARK).collect();
    for (said, expected) in said.iter().zip([
        &["registered: 201"][..],
        &[],
        &[r#""email":"ada@example.com""#, r#""name":"Ada""#],
        &["refreshed: 200"],
        &["signed out: 204"],
    ]) {
        for expected in expected {
            assert!(said.contains(expected), "{expected} is missing: {said}");
        }
    }
}

#[test]
fn a_newcomer_gives_a_role_as_documented() {
    let server = Server::start();
    let blocks = code_blocks(&read("docs/getting-started.md"), "sh");
    assert_eq!(blocks.len(), 3, "register, give a role, refresh");
    let said = typed(&server, &blocks.join("\n"));
    assert!(said.contains(r#""roles":["clerk"]"#), "{said}");
}

#[test]
fn the_walk_through_uses_no_token_after_the_sign_out() {
    let text = walk_through().concat();
    let (_, after) = text.split_once("/auth/logout").expect("a sign-out");
    assert!(!after.contains("$TOKEN"), "{after}");
}

#[test]
fn a_program_gets_its_token_as_documented() {
    let server = Server::start();
    let text = section(&read("docs/programs.md"), "## Client credentials");
    let blocks = code_blocks(&text, "sh");
    assert_eq!(blocks.len(), 2, "register, ask");
    let said = typed(&server, &blocks.concat());
    assert!(said.contains(r#""scope":"orders:read""#), "{said}");
    assert!(said.contains(r#""access_token":""#), "{said}");
}

#[test]
fn a_gateway_gets_the_identity_as_documented() {
    let server = Server::start();
    let sign_in = walk_through()[..2].concat();
    let ask = code_blocks(&read("docs/gateways.md"), "sh").concat();
    let said = typed(&server, &format!("{sign_in}\n{ask}"));
    assert!(said.contains("HTTP/1.1 200 OK"), "{said}");
    let table = section(&read("docs/gateways.md"), "## Responses");
    let headers = table.split('`').filter(|word| word.starts_with("X-Auth-"));
    let said = said.to_lowercase();
    let mut count = 0;
    for header in headers {
        count += 1;
        let header = header.to_lowercase();
        assert!(said.contains(&format!("{header}: ")), "{header}: {said}");
    }
    let sent = said.lines().filter(|line| line.starts_with("x-auth-"));
    assert_eq!(sent.count(), count, "every header is in the table: {said}");
}

#[test]
fn an_operator_reads_accounts_as_documented() {
    let server = Server::start();
    let blocks = code_blocks(&read("docs/administration.md"), "sh");
    assert_eq!(blocks.len(), 2, "list accounts, register a program");
    let said = typed(&server, &blocks[0]);
    assert!(said.contains(r#""accounts":[]"#), "{said}");
    let said = typed(&server, &blocks[1]);
    assert!(said.contains("client_secret: "), "{said}");
}

#[test]
fn the_profile_for_gateways_is_one_that_the_server_takes() {
    let folder = Folder::with_keys();
    let profile = code_blocks(&read("docs/gateways.md"), "toml").concat();
    fs::write(folder.path().join("signet.toml"), profile).unwrap();
    let ran = run_signet(&folder, &["config", "check"], &[]);
    assert!(ran.success, "{ran:?}");
    let shown = ran.stdout.lines();
    let shown = shown.filter(|line| line.starts_with("forward_auth.orders."));
    assert_eq!(shown.count(), 6, "every key of a profile");
}

/// Blocks of the language `sh` are for the tests above and for those of their folder; other
/// commands stand in indented blocks, with names that a test cannot have.
#[test]
fn every_block_that_a_page_wants_typed_is_typed_by_a_test() {
    let run = [
        ("README.md", 6),
        ("docs/administration.md", 2),
        ("docs/gateways.md", 1),
        ("docs/getting-started.md", 3),
        ("docs/programs.md", 2),
    ];
    for (document, text) in documents() {
        // Its programs are compiled and run beside it.
        if document.starts_with("crates/verifier/") {
            continue;
        }
        let count = code_blocks(&text, "sh").len();
        let known = run.iter().find(|(known, _)| *known == document);
        let expected = known.map_or(0, |(_, count)| *count);
        assert_eq!(count, expected, "{document}: blocks that no test runs");
    }
}

#[test]
fn every_command_of_signet_in_a_page_is_one_that_the_program_knows() {
    // What follows `signet ` may also be a sentence or the name of a unit.
    let known = reference::commands(&[]);
    let mut helps = Helps::new();
    let mut found = 0;
    for (document, text) in documents() {
        let lines = command_lines(&text).into_iter();
        let of_signet =
            |words: &Vec<String>| words.first().is_some_and(|word| known.contains(word));
        for words in lines.filter(of_signet) {
            found += 1;
            let help = help(&mut helps, &words);
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                let flag = flag.split('=').next().unwrap_or_default();
                assert!(help.contains(flag), "{document}: {words:?}: {help}");
            }
        }
    }
    assert!(found > 30, "only {found} commands were found");
}

#[test]
fn every_variable_in_a_page_is_a_setting() {
    let settings = read("docs/settings.md");
    for (document, text) in documents() {
        for (at, _) in text.match_indices("SIGNET_") {
            let name: String = text[at..]
                .chars()
                .take_while(|letter| letter.is_ascii_uppercase() || *letter == '_')
                .collect();
            let is_known = settings.contains(&format!("| `{name}` |"))
                // The file itself, the prefix of them all, and variables of benches.
                || ["SIGNET_CONFIG", "SIGNET_"].contains(&name.as_str())
                || name.starts_with("SIGNET_BENCH_");
            assert!(is_known, "{document}: {name} is in no row");
        }
    }
}

fn walk_through() -> Vec<String> {
    code_blocks(&section(&read("README.md"), "## Try it"), "sh")
}

/// What a shell in the folder of this server prints; the addresses and the program are its own.
fn typed(server: &Server, script: &str) -> String {
    let signet = signet_program();
    let operations = server.operations();
    let operations = operations.base();
    let script = script
        .replace("target/release/signet", &signet.to_string_lossy())
        .replace("http://127.0.0.1:8080", server.api().base())
        .replace("http://127.0.0.1:9090", operations);
    let output = Command::new("sh")
        .args(["-eu", "-c", &script])
        .current_dir(server.folder().path())
        .env(
            "SIGNET_OPS_LISTEN",
            operations.trim_start_matches("http://"),
        )
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Each `signet …` in a code span, a fenced block or an indented one, as its words.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let spans = text.split('`').skip(1).step_by(2);
    let blocks = text.lines().filter(|line| line.starts_with("    "));
    let mut found = Vec::new();
    for code in spans.chain(blocks).flat_map(str::lines) {
        let start = code.find("signet ");
        let Some(words) = start.map(|start| code[start..].split_whitespace()) else {
            continue;
        };
        let words = words.skip(1);
        let words: Vec<_> = words
            .map(|word| word.trim_end_matches([')', '"', ',']))
            .collect();
        let end = words
            .iter()
            .position(|word| ["|", "&&", ";"].contains(word));
        let words = &words[..end.unwrap_or(words.len())];
        found.push(words.iter().map(|&word| word.to_owned()).collect());
    }
    found
}

/// What `--help` says of the command that these words begin with.
fn help<'h>(helps: &'h mut Helps, words: &[String]) -> &'h str {
    let is_name = |word: &&String| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let names: Vec<_> = words.iter().take_while(is_name).take(2).cloned().collect();
    helps.entry(names.clone()).or_insert_with(|| {
        let mut arguments: Vec<_> = names.iter().map(String::as_str).collect();
        arguments.retain(|word| !word.starts_with('-'));
        arguments.push("--help");
        let ran = run_signet(&Folder::empty(), &arguments, &[]);
        assert!(ran.success, "signet {names:?}: {ran:?}");
        ran.stdout
    })
}

/// What the program says of each of its commands.
type Helps = BTreeMap<Vec<String>, String>;

/// Ends the output of one block.
const MARK: &str = "--- end of block ---";
