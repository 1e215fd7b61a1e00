//! Grant types and their names in requests.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A `grant_type` of the token endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GrantType {
    /// A person signed in by redirect, and the client redeems the code; RFC 6749 section 4.1.
    AuthorizationCode,
    /// A program requests a token for itself; RFC 6749 section 4.4.
    ClientCredentials,
    /// A person signed in for a device, and the device asks for tokens; RFC 8628.
    DeviceCode,
    /// A client refreshes a session; RFC 6749 section 6.
    RefreshToken,
    /// A client exchanges a token for a narrower one; RFC 8693.
    TokenExchange,
}

impl GrantType {
    /// Every supported grant type.
    pub const ALL: [Self; 5] = [
        Self::AuthorizationCode,
        Self::DeviceCode,
        Self::ClientCredentials,
        Self::RefreshToken,
        Self::TokenExchange,
    ];

    /// Returns its name in requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
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

/// The text is not a supported grant type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "must be authorization_code, client_credentials, refresh_token, \
     urn:ietf:params:oauth:grant-type:device_code or \
     urn:ietf:params:oauth:grant-type:token-exchange"
)]
pub struct UnknownGrantType;
