//! How small the verifier is, which other teams read before they depend on it. `make size` prints
//! what is measured here.
//!
//! A line counts if it holds a word: blank lines, comments and lone brackets, which rustfmt
//! places, do not. Tests do not count either, nor do the adapters, of which a service takes what
//! it needs, nor the test kit: what counts is what checks a token and what fetches keys. Status
//! lists, which few services switch on, are counted for themselves.

use std::collections::BTreeSet;

use crate::{crates, files};

#[test]
fn the_verifier_brings_few_crates() {
    let limits = [
        ("", CRATES),
        ("remote", CRATES_WITH_REMOTE),
        ("status", CRATES_WITH_REMOTE),
    ];
    for (features, at_most) in limits {
        let crates = crates_of_verifier(features);
        let number = crates.len();
        println!("{number:5} crates with the features {features:?}, {at_most} at most");
        assert!(number <= at_most, "{crates:?}");
    }
}

#[test]
fn the_verifier_is_read_in_an_hour() {
    let sources = files::with_extension("rs").into_iter();
    let sources = sources.filter(|(path, _)| path.starts_with(SOURCES) && !files::is_test(path));
    let (adapters, proper): (Vec<_>, Vec<_>) =
        sources.partition(|(path, _)| is_beside(&path[SOURCES.len()..]));
    let (status, proper): (Vec<_>, Vec<_>) = proper
        .into_iter()
        .partition(|(path, _)| path[SOURCES.len()..].contains("status"));
    let lines = count(&proper, holds_a_word);
    let status = count(&status, holds_a_word);
    let with_brackets = count(&proper, is_code);
    let beside = count(&adapters, holds_a_word);
    println!("{lines:5} lines, {LINES} at most ({with_brackets} with lone brackets)");
    println!("{status:5} lines of status lists beside, {STATUS_LINES} at most");
    println!("{beside:5} lines of adapters and the test kit beside");
    assert!(lines <= LINES, "{lines} lines in the verifier");
    assert!(status <= STATUS_LINES, "{status} lines of status lists");
}

/// The crates in its tree, itself not counted.
fn crates_of_verifier(features: &str) -> BTreeSet<String> {
    let tree = crates::cargo(&[
        "tree",
        "--package=signet-verifier",
        "--no-default-features",
        &format!("--features={features}"),
        "--edges=normal",
        "--prefix=none",
        "--format={p}",
    ]);
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != "signet-verifier")
        .map(str::to_owned)
        .collect()
}

/// How many lines, the tests at the end of each file aside.
fn count(sources: &[(String, String)], counts: impl Fn(&str) -> bool) -> usize {
    let lines = sources.iter().flat_map(|(_, text)| {
        text.lines()
            .map(str::trim)
            .take_while(|line| *line != "mod tests {")
    });
    lines.filter(|line| counts(line)).count()
}

fn is_beside(path: &str) -> bool {
    path.starts_with("adapters") || path == "testing.rs"
}

fn is_code(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("//") && line != "#[cfg(test)]"
}

fn holds_a_word(line: &str) -> bool {
    is_code(line) && line.contains(char::is_alphanumeric)
}

const SOURCES: &str = "crates/verifier/src/";

/// Few services mind this many crates; aws-lc-rs alone is 15 with what builds it.
const CRATES: usize = 20;
/// HTTP and TLS; a general HTTP client alone is more.
const CRATES_WITH_REMOTE: usize = 50;
/// What can be read in an hour. It was 1,500 before the verifier checked the age and the methods of
/// a sign-in, accepted another policy for one token, and let services limit the use of stale keys.
/// It was 1,600 before it checked the status of tokens: settings, refusals, health and the wait for
/// a list belong to the files that were there.
const LINES: usize = 1_850;
/// The claim, a checked list, the table of lists and the task that polls. It was 550 before a list
/// could name the published keys, so that every revoked key is noticed.
const STATUS_LINES: usize = 575;
