//! The picture of a client on our pages.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::redirect_uri::{CallbackUri, InvalidRedirectUri};

/// The address of a picture that browsers load: `https`, or a server on the same machine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LogoUri(CallbackUri);

impl LogoUri {
    /// The address as it was registered.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The origin that a content security policy names to allow the picture.
    pub fn policy_source(&self) -> String {
        self.0.policy_source()
    }
}

impl FromStr for LogoUri {
    type Err = InvalidRedirectUri;

    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_only_the_origin_of_a_logo() {
        let logo: LogoUri = "https://cdn.example.com/a/logo.svg?v=1".parse().unwrap();
        assert_eq!(logo.policy_source(), "https://cdn.example.com");
        for text in [
            "data:image/png;base64,AA",
            "com.example.app:/logo",
            "http://cdn.example/l",
        ] {
            assert!(text.parse::<LogoUri>().is_err(), "{text}");
        }
    }
}
