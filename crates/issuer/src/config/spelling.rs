//! What a misspelled name of a setting probably means.
//!
//! This module must not know what settings there are.

/// Says that `name` is no setting, and which of `names` is spelled nearly so.
pub(super) fn not_a_setting(name: &str, names: impl Iterator<Item = &'static str>) -> String {
    let closest = names.map(|known| (distance(name, known), known)).min();
    match closest {
        Some((1..=MOST_MISTAKES, known)) => format!("is not a setting; did you mean {known}?"),
        _ => "is not a setting".to_owned(),
    }
}

/// How many letters must be added, removed or replaced to make one name the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (removed, letter) in (1..).zip(from.bytes()) {
        let mut left = removed;
        let mut next = vec![left];
        for (above, known) in row.windows(2).zip(to.bytes()) {
            let [replaced, below] = above else { continue };
            let replaced = replaced + usize::from(letter != known);
            left = replaced.min(below + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// More mistakes make another word.
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
