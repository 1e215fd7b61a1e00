//! How a refresh token is written: a signed counter.
//!
//! `sgr_` and unpadded base64url of `version 1 | mac key id 1 | account 16 | handle 16 |
//! generation 4, big-endian | tag 16`, 54 bytes in all. The tag is HMAC-SHA256 over the 38 bytes
//! before it, cut to 16 bytes (RFC 2104 section 5). Garbage is refused here by arithmetic, before
//! any look at a store. This module must not know what a token is worth; that is `decide`.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
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
use crate::secret::{SecretBytes, SecretText};

/// A refresh token whose tag was right when it was read, or that is about to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefreshToken {
    /// Whose session it belongs to.
    pub account_id: AccountId,
    /// What only the holders of the session's tokens know.
    pub handle: SessionHandle,
    /// Which token of the session it is.
    pub generation: Generation,
}

impl RefreshToken {
    /// Reads a token and checks its tag.
    ///
    /// # Errors
    ///
    /// [`RefreshTokenError`] when the text is not a token that one of `keys` made.
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

    /// Writes the token under the key that was active when it was made, so that every replica
    /// writes the same bytes.
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

/// What makes a session's tokens its own: 16 random bytes that are never stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionHandle(SecretBytes<16>);

impl SessionHandle {
    /// A handle for a new session.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(SecretBytes::new(random_bytes(rng)))
    }

    /// The public id of the session: a hash, so that no token can be made from it.
    pub fn session_id(&self) -> SessionId {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(SESSION_ID_LABEL);
        context.update(self.0.expose());
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        SessionId::from_bytes(id)
    }
}

/// A key that tags refresh tokens, with the time from which new tokens are tagged with it.
#[derive(Clone)]
pub struct MacKey {
    id: u8,
    activates_at: Timestamp,
    key: hmac::Key,
}

impl MacKey {
    /// The key `id`, made of `secret`, active from `activates_at` until a later one is.
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

/// All keys under which refresh tokens are accepted; never empty.
#[derive(Clone, Debug)]
pub struct MacKeys(ActivationOrder<MacKey>);

impl MacKeys {
    /// Takes the keys in any order; `None` if there is no key.
    pub fn new(keys: Vec<MacKey>) -> Option<Self> {
        let keys = keys.into_iter().map(|key| (key.activates_at, key));
        ActivationOrder::new(keys).map(Self)
    }

    /// The key with this id, if there still is one.
    fn by_id(&self, id: u8) -> Option<&MacKey> {
        self.0.iter().find(|key| key.id == id)
    }
}

/// Why a text is not a refresh token of ours. The caller learns none of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RefreshTokenError {
    /// Not of the form of a refresh token, or of a version that is not known.
    #[error("not of the form of a refresh token")]
    Malformed,
    /// Made with a key that is not among ours.
    #[error("made with an unknown key")]
    UnknownKey,
    /// Forged or damaged.
    #[error("the tag is wrong")]
    WrongTag,
}

const PREFIX: &str = "sgr_";
const VERSION: u8 = 1;
const SIGNED_BYTES: usize = 1 + 1 + 16 + 16 + 4;
const TAG_BYTES: usize = 16;
const TOKEN_BYTES: usize = SIGNED_BYTES + TAG_BYTES;
const SESSION_ID_LABEL: &[u8] = b"signet sid v1";

#[cfg(test)]
mod tests;
