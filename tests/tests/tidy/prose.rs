//! How sentences are written: words that hide the subject, or that must be read twice.

use crate::files;

#[test]
fn sentences_name_their_subject() {
    for (path, text) in files::with_extension("md") {
        check(&path, text.lines());
    }
    for (path, text) in files::with_extension("rs") {
        check(&path, text.lines().filter(|line| is_prose(line)));
    }
}

/// Panics if one of `lines` holds a banned word.
fn check<'a>(path: &str, lines: impl Iterator<Item = &'a str>) {
    for line in lines {
        let words = line.to_ascii_lowercase();
        let words = words
            .split(|letter: char| !letter.is_ascii_alphanumeric() && !"@.-_".contains(letter))
            .map(|word| word.trim_matches('.'));
        let words = format!(" {} ", words.collect::<Vec<_>>().join(" "));
        let found = BANNED
            .iter()
            .find(|phrase| words.contains(&format!(" {phrase} ")));
        assert_eq!(found, None, "{path}: say it in plain words: {line}");
    }
}

/// Returns whether a line of a source file is a comment or the text of an error.
fn is_prose(line: &str) -> bool {
    line.contains("// ") || line.contains("//! ") || line.contains("#[error(")
}

const BANNED: [&str; 8] = [
    "somebody",
    "nobody",
    "whoever",
    "worth",
    "has to be",
    "have to be",
    "to be had",
    "at once too",
];
