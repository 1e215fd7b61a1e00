//! How a source file looks, and what no file may hold.

use crate::files;

#[test]
fn every_source_file_begins_by_saying_what_it_owns() {
    for (path, text) in files::with_extension("rs") {
        assert!(
            text.starts_with("//! "),
            "{path} does not begin with a `//!` sentence"
        );
    }
}

#[test]
fn no_source_file_is_longer_than_can_be_understood() {
    for (path, text) in files::with_extension("rs") {
        let lines = text.lines().count();
        assert!(lines <= LINES, "{path} has {lines} lines; {LINES} at most");
    }
}

#[test]
fn nothing_is_left_for_later_or_waved_through() {
    let banned = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[ign", "ore"),
        concat!("#[al", "low("),
        concat!("#![al", "low("),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    for (path, text) in files::with_extension("rs") {
        for word in banned {
            assert!(!text.contains(word), "{path} contains {word}");
        }
    }
}

#[test]
fn no_lock_is_global() {
    for (path, text) in files::with_extension("rs") {
        let global = text.lines().find(|line| {
            line.contains("static ") && line.contains("Lock") && !line.trim().starts_with("//")
        });
        assert!(
            files::is_test(&path) || global.is_none(),
            "{path}: {global:?}; state is passed as an argument"
        );
    }
}

#[test]
fn private_keys_lie_only_in_folders_of_tests() {
    let heads = ["PRIVATE", "RSA PRIVATE", "EC PRIVATE", "ENCRYPTED PRIVATE"];
    let heads = heads.map(|kind| format!("-----BEGIN {kind} KEY-----\n"));
    for (path, text) in files::all() {
        let found = heads.iter().any(|head| text.contains(head.as_str()));
        assert!(
            !found || files::is_test(&path),
            "{path} holds a private key"
        );
    }
}

#[test]
fn files_speak_of_the_project_alone() {
    let folders = ["work", "home", "root"].map(|folder| format!("/{folder}/"));
    for (path, text) in files::all() {
        for (number, line) in text.lines().enumerate() {
            let named = folders.iter().find(|folder| names_folder(line, folder));
            assert!(
                named.is_none(),
                "{path}:{}: names a folder of one machine",
                number + 1
            );
        }
    }
}

#[test]
fn files_do_not_speak_of_how_they_were_made() {
    let banned = [
        concat!("/tmp", "/wt"),
        concat!("issue", " #"),
        concat!("DEPENDENCIES", ".md"),
        concat!("DESIGN", ".md"),
        concat!("GATEWAYS", ".md"),
        concat!("HTTP", ".md"),
        concat!("PERFORMANCE", ".md"),
        concat!("SEEDS", ".md"),
        concat!("STYLE", ".md"),
    ];
    for (path, text) in files::all() {
        for word in banned {
            assert!(!text.contains(word), "{path} contains {word}");
        }
    }
}

#[test]
fn lines_end_without_blanks_and_files_with_a_line_end() {
    for (path, text) in files::all() {
        // A seed is the bytes that it is.
        let is_exact = path.starts_with("tests/fuzz/seeds/");
        if path.starts_with("LICENSE") || path == "Cargo.lock" || is_exact {
            continue;
        }
        let blank = text
            .lines()
            .position(|line| line.ends_with([' ', '\t', '\r']));
        assert_eq!(blank, None, "{path}: a line ends in a blank");
        assert!(
            text.is_empty() || text.ends_with('\n'),
            "{path} ends within a line"
        );
    }
}

#[test]
fn no_route_is_without_a_description() {
    for (path, text) in files::with_extension("rs") {
        let is_product = path.starts_with("crates/issuer/src/")
            && path != "crates/issuer/src/openapi/routes.rs"
            && !files::is_test(&path);
        let undescribed = concat!(".rou", "te(");
        assert!(
            !is_product || !text.contains(undescribed),
            "{path} adds a route by other means than `routes!`"
        );
    }
}

/// Whether a line holds the absolute path `folder`, not merely a part of a longer path.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"./_-}$)".contains(before))
    })
}

const LINES: usize = 400;
