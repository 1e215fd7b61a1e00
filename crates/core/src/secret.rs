//! Secrets as types: silent in `Debug`, without `Display`, zeroed when dropped.
//!
//! This module must not know what a secret is for.

use std::fmt;

use rand::CryptoRng;
use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

use crate::ids::random_bytes;

/// Secret text, such as a password or a refresh token on its way to its owner.
#[derive(Clone, Default)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes ownership of `text`, which is zeroed when this value is dropped.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. Whoever calls this answers for where it goes.
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
    /// Takes over `bytes`; the caller's copy is the caller's to clear.
    pub fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// New bytes from `rng`.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(random_bytes(rng))
    }

    /// The bytes themselves. Whoever calls this answers for where they go.
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
