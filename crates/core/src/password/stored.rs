//! A stored password: the text of an argon2id hash, or of an imported one. `Debug` hides it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::invalid::InvalidPasswordHash;
use super::scheme::StoredHash;

/// A hash with its function, its costs and its salt, as text.
///
/// Signet makes argon2id hashes as PHC strings. An imported hash keeps the text that another service
/// gave it, until the first sign-in replaces it.
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

    /// Returns the text, for the store and for exports.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PasswordHash {
    type Err = InvalidPasswordHash;

    fn from_str(text: &str) -> Result<Self, InvalidPasswordHash> {
        StoredHash::parse(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}
