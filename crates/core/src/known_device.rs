//! Devices that an account has signed in with: which program, as far as its name tells.
//!
//! This module must not know how devices are stored, or who is told of a new one.

use signet_verifier::Timestamp;

use crate::ids::AccountId;
use crate::sha256::sha256;

/// A device that an account has signed in with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownDevice {
    /// Which device.
    pub digest: DeviceDigest,
    /// When the account last signed in with it.
    pub seen_at: Timestamp,
}

/// A digest of the account and of the letters of the `User-Agent`. Versions are no letters, so an
/// update of a browser makes no new device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviceDigest([u8; 32]);

impl DeviceDigest {
    /// Returns the device that sends this `User-Agent`.
    pub fn of(account_id: AccountId, user_agent: &str) -> Self {
        let letters: String = user_agent.chars().filter(|c| c.is_alphabetic()).collect();
        Self(sha256(&[account_id.as_bytes(), letters.as_bytes()]))
    }

    /// Returns the digest with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_the_same_device_and_another_program_or_account_is_not() {
        let device = |number, user_agent: &str| {
            DeviceDigest::of(AccountId::from_bytes([number; 16]), user_agent)
        };
        let known = device(1, "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0");
        let updated = device(1, "Mozilla/5.0 (X11; Linux x86_64; rv:140.2) Firefox/140.2");
        assert_eq!(known, updated);
        assert_ne!(known, device(1, "Mozilla/5.0 (Macintosh) Firefox/133.0"));
        assert_ne!(
            known,
            device(2, "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0")
        );
        assert_ne!(known, device(1, ""));
    }
}
