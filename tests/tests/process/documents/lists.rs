//! What the documentation lists is complete and right: settings, targets, lines of code, links.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use signet_tests::{Folder, run_signet};

use super::{code_blocks, documents, read, root, section};

/// The program in the verifier's README is compiled as its doctest.
#[test]
fn the_lines_for_a_service_are_those_of_the_compiled_program() {
    let compiled = read("crates/verifier/README.md");
    let compiled = code_blocks(&compiled, "rust,no_run").join("\n");
    let compiled: Vec<_> = compiled.lines().map(str::trim).collect();
    let lines = section(&read("README.md"), "## Protect a service");
    let lines = code_blocks(&lines, "rust");
    let lines = lines.first().expect("the lines for a service");
    assert!(lines.lines().count() <= 8, "a few lines");
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(compiled.contains(&line), "not compiled anywhere: {line}");
    }
}

#[test]
fn every_setting_is_documented_with_its_default() {
    let ran = run_signet(&Folder::with_keys(), &["config", "check"], &[]);
    assert!(ran.success, "{ran:?}");
    let table = read("docs/settings.md");
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

/// Whether a heading has this anchor, as code hosts make it.
fn has_heading(text: &str, anchor: &str) -> bool {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.into_iter().any(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let is_kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
        let kept: String = heading.chars().filter(is_kept).collect();
        kept.replace(' ', "-") == anchor
    })
}
