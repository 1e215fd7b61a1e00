//! The languages that mail is written in.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of mails and pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The first language of `ui_locales` that there is: tags with spaces between them, the preferred
    /// one first (OpenID Connect Core 1.0 section 3.1.2.1).
    pub fn of_locales(tags: &str) -> Option<Self> {
        let primary = tags
            .split_ascii_whitespace()
            .filter_map(|tag| tag.split('-').next());
        primary.flat_map(str::parse).next()
    }

    /// The first language of an `Accept-Language` header that there is. Weights are read by their
    /// order alone: browsers list the preferred language first.
    pub fn accepted(header: &str) -> Option<Self> {
        let ranges = header
            .split(',')
            .filter_map(|range| range.split(';').next());
        let primary = ranges.filter_map(|range| range.trim().split('-').next());
        primary.flat_map(str::parse).next()
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let mut all = Self::ALL.into_iter();
        all.find(|language| language.tag().eq_ignore_ascii_case(text))
            .ok_or(UnknownLanguage)
    }
}

/// Mail is not written in this language.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be en or de")]
pub struct UnknownLanguage;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_of_the_header_is_taken() {
        for (header, language) in [
            ("de", Some(Language::German)),
            ("DE-at;q=0.9, en", Some(Language::German)),
            ("fr-FR, fr;q=0.9, en-GB;q=0.8", Some(Language::English)),
            ("fr", None),
            ("*", None),
            ("", None),
            (";,;-", None),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }
}
