//! Display names.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::disguise::is_disguised;

/// The name of a person, a client or a passkey, for people: 1 to 100 characters, trimmed, without control
/// characters. New names have no characters that disguise them. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// The maximum length of a display name, in characters.
pub const MAX_DISPLAY_NAME_LENGTH: usize = 100;

impl DisplayName {
    /// Reads a name that was accepted before. Earlier versions accepted characters that disguise it.
    ///
    /// # Errors
    ///
    /// [`InvalidDisplayName`] if no version accepted it.
    pub fn from_stored(text: &str) -> Result<Self, InvalidDisplayName> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > MAX_DISPLAY_NAME_LENGTH || text.chars().any(char::is_control) {
            return Err(InvalidDisplayName);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplayName(..)")
    }
}

impl FromStr for DisplayName {
    type Err = InvalidDisplayName;

    fn from_str(text: &str) -> Result<Self, InvalidDisplayName> {
        if is_disguised(text.trim()) {
            return Err(InvalidDisplayName);
        }
        Self::from_stored(text)
    }
}

impl Serialize for DisplayName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The text is empty, longer than 100 characters, or contains characters that disguise it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 1 to 100 characters without control characters and invisible characters")]
pub struct InvalidDisplayName;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_name_counts_characters_not_bytes() {
        assert!("é".repeat(100).parse::<DisplayName>().is_ok());
        assert!("é".repeat(101).parse::<DisplayName>().is_err());
        assert!(" \t ".parse::<DisplayName>().is_err());
        assert!("a\u{7}b".parse::<DisplayName>().is_err());
    }

    #[test]
    fn a_disguised_name_is_read_from_the_store_and_accepted_nowhere_else() {
        let disguised = "Ada\u{202e}eve";
        assert!(disguised.parse::<DisplayName>().is_err());
        let stored = DisplayName::from_stored(disguised).unwrap();
        assert_eq!(stored.as_str(), disguised);
        assert!(DisplayName::from_stored("a\u{7}b").is_err());
    }
}
