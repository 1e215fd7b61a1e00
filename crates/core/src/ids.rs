//! Identifiers of accounts, sessions, access tokens, mails and invitations.
//!
//! They come from random bytes, which are an argument. None of them is a secret.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The permanent id of an account: a random UUID (RFC 9562 section 5.4), the `sub` of its tokens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountId(Uuid);

impl AccountId {
    /// A new random id.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self::from_random_bytes(random_bytes(rng))
    }

    /// Returns the id that is made of these bytes, which are random or as good as random.
    pub(crate) fn from_random_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Returns the id with these 16 bytes, from a row or a token. Any UUID version is accepted.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 16 bytes of the id.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for AccountId {
    type Err = InvalidId;

    /// Parses only the canonical form: 36 lower-case characters with hyphens.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let id = Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)?;
        if id.to_string() == text {
            Ok(id)
        } else {
            Err(InvalidId)
        }
    }
}

impl Serialize for AccountId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Defines an id of 16 bytes that is written as 22 characters of base64url.
macro_rules! id_of_16_bytes {
    ($(#[$doc:meta])* $id:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id([u8; 16]);

        impl $id {
            /// The id with these bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes of the id.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; 22];
                // 16 bytes always encode to 22 characters, so this cannot fail.
                let _length = URL_SAFE_NO_PAD.encode_slice(self.0, &mut text);
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($id), "({})"), self)
            }
        }

        impl FromStr for $id {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let mut bytes = [0; 16];
                match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
                    Ok(16) => Ok(Self(bytes)),
                    _ => Err(InvalidId),
                }
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

/// Lets an id be made of random bytes.
macro_rules! random_id {
    ($id:ident) => {
        impl $id {
            /// A new random id.
            pub fn random(rng: &mut impl CryptoRng) -> Self {
                Self(random_bytes(rng))
            }
        }
    };
}

id_of_16_bytes! {
    /// The id of a session: 16 bytes, written as 22 characters of base64url. It is a hash of the
    /// session's secret handle, so it can be shown and stored, and no token can be made from it.
    SessionId
}

id_of_16_bytes! {
    /// The `jti` of an access token: 16 random bytes, written as 22 characters of base64url.
    TokenId
}

id_of_16_bytes! {
    /// Which mail in the outbox: 16 random bytes.
    MailId
}

id_of_16_bytes! {
    /// The id of an invitation: 16 random bytes, written as 22 characters of base64url.
    InvitationId
}

random_id!(TokenId);
random_id!(MailId);
random_id!(InvitationId);

/// The text is not an identifier of this kind in canonical form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a valid identifier")]
pub struct InvalidId;

/// Returns `N` bytes from `rng`.
pub(crate) fn random_bytes<const N: usize>(rng: &mut impl CryptoRng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_id_is_22_characters_and_reads_back() {
        let id = SessionId::from_bytes([0xfb; 16]);
        assert_eq!(id.to_string().len(), 22);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        for text in [
            "",
            "AAAAAAAAAAAAAAAAAAAAAB",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "AAAA",
        ] {
            assert_eq!(text.parse::<SessionId>(), Err(InvalidId), "{text}");
        }
        for text in [
            "",
            "-",
            "67E55044-10B1-426F-9247-BB680E5FE0C8",
            "67e5504410b1426f9247bb680e5fe0c8",
        ] {
            assert_eq!(text.parse::<AccountId>(), Err(InvalidId), "{text}");
        }
    }
}
