//! How a client authenticates, and the names of the methods. Must not check a proof.

use std::str::FromStr;

use super::{ClientKeys, ClientSecrets};

/// How a client authenticates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Authentication {
    /// It does not: a public client, which people sign in with. Their refresh tokens are the proof.
    Nothing,
    /// With a secret, in a header or in the body (RFC 6749 section 2.3.1).
    Secret(ClientSecrets),
    /// With a signed assertion (RFC 7523 section 2.2).
    PrivateKey(ClientKeys),
}

impl Authentication {
    /// Returns the method.
    pub fn method(&self) -> AuthenticationMethod {
        match self {
            Self::Nothing => AuthenticationMethod::None,
            Self::Secret(_) => AuthenticationMethod::ClientSecret,
            Self::PrivateKey(_) => AuthenticationMethod::PrivateKeyJwt,
        }
    }
}

/// A method of authentication, without the secrets or keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuthenticationMethod {
    /// The client does not authenticate.
    None,
    /// The client has a secret.
    ClientSecret,
    /// The client signs assertions.
    PrivateKeyJwt,
}

impl AuthenticationMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::None, Self::ClientSecret, Self::PrivateKeyJwt];

    /// Returns its name in requests and responses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecret => "client_secret",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

impl FromStr for AuthenticationMethod {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        let mut all = Self::ALL.into_iter();
        all.find(|method| method.as_str() == text)
            .ok_or(UnknownMethod)
    }
}

/// The text is not a method of authentication.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be none, client_secret or private_key_jwt")]
pub struct UnknownMethod;
