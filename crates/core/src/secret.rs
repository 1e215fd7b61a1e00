//! Types for secrets: `Debug` hides them, they have no `Display`, and they are zeroed when dropped.
//!
//! This module must not know the purpose of a secret.

use std::fmt;

use rand::CryptoRng;
use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

use crate::ids::random_bytes;

/// Secret text, such as a password or a refresh token.
#[derive(Clone, Default)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes ownership of `text`, which is zeroed when this value is dropped.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns the text. The caller must not log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// A fixed number of secret bytes, such as a key or a handle.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes<const N: usize>([u8; N]);

impl<const N: usize> SecretBytes<N> {
    /// Takes a copy of `bytes`. The caller must clear its own copy.
    pub fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// Returns new bytes from `rng`.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(random_bytes(rng))
    }

    /// Returns the bytes. The caller must not log them.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for SecretBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}

impl<const N: usize> Drop for SecretBytes<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_says_nothing() {
        let text = SecretText::new("hunter2".to_owned());
        let bytes = SecretBytes::new([7; 4]);
        assert_eq!(
            format!("{text:?} {bytes:?}"),
            "SecretText(..) SecretBytes(..)"
        );
    }

    #[test]
    fn dropping_a_secret_does_something() {
        assert!(std::mem::needs_drop::<SecretBytes<4>>());
        assert!(std::mem::needs_drop::<SecretText>());
    }
}
