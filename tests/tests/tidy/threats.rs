//! The threat model claims nothing that no test holds.

use std::collections::BTreeSet;

use crate::files;

#[test]
fn each_claim_of_the_threat_model_names_tests_that_exist() {
    let known = functions();
    let mut claims = 0;
    let mut faults = Vec::new();
    for row in rows(&files::read("docs/threat-model.md")) {
        claims += 1;
        let tests: Vec<_> = row.split('`').skip(1).step_by(2).collect();
        if tests.is_empty() {
            faults.push(format!("no test: {row}"));
        }
        let missing = tests.iter().filter(|test| !known.contains(**test));
        faults.extend(missing.map(|test| format!("no such test: {test}")));
    }
    assert!(claims > 40, "only {claims} claims were found");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The last cell of each row below a heading that ends in `held by`.
fn rows(text: &str) -> Vec<&str> {
    let mut is_claimed = false;
    let mut rows = Vec::new();
    for line in text.lines() {
        if !line.starts_with('|') {
            is_claimed = false;
        } else if line.ends_with("| held by |") {
            is_claimed = true;
        } else if is_claimed && !line.starts_with("|---") {
            let cells = line.trim_end_matches('|');
            rows.extend(cells.rsplit('|').next());
        }
    }
    rows
}

/// The names of all functions in files and modules of tests.
fn functions() -> BTreeSet<String> {
    let files = files::with_extension("rs").into_iter();
    let tested = files.filter(|(path, text)| files::is_test(path) || text.contains("[test]"));
    let mut names = BTreeSet::new();
    for (_, text) in tested {
        for after in text.split("fn ").skip(1) {
            let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let end = after.find(|letter| !is_name(letter)).unwrap_or_default();
            names.insert(after[..end].to_owned());
        }
    }
    names
}
