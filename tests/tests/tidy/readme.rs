//! The README stays short, in the order in which a newcomer reads, and has the words that people search for;
//! and each place that checks a change runs the same checks.

use crate::files;

#[test]
fn the_readme_is_short_and_leads_from_a_first_try_to_operation() {
    let readme = files::read("README.md");
    let lines = readme.lines().count();
    assert!(lines <= MAX_LINES, "README.md has {lines} lines");
    let titles = readme.lines().filter_map(|line| line.strip_prefix("## "));
    let titles: Vec<_> = titles.collect();
    assert_eq!(titles, SECTIONS);
}

#[test]
fn the_readme_has_the_words_that_people_search_for() {
    let readme = files::read("README.md");
    for word in ["SSO", "OpenID Connect", "CSRF", "SameSite", "MFA", "JWKS"] {
        assert!(readme.contains(word), "{word} is missing");
    }
}

#[test]
fn every_place_that_checks_a_change_runs_all_checks() {
    for (path, command) in [
        (".ci/run", "make ci"),
        (".github/workflows/ci.yml", "make ci"),
    ] {
        let file = files::read(path);
        let runs = file.lines().filter(|line| !line.trim().starts_with('#'));
        let runs = runs.filter(|line| line.contains(command)).count();
        assert_eq!(runs, 1, "{path} does not run `{command}`");
    }
}

const MAX_LINES: usize = 160;

/// What it is, how to try it, how to use it, how to run it.
const SECTIONS: [&str; 9] = [
    "Is it for you?",
    "State and limits",
    "Install",
    "Try it",
    "Protect a service",
    "Add a browser app",
    "Put a gateway in front",
    "Operate it",
    "Where to go next",
];
