//! Display names.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The name of a person or client for people: 1 to 100 characters, trimmed, without control
/// characters. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// The maximum length of a display name, in characters.
pub const MAX_DISPLAY_NAME_LENGTH: usize = 100;

impl DisplayName {
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
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > MAX_DISPLAY_NAME_LENGTH || text.chars().any(char::is_control) {
            return Err(InvalidDisplayName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl Serialize for DisplayName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The text is empty, longer than 100 characters, or contains control characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 1 to 100 characters without control characters")]
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
}
