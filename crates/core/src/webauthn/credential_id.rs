//! The id of a passkey in paths and answers: the id of its credential in base64url.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::MAX_CREDENTIAL_ID_BYTES;

/// The id of a passkey.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasskeyId(Vec<u8>);

impl PasskeyId {
    /// The id of the credential with this id.
    pub fn new(credential_id: Vec<u8>) -> Self {
        Self(credential_id)
    }

    /// The id of the credential.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for PasskeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl FromStr for PasskeyId {
    type Err = InvalidPasskeyId;

    fn from_str(text: &str) -> Result<Self, InvalidPasskeyId> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidPasskeyId)?;
        let fits = (1..=MAX_CREDENTIAL_ID_BYTES).contains(&bytes.len());
        fits.then_some(Self(bytes)).ok_or(InvalidPasskeyId)
    }
}

/// The text is no id of a passkey.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be the id of a passkey")]
pub struct InvalidPasskeyId;
