//! Arguments that hold several values, or perhaps none: their parts are parsed with the command line.
//!
//! This module must not know which values there are.

use std::fmt::Display;
use std::str::FromStr;

/// The values of one argument, between commas or spaces. `-` is no value.
#[derive(Clone, Debug)]
pub(super) struct Listed<T>(Vec<T>);

/// Returns the values of all arguments of an option, each once.
pub(super) fn joined<T: PartialEq>(lists: Vec<Listed<T>>) -> Vec<T> {
    each_once(lists.into_iter().flat_map(|list| list.0))
}

/// Returns the values in their order, each once.
pub(super) fn each_once<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all = Vec::new();
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

impl<T: FromStr<Err: Display>> FromStr for Listed<T> {
    type Err = InvalidPart;

    fn from_str(text: &str) -> Result<Self, InvalidPart> {
        let separator = |c: char| c == ',' || c.is_whitespace();
        let parts = text.split(separator).filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.collect();
        if parts.is_empty() {
            return Err(InvalidPart(EMPTY.to_owned()));
        }
        if parts == [NONE] {
            return Ok(Self(Vec::new()));
        }
        if parts.contains(&NONE) {
            return Err(InvalidPart(MIXED.to_owned()));
        }
        let values = parts.into_iter().map(|part| {
            part.parse()
                .map_err(|error| InvalidPart::of(text, part, &error))
        });
        values.collect::<Result<_, _>>().map(Self)
    }
}

/// Which part of a list is wrong, and why.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct InvalidPart(String);

impl InvalidPart {
    /// The command line names the whole text itself.
    fn of(text: &str, part: &str, error: &impl Display) -> Self {
        if part == text {
            Self(error.to_string())
        } else {
            Self(format!("{part}: {error}"))
        }
    }
}

/// A value, or none for `-`.
#[derive(Clone, Debug)]
pub(super) struct OrNone<T>(pub(super) Option<T>);

impl<T: FromStr> FromStr for OrNone<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        let given = (text != NONE).then(|| text.parse());
        given.transpose().map(Self)
    }
}

/// How no value is written.
const NONE: &str = "-";
const EMPTY: &str = "it names nothing; write - for an empty list";
const MIXED: &str = "it has values, and - for an empty list; leave one of them out";

#[cfg(test)]
mod tests {
    use signet_core::names::Role;

    use super::*;

    fn roles(texts: &[&str]) -> Result<Vec<String>, String> {
        let lists: Result<Vec<Listed<Role>>, _> = texts.iter().map(|text| text.parse()).collect();
        let lists = lists.map_err(|error| error.to_string())?;
        Ok(joined(lists).into_iter().map(String::from).collect())
    }

    #[test]
    fn commas_and_spaces_separate_and_a_hyphen_is_no_value() {
        for (texts, expected) in [
            (&["a,b"][..], &["a", "b"][..]),
            (&["a, b", "c"], &["a", "b", "c"]),
            (&["a,a", "a"], &["a"]),
            (&["-"], &[]),
        ] {
            assert_eq!(roles(texts).unwrap(), expected, "{texts:?}");
        }
    }

    #[test]
    fn the_part_that_is_wrong_is_named_and_a_list_is_not_empty_by_mistake() {
        let rule = "a role must be 1 to 100 of [A-Za-z0-9._:/-], and not \"-\"";
        assert_eq!(roles(&["a\"b"]).unwrap_err(), rule);
        assert_eq!(roles(&["a,b\"c"]).unwrap_err(), format!("b\"c: {rule}"));
        for text in ["", " ", ","] {
            assert_eq!(roles(&[text]).unwrap_err(), EMPTY, "{text:?}");
        }
        for text in ["a,-", "-,a"] {
            assert_eq!(roles(&[text]).unwrap_err(), MIXED, "{text}");
        }
    }

    #[test]
    fn a_hyphen_is_none() {
        let parsed = |text: &str| text.parse::<OrNone<u8>>().map(|value| value.0);
        assert_eq!(parsed("-"), Ok(None));
        assert_eq!(parsed("7"), Ok(Some(7)));
        assert!(parsed("x").is_err());
    }
}
