//! The ways in which a client may ask for a token, and their names on the wire.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A `grant_type` of the token endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GrantType {
    /// A program asks for itself; RFC 6749 section 4.4.
    ClientCredentials,
    /// A session goes on; RFC 6749 section 6.
    RefreshToken,
    /// A token for a narrower one; RFC 8693.
    TokenExchange,
}

impl GrantType {
    /// Every one that is served.
    pub const ALL: [Self; 3] = [
        Self::ClientCredentials,
        Self::RefreshToken,
        Self::TokenExchange,
    ];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }
}

impl fmt::Display for GrantType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for GrantType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for GrantType {
    type Err = UnknownGrantType;

    fn from_str(text: &str) -> Result<Self, UnknownGrantType> {
        let mut known = Self::ALL.into_iter();
        known
            .find(|grant| grant.as_str() == text)
            .ok_or(UnknownGrantType)
    }
}

/// The text names no grant that is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "has to be client_credentials, refresh_token or urn:ietf:params:oauth:grant-type:token-exchange"
)]
pub struct UnknownGrantType;
