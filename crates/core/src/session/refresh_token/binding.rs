//! The binding of a browser to a session: a keyed hash of the session id, in a cookie that no other
//! host can set.
//!
//! It is unpadded base64url of `mac key id 1 | tag 16`. It proves nothing by itself: a refresh
//! token in a cookie counts only beside the binding of its session.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_verifier::Timestamp;

use super::{MacKey, MacKeys, TAG_BYTES};
use crate::ids::SessionId;
use crate::secret::SecretText;
use crate::session::Grant;

impl MacKeys {
    /// The binding of a session, under the key that was active at `made_at`.
    pub fn bind(&self, session: SessionId, made_at: Timestamp) -> SecretText {
        let key = self.0.active_at(made_at);
        let mut bytes = vec![key.id];
        bytes.extend_from_slice(&binding_tag(key, session));
        SecretText::new(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Whether `text` is the binding of this session.
    pub fn is_binding_of(&self, session: SessionId, text: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else {
            return false;
        };
        let Some((&key_id, tag)) = bytes.split_first() else {
            return false;
        };
        let key = self.by_id(key_id);
        key.is_some_and(|key| verify_slices_are_equal(&binding_tag(key, session), tag).is_ok())
    }
}

impl Grant {
    /// Requires the binding beside a cookie with a refresh token of this session.
    pub fn require_binding(&mut self) {
        self.cnf = Some(BINDING.to_owned());
    }

    /// Whether a cookie with a refresh token of this session counts only beside its binding.
    /// Sessions of earlier versions do not require it.
    pub fn requires_binding(&self) -> bool {
        self.cnf.as_deref() == Some(BINDING)
    }
}

/// Refresh tokens begin with a version byte, so no tag of one is a tag of the other.
fn binding_tag(key: &MacKey, session: SessionId) -> [u8; TAG_BYTES] {
    let mut bytes = BINDING_LABEL.to_vec();
    bytes.extend_from_slice(session.as_bytes());
    key.tag(&bytes)
}

const BINDING_LABEL: &[u8] = b"signet binding v1";
const BINDING: &str = "binding";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;

    #[test]
    fn a_binding_is_of_one_session_and_one_key() {
        let key = |id, byte| {
            let secret = SecretBytes::new([byte; 32]);
            MacKey::new(id, Timestamp::default(), &secret)
        };
        let keys = MacKeys::new(vec![key(1, 7)]).unwrap();
        let (session, other) = (
            SessionId::from_bytes([1; 16]),
            SessionId::from_bytes([2; 16]),
        );
        let binding = keys.bind(session, Timestamp::default());
        assert!(keys.is_binding_of(session, binding.expose()));
        assert!(!keys.is_binding_of(other, binding.expose()));
        for text in ["", "AA", "!", &format!("{}A", binding.expose())] {
            assert!(!keys.is_binding_of(session, text), "{text}");
        }
        let foreign = MacKeys::new(vec![key(1, 8)]).unwrap();
        assert!(!foreign.is_binding_of(session, binding.expose()));
    }
}
