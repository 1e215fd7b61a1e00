//! An authenticator app (RFC 6238), on the clock of this machine.

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use signet_verifier::{Clock as _, SystemClock};

/// The app of one account.
pub(crate) struct Authenticator(Vec<u8>);

impl Authenticator {
    /// The app that has read this secret, in base32.
    pub(crate) fn with_secret(base32: &str) -> Self {
        let (mut secret, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
        for letter in base32.bytes() {
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
            let value = alphabet.iter().position(|known| *known == letter);
            let value = u32::try_from(value.expect("base32")).expect("five bits");
            buffer = (buffer << 5) | value;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                secret.push((buffer >> bits).to_le_bytes()[0]);
            }
        }
        Self(secret)
    }

    /// Two codes that are accepted for the next 30 seconds at least, one after the other: of this
    /// period and of the next one. The code of the period before is accepted too, but the end of
    /// a period can come at any moment, and then it is out of date.
    pub(crate) fn codes(&self) -> [String; 2] {
        let now = SystemClock::new().now().as_seconds() / 30;
        [now, now + 1].map(|period| self.code(period))
    }

    fn code(&self, period: u64) -> String {
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = sign(&key, &period.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[19] & 0xf);
        let word: [u8; 4] = tag[offset..offset + 4].try_into().expect("four bytes");
        format!(
            "{:06}",
            (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000
        )
    }
}
