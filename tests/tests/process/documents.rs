//! The documentation keeps its word: its commands run, its lists are complete, its links lead
//! somewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use signet_tests::{Folder, Server, run_signet, signet_program};

#[test]
fn the_walk_through_of_the_readme_works() {
    let server = Server::start();
    let place = tempfile::tempdir().unwrap();
    let walk = section(&read("README.md"), "## Try it");
    let blocks = code_blocks(&walk, "sh");
    assert_eq!(blocks.len(), 5, "register, sign in, me, refresh, sign out");
    // All in one shell, as a person types them; each block's output ends with a mark.
    let script: String = blocks
        .iter()
        .map(|block| format!("{block}\necho; echo {MARK}\n"))
        .collect();
    assert_eq!(script.matches("http://127.0.0.1:8080").count(), 1);
    let script = script.replace("http://127.0.0.1:8080", server.api().base());
    let output = Command::new("sh")
        .args(["-eu", "-c", &script])
        .current_dir(place.path())
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let said: Vec<_> = text.split(MARK).collect();
    for (said, expected) in said.iter().zip([
        &[
            r#""access_token":"#,
            r#""email":"ada@example.com""#,
            r#""name":"Ada""#,
        ][..],
        &[],
        &[r#""email":"ada@example.com""#],
        &[r#""access_token":"#],
        &["signed out: 204", r#""code":"session_ended""#],
    ]) {
        for expected in expected {
            assert!(said.contains(expected), "{expected} is missing: {said}");
        }
    }
}

#[test]
fn a_program_gets_its_token_as_the_readme_says() {
    let server = Server::start();
    let text = section(&read("README.md"), "## Programs");
    let blocks = code_blocks(&text, "sh");
    assert_eq!(blocks.len(), 2, "register, ask");
    let signet = signet_program();
    let script = blocks
        .concat()
        .replace("target/release/signet", &signet.to_string_lossy())
        .replace("http://127.0.0.1:8080", server.api().base());
    let output = Command::new("sh")
        .args(["-eu", "-c", &script])
        .current_dir(server.folder().path())
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(r#""scope":"orders:read""#), "{said}");
    assert!(said.contains(r#""access_token":""#), "{said}");
}

#[test]
fn the_profile_for_gateways_is_one_that_the_server_takes() {
    let folder = Folder::with_keys();
    let text = section(&read("README.md"), "## Behind a gateway");
    let profile = code_blocks(&text, "toml").concat();
    fs::write(folder.path().join("signet.toml"), profile).unwrap();
    let ran = run_signet(&folder, &["config", "check"], &[]);
    assert!(ran.success, "{ran:?}");
    let shown = ran.stdout.lines();
    let shown = shown.filter(|line| line.starts_with("forward_auth.orders."));
    assert_eq!(shown.count(), 5, "every key of a profile");
}

/// The program in the verifier's README is compiled as its doctest.
#[test]
fn the_lines_for_a_service_are_those_of_the_compiled_program() {
    let compiled = read("crates/verifier/README.md");
    let compiled = code_blocks(&compiled, "rust,no_run").join("\n");
    let compiled: Vec<_> = compiled.lines().map(str::trim).collect();
    let lines = section(&read("README.md"), "## Protect a service");
    let lines = code_blocks(&lines, "rust").join("\n");
    assert!(lines.lines().count() <= 8, "a few lines");
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(compiled.contains(&line), "not compiled anywhere: {line}");
    }
}

#[test]
fn every_setting_is_in_the_readme_with_its_default() {
    let ran = run_signet(&Folder::with_keys(), &["config", "check"], &[]);
    assert!(ran.success, "{ran:?}");
    let table = section(&read("README.md"), "## Settings");
    let mut missing = Vec::new();
    for setting in ran.stdout.lines() {
        let Some(key) = setting.split_whitespace().next() else {
            continue;
        };
        let row = table
            .lines()
            .find(|row| row.contains(&format!("| `{key}` |")));
        let default = row
            .and_then(|row| row.split('|').nth(3))
            .unwrap_or("not in the table");
        if !setting.contains(default.trim().trim_matches('`')) {
            missing.push(format!("{setting}: {default}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    let rows = table
        .lines()
        .filter(|line| line.starts_with("| `SIGNET_"))
        .count();
    assert_eq!(
        rows,
        ran.stdout.lines().count(),
        "nothing else is in the table"
    );
}

#[test]
fn make_alone_lists_what_it_can_do() {
    let output = Command::new("make")
        .current_dir(root())
        .output()
        .expect("make runs");
    let help = String::from_utf8(output.stdout).unwrap();
    let makefile = read("Makefile");
    let phony = makefile
        .lines()
        .find_map(|line| line.strip_prefix(".PHONY: "))
        .unwrap();
    for target in phony.split_whitespace() {
        let line = help
            .lines()
            .find(|line| line.trim().starts_with(&format!("make {target} ")));
        assert!(line.is_some(), "{target} is not explained: {help}");
    }
    for (document, text) in documents() {
        for command in text
            .split('`')
            .filter_map(|code| code.strip_prefix("make "))
        {
            let target = command.split_whitespace().next().unwrap_or_default();
            assert!(
                phony.split_whitespace().any(|known| known == target),
                "{document}: {command}"
            );
        }
    }
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    for (document, text) in documents() {
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if link.starts_with("http") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = Path::new(&document).parent().unwrap();
            let target = if path.is_empty() {
                PathBuf::from(&document)
            } else {
                folder.join(path)
            };
            let target = root().join(target);
            assert!(target.exists(), "{document}: {link}");
            // A folder has no headings.
            assert!(
                anchor.is_empty()
                    || fs::read_to_string(target).is_ok_and(|text| has_heading(&text, anchor)),
                "{document}: {link}"
            );
        }
    }
}

fn documents() -> Vec<(String, String)> {
    let names = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "deploy/compose/README.md",
        "deploy/gateway/haproxy/README.md",
        "deploy/kubernetes/README.md",
        "deploy/systemd/README.md",
        "keys/README.md",
        "crates/verifier/README.md",
    ];
    names.map(|name| (name.to_owned(), read(name))).to_vec()
}

/// Whether a heading has this anchor, as code hosts make it.
fn has_heading(text: &str, anchor: &str) -> bool {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.into_iter().any(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        heading.replace(' ', "-") == anchor
    })
}

/// The text below a heading, up to the next one of its level.
fn section(text: &str, heading: &str) -> String {
    let (_, rest) = text
        .split_once(&format!("{heading}\n"))
        .expect("the heading");
    rest.split("\n## ").next().unwrap_or(rest).to_owned()
}

/// The fenced blocks of a language.
fn code_blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    blocks
        .filter_map(|rest| rest.split("```").next().map(str::to_owned))
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("tests/ lies in the workspace")
        .to_owned()
}

/// Ends the output of one block.
const MARK: &str = "--- end of block ---";
