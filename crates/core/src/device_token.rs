//! The token of a known device: a device on which a person has signed in to an account.
//!
//! It is `sgd_` and unpadded base64url of `version 1 | account 16 | device 16 | day 4, big-endian |
//! mac key id 1 | tag 16`. It proves nothing about a person and opens nothing. It only gives the
//! device a budget of its own for wrong passwords. This module must not know limits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use signet_verifier::Timestamp;
use std::time::Duration;

use crate::ids::{AccountId, random_bytes};
use crate::secret::SecretText;
use crate::session::{KeyedTag, MacKeys, MacPurpose};

/// A device on which the owner of an account has signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceToken {
    account_id: AccountId,
    id: [u8; 16],
    /// What limits count it by.
    name: String,
}

/// How long a device stays known after the last sign-in.
pub const DEVICE_TTL: Duration = Duration::from_hours(180 * 24);

impl DeviceToken {
    /// A new device of an account.
    pub fn new(account_id: AccountId, rng: &mut impl CryptoRng) -> Self {
        Self::of(account_id, random_bytes(rng))
    }

    /// Reads a token; `None` if it was not issued here or is too old.
    pub fn read(text: &str, keys: &MacKeys, now: Timestamp) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (signed, tag) = bytes.split_last_chunk::<{ size_of::<KeyedTag>() }>()?;
        if !keys.is_keyed_tag(MacPurpose::DEVICE, signed, tag) {
            return None;
        }
        let (&[VERSION], rest) = signed.split_first_chunk()? else {
            return None;
        };
        let (account_id, rest) = rest.split_first_chunk()?;
        let (id, day) = rest.split_first_chunk()?;
        let day = u32::from_be_bytes(day.try_into().ok()?);
        let issued_at = Timestamp::from_seconds(u64::from(day).saturating_mul(DAY_SECONDS));
        let is_known = now.saturating_since(issued_at) < DEVICE_TTL;
        is_known.then(|| Self::of(AccountId::from_bytes(*account_id), *id))
    }

    /// The token of the device, issued at `now`.
    pub fn write(&self, keys: &MacKeys, now: Timestamp) -> SecretText {
        let day = u32::try_from(now.as_seconds() / DAY_SECONDS).unwrap_or(u32::MAX);
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(self.account_id.as_bytes());
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(&day.to_be_bytes());
        let tag = keys.keyed_tag(MacPurpose::DEVICE, &bytes, now);
        bytes.extend_from_slice(&tag);
        SecretText::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The account whose owner has signed in on it.
    pub fn account_id(&self) -> AccountId {
        self.account_id
    }

    /// What limits count it by. No email address and no client id has this form.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn of(account_id: AccountId, id: [u8; 16]) -> Self {
        Self {
            account_id,
            id,
            name: format!("device {}", URL_SAFE_NO_PAD.encode(id)),
        }
    }
}

const PREFIX: &str = "sgd_";
const VERSION: u8 = 1;
const DAY_SECONDS: u64 = 24 * 3_600;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;
    use crate::session::MacKey;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn keys(secret: u8) -> MacKeys {
        let secret = SecretBytes::new([secret; 32]);
        MacKeys::new(vec![MacKey::new(1, Timestamp::default(), &secret)]).unwrap()
    }

    #[test]
    fn a_token_reads_back_until_it_is_too_old() {
        let device = DeviceToken::of(AccountId::from_bytes([7; 16]), [9; 16]);
        let token = device.write(&keys(1), NOW);
        let read = |now| DeviceToken::read(token.expose(), &keys(1), now);
        assert_eq!(read(NOW), Some(device));
        assert!(read(NOW.saturating_add(Duration::from_hours(179 * 24))).is_some());
        assert_eq!(read(NOW.saturating_add(DEVICE_TTL)), None);
    }

    #[test]
    fn no_changed_byte_and_no_other_key_is_accepted() {
        let device = DeviceToken::of(AccountId::from_bytes([7; 16]), [9; 16]);
        let token = device.write(&keys(1), NOW);
        assert_eq!(DeviceToken::read(token.expose(), &keys(2), NOW), None);
        let bytes = URL_SAFE_NO_PAD.decode(&token.expose()[4..]).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let text = format!("sgd_{}", URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(
                DeviceToken::read(&text, &keys(1), NOW),
                None,
                "byte {place}"
            );
        }
        for text in ["", "sgd_", "sgd_AAAA", "sgr_AAAA"] {
            assert_eq!(DeviceToken::read(text, &keys(1), NOW), None);
        }
    }
}
