//! Keyed hashes for other purposes than refresh tokens, with the same keys.
//!
//! Each purpose has a label of its own. A label begins with a letter and a refresh token with its
//! version number, so no hash of one purpose is a tag of another.

use signet_verifier::Timestamp;

use super::{MacKeys, TAG_BYTES};

/// What a keyed hash is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MacPurpose(&'static [u8]);

impl MacPurpose {
    /// Names counters that replicas share.
    pub const COUNTER: Self = Self(b"signet counter v1");
}

impl MacKeys {
    /// The hash of `bytes` under the key that is active at `now`.
    pub fn keyed_hash(&self, purpose: MacPurpose, bytes: &[u8], now: Timestamp) -> [u8; TAG_BYTES] {
        let key = self.0.active_at(now);
        key.tag(&labelled(purpose, bytes))
    }
}

fn labelled(purpose: MacPurpose, bytes: &[u8]) -> Vec<u8> {
    [purpose.0, &[0], bytes].concat()
}
