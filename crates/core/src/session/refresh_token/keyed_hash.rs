//! Keyed hashes for other purposes than refresh tokens, with the same keys.
//!
//! Each purpose has a label of its own. A label begins with a letter and a refresh token with its
//! version number, so no hash of one purpose is a tag of another.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use signet_verifier::Timestamp;

use super::{MacKeys, TAG_BYTES};

/// The id of a key, and a tag by that key.
pub(crate) type KeyedTag = [u8; TAG_BYTES + 1];

/// What a keyed hash is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MacPurpose(&'static [u8]);

impl MacPurpose {
    /// Names counters that replicas share.
    pub(crate) const COUNTER: Self = Self(b"signet counter v1");
    /// Tags the tokens of known devices.
    pub(crate) const DEVICE: Self = Self(b"signet device v1");
    /// Computes the recovery codes of a sign-in that enrols a second factor.
    pub(crate) const RECOVERY_CODE: Self = Self(b"signet recovery code v1");
    /// Tags challenges of a proof of work.
    pub(crate) const WORK: Self = Self(b"signet proof of work v1");

    /// Tells unknown email addresses apart in events.
    pub(super) const EMAIL: Self = Self(b"signet email v1");
}

impl MacKeys {
    /// The hash of `bytes` under the key that is active at `now`.
    pub(crate) fn keyed_hash(
        &self,
        purpose: MacPurpose,
        bytes: &[u8],
        now: Timestamp,
    ) -> [u8; TAG_BYTES] {
        let key = self.0.active_at(now);
        key.tag(&labelled(purpose, bytes))
    }

    /// The same hash as a tag, behind the id of its key.
    pub(crate) fn keyed_tag(&self, purpose: MacPurpose, bytes: &[u8], now: Timestamp) -> KeyedTag {
        let key = self.0.active_at(now);
        let mut tag = [key.id; TAG_BYTES + 1];
        for (to, from) in tag
            .iter_mut()
            .skip(1)
            .zip(key.tag(&labelled(purpose, bytes)))
        {
            *to = from;
        }
        tag
    }

    /// Whether `tag` is the tag of `bytes` by a key that the ring still has.
    pub(crate) fn is_keyed_tag(&self, purpose: MacPurpose, bytes: &[u8], tag: &KeyedTag) -> bool {
        let [id, tag @ ..] = tag;
        let expected = self
            .by_id(*id)
            .map(|key| key.tag(&labelled(purpose, bytes)));
        expected.is_some_and(|expected| verify_slices_are_equal(&expected, tag).is_ok())
    }
}

fn labelled(purpose: MacPurpose, bytes: &[u8]) -> Vec<u8> {
    [purpose.0, &[0], bytes].concat()
}
