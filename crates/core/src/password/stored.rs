//! A stored password: an argon2id PHC string. `Debug` hides it.

use std::fmt;
use std::str::FromStr;

use argon2::Params;
use argon2::password_hash::phc;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// An argon2id hash with its parameters and salt, as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Returns the PHC string of a hash with these costs: memory in KiB, passes, lanes.
    pub(super) fn from_parts(costs: (u32, u32, u32), salt: &[u8], output: &[u8]) -> Self {
        let (memory_kib, passes, lanes) = costs;
        let salt = STANDARD_NO_PAD.encode(salt);
        let output = STANDARD_NO_PAD.encode(output);
        Self(format!(
            "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${output}"
        ))
    }

    /// Returns the PHC string, for the store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PasswordHash {
    type Err = InvalidPasswordHash;

    fn from_str(text: &str) -> Result<Self, InvalidPasswordHash> {
        let parsed = phc::PasswordHash::new(text).map_err(|_| InvalidPasswordHash)?;
        let complete = parsed.salt.is_some() && parsed.hash.is_some();
        let ours = parsed.algorithm.as_str() == "argon2id" && Params::try_from(&parsed).is_ok();
        if complete && ours {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPasswordHash)
        }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// The text is not a complete argon2id PHC string.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an argon2id hash")]
pub struct InvalidPasswordHash;
