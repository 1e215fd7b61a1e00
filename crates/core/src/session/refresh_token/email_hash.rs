//! A keyed hash of an email address, so that events can tell unknown addresses apart without naming
//! them.

use std::fmt;

use signet_verifier::Timestamp;

use super::keyed_hash::MacPurpose;
use super::{MacKeys, TAG_BYTES};
use crate::account::Email;

/// A keyed hash of an email address. It is the same for every spelling of the address until the
/// MAC key is rotated. Without the keys folder, no address can be tried against it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EmailHash([u8; TAG_BYTES]);

impl MacKeys {
    /// Hashes an address with the key that is active at `now`.
    pub fn hash_email(&self, email: &Email, now: Timestamp) -> EmailHash {
        EmailHash(self.keyed_hash(MacPurpose::EMAIL, email.lookup_key().as_bytes(), now))
    }
}

impl fmt::Display for EmailHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;
    use crate::session::MacKey;

    #[test]
    fn the_hash_of_an_address_depends_on_the_key_and_not_on_its_spelling() {
        let hash = |key: u8, email: &str| {
            let secret = SecretBytes::new([key; 32]);
            let keys = vec![MacKey::new(1, Timestamp::default(), &secret)];
            let keys = MacKeys::new(keys).unwrap();
            let hash = keys.hash_email(&email.parse().unwrap(), Timestamp::default());
            hash.to_string()
        };
        let ada = hash(7, "ada@example.com");
        assert_eq!(ada.len(), 32);
        assert_eq!(hash(7, "Ada@Example.COM"), ada);
        assert_ne!(hash(8, "ada@example.com"), ada);
        assert_ne!(hash(7, "bob@example.com"), ada);
    }
}
