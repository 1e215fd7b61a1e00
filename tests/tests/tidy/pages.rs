//! What pages say of the sources is true of the sources that there are.

use crate::files;

/// `issuer/src/routes.rs` is in `crates/`; other paths begin at the root.
#[test]
fn every_source_file_that_a_page_names_is_there() {
    let mut found = 0;
    for (page, text) in files::with_extension("md") {
        for path in text
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|code| is_source(code))
        {
            found += 1;
            let places = [files::root(), files::root().join("crates")];
            let is_there = places.iter().any(|place| place.join(path).exists());
            assert!(is_there, "{page}: {path} is not there");
        }
    }
    assert!(found > 10, "only {found} paths were found");
}

fn is_source(code: &str) -> bool {
    let is_path = !code.is_empty()
        && code
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "/_-.".contains(letter));
    let is_in_sources =
        code.starts_with("crates/") || code.contains("/src") || code.starts_with("tests/");
    // The cache is not kept by git.
    is_path
        && (code.ends_with(".rs") || is_in_sources)
        && code.contains('/')
        && code != "tests/.cache"
}
