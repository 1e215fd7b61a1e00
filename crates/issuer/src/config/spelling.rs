//! What a misspelled name of a setting probably means.
//!
//! This module must not know what settings there are.

use strsim::levenshtein;

/// Says that `name` is no setting, and which of `names` is spelled nearly so.
pub(super) fn not_a_setting(name: &str, names: impl Iterator<Item = &'static str>) -> String {
    let closest = names.map(|known| (levenshtein(name, known), known)).min();
    match closest {
        Some((1..=MOST_MISTAKES, known)) => format!("is not a setting; did you mean {known}?"),
        _ => "is not a setting".to_owned(),
    }
}

/// Letters that are added, removed or replaced. More mistakes make another word.
const MOST_MISTAKES: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_at_most_two_mistakes_is_recognised() {
        for (name, known) in [
            ("publik_url", "; did you mean public_url?"),
            ("listenn", "; did you mean listen?"),
            ("ops_lsten", "; did you mean ops_listen?"),
            ("public", ""),
            ("", ""),
        ] {
            let names = ["listen", "ops_listen", "public_url"].into_iter();
            assert_eq!(
                not_a_setting(name, names),
                format!("is not a setting{known}")
            );
        }
    }
}
