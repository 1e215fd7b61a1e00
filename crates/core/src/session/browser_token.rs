//! The token of a browser sign-in: the value of a cookie.
//!
//! It is `sgb_`, unpadded base64url of `account 16 | handle 16`, a dot and the binding of the
//! session. The handle is never stored, and a forged token is refused without a request to the
//! store. It is not a refresh token, and no refresh token follows from it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_verifier::Timestamp;
use zeroize::Zeroizing;

use super::refresh_token::{MacKeys, SessionHandle};
use crate::ids::AccountId;
use crate::secret::SecretText;

/// The token of a browser sign-in, with a correct binding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrowserToken {
    /// The account.
    pub account_id: AccountId,
    /// The secret of the session.
    pub handle: SessionHandle,
}

impl BrowserToken {
    /// Parses a token; `None` if one of `keys` did not make it.
    pub fn read(text: &str, keys: &MacKeys) -> Option<Self> {
        let (encoded, binding) = text.strip_prefix(PREFIX)?.split_once('.')?;
        let mut bytes = Zeroizing::new([0; 32]);
        let decoded = URL_SAFE_NO_PAD.decode_slice(encoded, bytes.as_mut_slice());
        if decoded != Ok(32) {
            return None;
        }
        let (account, handle) = bytes.split_first_chunk::<16>()?;
        let token = Self {
            account_id: AccountId::from_bytes(*account),
            handle: SessionHandle::from_bytes(handle.try_into().ok()?),
        };
        let session = token.handle.session_id();
        keys.is_binding_of(session, binding).then_some(token)
    }

    /// Returns the text of the token, under the key that is active at `now`.
    pub fn write(&self, keys: &MacKeys, now: Timestamp) -> SecretText {
        let mut bytes = Zeroizing::new(Vec::with_capacity(32));
        bytes.extend_from_slice(self.account_id.as_bytes());
        bytes.extend_from_slice(self.handle.expose());
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        let binding = keys.bind(self.handle.session_id(), now);
        SecretText::new(format!("{PREFIX}{}.{}", *encoded, binding.expose()))
    }
}

const PREFIX: &str = "sgb_";

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::secret::SecretBytes;
    use crate::session::MacKey;

    #[test]
    fn a_token_reads_back_and_a_changed_one_does_not() {
        let key = MacKey::new(1, Timestamp::default(), &SecretBytes::new([7; 32]));
        let keys = MacKeys::new(vec![key]).unwrap();
        let token = BrowserToken {
            account_id: AccountId::from_bytes([3; 16]),
            handle: SessionHandle::random(&mut StdRng::seed_from_u64(1)),
        };
        let text = token.write(&keys, Timestamp::default());
        assert_eq!(BrowserToken::read(text.expose(), &keys), Some(token));
        let text = text.expose();
        let last = text.len() - 5;
        for changed in [
            String::new(),
            text.replace("sgb_", "sgr_"),
            text.replace('.', ""),
            format!("{text}A"),
            format!("{}AAAAA", &text[..last]),
        ] {
            assert_eq!(BrowserToken::read(&changed, &keys), None, "{changed}");
        }
    }
}
