//! The format of a refresh token: a signed counter.
//!
//! It is `sgr_` and unpadded base64url of `version 1 | mac key id 1 | account 16 | handle 16 |
//! generation 4, big-endian | tag 16`, 54 bytes in total. The tag is HMAC-SHA256 of the 38 bytes
//! before it, truncated to 16 bytes (RFC 2104 section 5). So forged tokens are refused without a
//! request to the store. This module must not know the refresh rule, which is in `decide`.

mod binding;
mod email_hash;
mod keyed_hash;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use signet_verifier::Timestamp;
use std::fmt;
use zeroize::Zeroizing;

use super::record::Generation;
use crate::ids::{AccountId, SessionId, random_bytes};
use crate::keys::ActivationOrder;
use crate::one_time_token::OneTimeToken;
use crate::secret::{SecretBytes, SecretText};
use crate::sha256::sha256;
pub use email_hash::EmailHash;
pub(crate) use keyed_hash::{KeyedTag, MacPurpose};

/// A refresh token with a correct tag, or a new one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefreshToken {
    /// The account of its session.
    pub account_id: AccountId,
    /// The secret of its session, which only holders of its tokens know.
    pub handle: SessionHandle,
    /// The number of the token in its session.
    pub generation: Generation,
}

impl RefreshToken {
    /// Parses a token and checks its tag.
    ///
    /// # Errors
    ///
    /// [`RefreshTokenError`] if the text is not a token of one of `keys`.
    pub fn read(text: &str, keys: &MacKeys) -> Result<Self, RefreshTokenError> {
        let encoded = text
            .strip_prefix(PREFIX)
            .ok_or(RefreshTokenError::Malformed)?;
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        match URL_SAFE_NO_PAD.decode_slice(encoded, bytes.as_mut_slice()) {
            Ok(TOKEN_BYTES) => {}
            _ => return Err(RefreshTokenError::Malformed),
        }
        let (signed, tag) = bytes.split_at(SIGNED_BYTES);
        let Some((&[VERSION, key_id], body)) = signed.split_first_chunk() else {
            return Err(RefreshTokenError::Malformed);
        };
        let key = keys.by_id(key_id).ok_or(RefreshTokenError::UnknownKey)?;
        verify_slices_are_equal(&key.tag(signed), tag).map_err(|_| RefreshTokenError::WrongTag)?;
        Self::from_body(body).ok_or(RefreshTokenError::Malformed)
    }

    /// Returns the text of the token. Uses the key that was active at `made_at`, so that every
    /// replica returns the same text.
    pub fn write(&self, keys: &MacKeys, made_at: Timestamp) -> SecretText {
        let key = keys.0.active_at(made_at);
        let mut bytes = Zeroizing::new(Vec::with_capacity(TOKEN_BYTES));
        bytes.extend_from_slice(&[VERSION, key.id]);
        bytes.extend_from_slice(self.account_id.as_bytes());
        bytes.extend_from_slice(self.handle.0.expose());
        bytes.extend_from_slice(&self.generation.number().to_be_bytes());
        let tag = key.tag(&bytes);
        bytes.extend_from_slice(&tag);
        let mut text = String::with_capacity(PREFIX.len() + TOKEN_BYTES.div_ceil(3) * 4);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
        SecretText::new(text)
    }

    fn from_body(body: &[u8]) -> Option<Self> {
        let (account, rest) = body.split_first_chunk()?;
        let (handle, rest) = rest.split_first_chunk()?;
        let generation = Generation::from_number(u32::from_be_bytes(rest.try_into().ok()?));
        (generation != Generation::NONE).then(|| Self {
            account_id: AccountId::from_bytes(*account),
            handle: SessionHandle(SecretBytes::new(*handle)),
            generation,
        })
    }
}

/// The secret of a session: 16 random bytes that are never stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionHandle(SecretBytes<16>);

impl SessionHandle {
    /// Returns a handle for a new session.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(SecretBytes::new(random_bytes(rng)))
    }

    /// Returns the handle with these bytes, from a token.
    pub(super) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(SecretBytes::new(bytes))
    }

    /// Returns the handle of the session that a code is exchanged for. A second request with the
    /// code finds the session by it. The digest of the code is not enough to find the session.
    pub fn of_code(code: &OneTimeToken) -> Self {
        Self(SecretBytes::new(sha256(&[
            CODE_LABEL,
            code.expose().as_bytes(),
        ])))
    }

    pub(super) fn expose(&self) -> &[u8; 16] {
        self.0.expose()
    }

    /// Returns the public id of the session. It is a hash, so that no token can be made from it.
    pub fn session_id(&self) -> SessionId {
        SessionId::from_bytes(sha256(&[SESSION_ID_LABEL, self.0.expose()]))
    }
}

/// A key that tags refresh tokens, and the time when it becomes active.
#[derive(Clone)]
pub struct MacKey {
    id: u8,
    activates_at: Timestamp,
    key: hmac::Key,
}

impl MacKey {
    /// Returns the key `id` with this secret. It is active from `activates_at` until a later key
    /// is.
    pub fn new(id: u8, activates_at: Timestamp, secret: &SecretBytes<32>) -> Self {
        Self {
            id,
            activates_at,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.expose()),
        }
    }

    fn tag(&self, bytes: &[u8]) -> [u8; TAG_BYTES] {
        let mut tag = [0; TAG_BYTES];
        for (to, from) in tag.iter_mut().zip(hmac::sign(&self.key, bytes).as_ref()) {
            *to = *from;
        }
        tag
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MacKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The keys of all accepted refresh tokens. Never empty.
#[derive(Clone, Debug)]
pub struct MacKeys(ActivationOrder<MacKey>);

impl MacKeys {
    /// Takes keys in any order. Returns `None` without keys.
    pub fn new(keys: Vec<MacKey>) -> Option<Self> {
        let keys = keys.into_iter().map(|key| (key.activates_at, key));
        ActivationOrder::new(keys).map(Self)
    }

    /// Returns the key with this id, if the ring still has it.
    fn by_id(&self, id: u8) -> Option<&MacKey> {
        self.0.iter().find(|key| key.id == id)
    }
}

/// The reasons why a text is not a refresh token of this server. The client does not learn them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RefreshTokenError {
    /// The text does not have the form of a refresh token, or has an unknown version.
    #[error("the refresh token is malformed")]
    Malformed,
    /// The key of the token is not in the ring.
    #[error("the key of the refresh token is unknown")]
    UnknownKey,
    /// The token is forged or damaged.
    #[error("the tag is wrong")]
    WrongTag,
}

const PREFIX: &str = "sgr_";
const VERSION: u8 = 1;
const SIGNED_BYTES: usize = 1 + 1 + 16 + 16 + 4;
const TAG_BYTES: usize = 16;
const TOKEN_BYTES: usize = SIGNED_BYTES + TAG_BYTES;
const SESSION_ID_LABEL: &[u8] = b"signet sid v1";
const CODE_LABEL: &[u8] = b"signet code handle v1";

#[cfg(test)]
mod tests;
